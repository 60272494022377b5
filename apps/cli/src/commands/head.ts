import { S3Name, type Storage } from '@s3kit/core';
import { Command, Option } from 'clipanion';
import { connectionOptions, outputOptions } from '../option-table.ts';
import { options } from '../options.ts';
import { shownBytes } from '../quantities.ts';
import { uriOf } from '../s3-uri.ts';
import { ServiceCommand } from '../service-command.ts';

// What tells of the request, and not of the object.
const passing =
  /^(?:date|server|connection|keep-alive|x-amz-request-id|x-amz-id-2|content-length|last-modified|etag|accept-ranges|vary)$/;

export class HeadCommand extends ServiceCommand {
  static override paths = [['head'], ['stat']];
  static override usage = Command.Usage({
    description: 'Tell what S3 knows of an object, or whether a bucket is there',
    examples: [
      ['An object', 's3 head s3://my-bucket/a.txt'],
      ['For a program', 's3 head --json s3://my-bucket/a.txt'],
      ['An old version', 's3 head --version-id ID s3://my-bucket/a.txt'],
    ],
  });

  given = options(...connectionOptions, ...outputOptions, 'literal', 'version-id', 'human-readable');
  uris = Option.Rest({ name: 'uri', required: 1 });

  override async run(): Promise<undefined> {
    const storage = await this.open();
    const { output } = this;
    await this.each(this.uris, async (uri) => {
      const { bucket, key } = this.locateObjectOrBucket(uri, storage);
      const isBucket = key === '';
      const name = uriOf(bucket, key);
      const headers = await this.#headers(storage, bucket, key);
      const others = Object.fromEntries(Object.entries(headers).filter(([header]) => !passing.test(header)));
      const { 'content-length': length, 'last-modified': modified, etag } = headers;
      const size = isBucket || length === undefined ? null : Number(length);
      const facts = {
        ...(size === null ? {} : { size }),
        ...(modified === undefined ? {} : { modified: new Date(modified).toISOString() }),
        ...(etag === undefined ? {} : { eTag: etag }),
      };
      const shown = size === null ? {} : { size: shownBytes(size, this.given['human-readable']) };
      const lines = Object.entries({ ...facts, ...shown, ...others }).map(
        ([header, value]) => `  ${`${header}:`.padEnd(24)} ${String(value)}`,
      );
      await output.result(
        { ...facts, type: isBucket ? 'bucket' : 'object', name, size, headers: others },
        name,
        ...lines,
      );
    });
  }

  async #headers(storage: Storage, bucket: string, key: string): Promise<Readonly<Record<string, string>>> {
    const { signal } = this;
    if (key === '') return (await storage.request({ method: 'HEAD', bucket, signal })).headers;
    const versionId = this.given['version-id'];
    const { response } = await storage.head(new S3Name(key, bucket), { versionId, signal }).withResponse();
    return response?.headers ?? {};
  }
}
