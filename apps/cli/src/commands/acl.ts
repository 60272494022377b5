import { Command, Option, UsageError } from 'clipanion';
import { documentOf } from '../document-input.ts';
import { grantHeaders } from '../headers.ts';
import { SubresourceCommand } from '../subresource-command.ts';

class AclGetCommand extends SubresourceCommand {
  static override paths = [['acl', 'get']];
  static override usage = Command.Usage({
    description: 'Show who may do what with an object or a bucket',
    examples: [['Of an object', 's3 acl get s3://my-bucket/a.txt']],
  });

  override async run(): Promise<undefined> {
    const { signal } = this;
    const storage = await this.open();
    const { name, type, bucket, object, versionId } = this.subject(storage);
    const call =
      object === undefined
        ? storage.bucketGetAcl(bucket, { signal })
        : storage.objectGetAcl(object, { signal, versionId });
    const { response } = await call.withResponse();
    const document = response?.body ?? '';
    await this.output.document({ type, name, size: null, document }, document);
  }
}

class AclSetCommand extends SubresourceCommand {
  static override paths = [['acl', 'set']];
  static override usage = Command.Usage({
    description: 'Set who may do what: by one of the ready-made ACLs of S3, by grants, or by a document',
    details: `
      A document is what s3 acl get shows, from a file or, with -, from standard input. Who is not granted anything has no right
      any more, but the owner.
    `,
    examples: [
      ['For all to read', 's3 acl set s3://my-bucket/a.txt public-read'],
      ['For one other account', 's3 acl set s3://my-bucket/a.txt --grant read=id=CANONICAL-ID'],
      ['As another object has it', 's3 acl get s3://my-bucket/a | s3 acl set s3://my-bucket/b --file -'],
    ],
  });
  acl = Option.String({ name: 'acl', required: false });
  grants = Option.Array('--grant,--grants', {
    description: 'a right, as read=id=ID, full=emailaddress=ADDRESS or read=uri=URI; as often as needed',
  });
  file = Option.String('--file', { description: 'a document, from a file, or from - (standard input)' });

  override async run(): Promise<undefined> {
    const { signal, acl, grants = [], file } = this;
    const ways = [acl !== undefined, grants.length > 0, file !== undefined].filter(Boolean).length;
    if (ways !== 1) throw new UsageError('name one of: an ACL such as public-read, --grant, or --file');
    const headers = { ...(acl === undefined ? {} : { 'x-amz-acl': acl }), ...grantHeaders(grants) };
    const data = file === undefined ? '' : await documentOf(file);
    const storage = await this.open();
    const { name, type, bucket, object, versionId } = this.subject(storage);
    if (object === undefined) await storage.bucketSetAcl(bucket, { data, headers, signal });
    else await storage.objectSetAcl(object, { data, headers, signal, versionId });
    await this.output.done({ type, name, size: null }, `acl: ${name} ${acl ?? ''}`.trimEnd());
  }
}

export const aclCommands = [AclGetCommand, AclSetCommand];
