import { S3Name, type Storage } from '@s3kit/core';
import { Command, Option } from 'clipanion';
import { ask } from '../ask.ts';
import { connectionOptions, outputOptions } from '../option-table.ts';
import { options } from '../options.ts';
import { uriOf } from '../s3-uri.ts';
import { ServiceCommand } from '../service-command.ts';
import { listUploads } from '../upload-listing.ts';
import { listVersions } from '../version-listing.ts';

export class RbCommand extends ServiceCommand {
  static override paths = [['rb']];
  static override usage = Command.Usage({
    description: 'Remove buckets',
    details:
      'A bucket has to be empty. With --force it is emptied: of all versions, markers and unfinished uploads.',
    examples: [
      ['An empty one', 's3 rb s3://com-example-reports'],
      ['With all that is in it', 's3 rb --force s3://com-example-reports'],
    ],
  });

  force = Option.Boolean('--force', false, {
    description: 'delete all that is in it first, every version of it',
  });
  given = options(...connectionOptions, ...outputOptions);
  uris = Option.Rest({ name: 'uri', required: 1 });

  override async run(): Promise<undefined> {
    const storage = await this.open();
    for (const uri of this.uris) {
      const { bucket } = this.locateRemote(uri, storage, true);
      if (this.force) await this.#empty(storage, bucket);
      await storage.bucketDelete(bucket, { signal: this.signal });
      await this.output.done({ type: 'bucket', name: uriOf(bucket), size: null }, `remove_bucket: ${bucket}`);
    }
  }

  async #empty(storage: Storage, bucket: string): Promise<void> {
    const { signal } = this;
    for await (const { key, uploadId } of listUploads(storage, bucket, '', signal))
      await ask(storage, 'AbortMultipartUpload', {
        method: 'DELETE',
        bucket,
        key,
        query: { uploadId },
        signal,
      });
    async function* current(): AsyncGenerator<S3Name> {
      for await (const entry of storage.bucketListKeys(bucket, { signal }))
        if (typeof entry !== 'string') yield new S3Name(entry.key, bucket);
    }
    // A thousand in a request; where versions are kept, this only puts markers on top, which go below with the versions.
    for await (const { name, error } of storage.deleteMany(current(), { signal }))
      if (error !== undefined) this.output.fail(error, uriOf(bucket, name.key));
    for await (const { key, versionId } of listVersions(storage, bucket, '', signal))
      await ask(storage, 'DeleteObject', { method: 'DELETE', bucket, key, query: { versionId }, signal });
  }
}
