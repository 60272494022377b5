import { Command, Option } from 'clipanion';
import { ask } from '../ask.ts';
import { connectionOptions, outputOptions } from '../option-table.ts';
import { options } from '../options.ts';
import { uriOf } from '../s3-uri.ts';
import { ServiceCommand } from '../service-command.ts';

abstract class AclCommand extends ServiceCommand {
  given = options(...connectionOptions, ...outputOptions, 'literal', 'version-id');
  uri = Option.String({ name: 'uri' });

  async request(
    method: 'GET' | 'PUT',
    headers: Readonly<Record<string, string>> = {},
  ): Promise<{ name: string; body: string }> {
    const storage = await this.open();
    const location = this.locateRemote(this.uri, storage);
    const { bucket, key } = location.key === '' ? location : this.locateObject(this.uri, storage);
    const versionId = this.given['version-id'];
    const query = { acl: '', ...(versionId === undefined ? {} : { versionId }) };
    const target = key === '' ? { bucket } : { bucket, key };
    const operation = `${method === 'GET' ? 'Get' : 'Put'}${key === '' ? 'Bucket' : 'Object'}Acl`;
    const { body } = await ask(storage, operation, {
      ...target,
      method,
      query,
      headers,
      signal: this.signal,
    });
    return { name: uriOf(bucket, key), body };
  }
}

class AclGetCommand extends AclCommand {
  static override paths = [['acl', 'get']];
  static override usage = Command.Usage({
    description: 'Show who may do what with an object or a bucket',
    examples: [['Of an object', 's3 acl get s3://my-bucket/a.txt']],
  });

  override async run(): Promise<undefined> {
    const { name, body } = await this.request('GET');
    await this.output.result({ type: 'text', name, size: null, document: body }, body);
  }
}

class AclSetCommand extends AclCommand {
  static override paths = [['acl', 'set']];
  static override usage = Command.Usage({
    description: 'Set who may do what, by one of the ready-made ACLs of S3',
    examples: [['For all to read', 's3 acl set s3://my-bucket/a.txt public-read']],
  });
  acl = Option.String({ name: 'acl' });

  override async run(): Promise<undefined> {
    const { name } = await this.request('PUT', { 'x-amz-acl': this.acl });
    await this.output.done({ type: 'object', name, size: null }, `acl: ${name} ${this.acl}`);
  }
}

export const aclCommands = [AclGetCommand, AclSetCommand];
