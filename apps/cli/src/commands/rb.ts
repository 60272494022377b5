import { isStorageError, S3Name, type Storage } from '@s3kit/core';
import { Command, Option } from 'clipanion';
import { connectionOptions, outputOptions } from '../option-table.ts';
import { options } from '../options.ts';
import { uriOf } from '../s3-uri.ts';
import { ServiceCommand } from '../service-command.ts';
import { deleteVersions, versionsBelow } from '../versions.ts';

// Milliseconds: whatever the service's clock says, an upload was begun before that.
const anyClock = 7 * 24 * 60 * 60 * 1000;

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
    await this.each(this.uris, async (uri) => {
      const bucket = this.locateBucket(uri, storage);
      if (this.force) await this.#empty(storage, bucket);
      await storage.bucketDelete(bucket, { signal: this.signal });
      await this.output.done({ type: 'bucket', name: uriOf(bucket), size: null }, `remove_bucket: ${bucket}`);
    });
  }

  async #empty(storage: Storage, bucket: string): Promise<void> {
    const { signal } = this;
    const everything = { olderThan: new Date(Date.now() + anyClock), signal };
    for await (const { key, uploadId } of storage.abortUploads(bucket, everything))
      this.output.note(`aborted the upload ${uploadId} of ${uriOf(bucket, key)}`);
    const versions = versionsBelow(storage, bucket, '', signal);
    try {
      for await (const { version, error } of deleteVersions(storage, bucket, versions, { signal }))
        if (error !== undefined) this.output.fail(error, uriOf(bucket, version.key));
    } catch (error) {
      // A service that keeps no versions, and has no list of them.
      if (!isStorageError(error) || error.code !== 'NotImplemented') throw error;
      await this.#deleteKeys(storage, bucket);
    }
  }

  async #deleteKeys(storage: Storage, bucket: string): Promise<void> {
    const { signal } = this;
    async function* keys(): AsyncGenerator<S3Name> {
      for await (const entry of storage.bucketListKeys(bucket, { signal }))
        if (typeof entry !== 'string') yield new S3Name(entry.key, bucket);
    }
    for await (const { name, error } of storage.deleteMany(keys(), { signal }))
      if (error !== undefined) this.output.fail(error, uriOf(bucket, name.key));
  }
}
