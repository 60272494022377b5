import { S3Name, S3Upload } from '@s3kit/core';
import { Command, Option, UsageError } from 'clipanion';
import { connectionOptions, outputOptions } from '../option-table.ts';
import { options } from '../options.ts';
import { localTime, parseSeconds } from '../quantities.ts';
import { uriOf } from '../s3-uri.ts';
import { ServiceCommand } from '../service-command.ts';

abstract class UploadsCommand extends ServiceCommand {
  given = options(...connectionOptions, ...outputOptions, 'literal', 'dry-run');
  olderThan = Option.String('--older-than', {
    description: 'only those begun so long ago: 90s, 15m, 12h, 7d',
  });
  uri = Option.String({ name: 'uri' });

  abstract handle(upload: S3Upload, bucket: string, abort: () => Promise<unknown>): Promise<void>;

  override async run(): Promise<undefined> {
    const storage = await this.open();
    const { bucket, key: prefix } = this.withoutWildcard(
      this.locateRemote(this.uri, storage, true),
      this.uri,
    );
    const age = this.olderThan === undefined ? 0 : parseSeconds(this.olderThan);
    if (age === undefined)
      throw new UsageError(`--older-than is a time such as 12h or 7d, not ${this.olderThan}`);
    const latest = Date.now() - age * 1000;
    const { signal } = this;
    for await (const upload of storage.bucketListUploads(bucket, { prefix, signal })) {
      if (!(upload instanceof S3Upload)) continue;
      if (this.olderThan !== undefined && upload.initiatedAt.getTime() > latest) continue;
      const { key, uploadId } = upload;
      await this.handle(upload, bucket, () =>
        storage.uploadAbort(new S3Name(key, bucket), uploadId, { signal }),
      );
    }
  }
}

class UploadsListCommand extends UploadsCommand {
  static override paths = [
    ['uploads', 'list'],
    ['uploads', 'ls'],
  ];
  static override usage = Command.Usage({
    description: 'List uploads that were begun and never ended: S3 bills their parts',
    examples: [['Of a bucket', 's3 uploads list s3://my-bucket']],
  });

  override async handle({ key, uploadId, initiatedAt }: S3Upload, bucket: string): Promise<void> {
    const name = uriOf(bucket, key);
    await this.output.result(
      { type: 'upload', name, size: null, modified: initiatedAt.toISOString(), uploadId },
      `${localTime(initiatedAt)} ${uploadId} ${name}`,
    );
  }
}

class UploadsAbortCommand extends UploadsCommand {
  static override paths = [['uploads', 'abort']];
  static override usage = Command.Usage({
    description: 'Abort uploads that were begun and never ended',
    examples: [['Those of more than a week ago', 's3 uploads abort --older-than 7d s3://my-bucket']],
  });

  override async handle(
    { key, uploadId }: S3Upload,
    bucket: string,
    abort: () => Promise<unknown>,
  ): Promise<void> {
    const name = uriOf(bucket, key);
    const isPlanned = this.given['dry-run'];
    if (!isPlanned) await abort();
    await this.output.done(
      { type: 'upload', name, size: null, uploadId, status: isPlanned ? 'planned' : 'ok' },
      `abort: ${name} ${uploadId}`,
    );
  }
}

export const uploadsCommands = [UploadsListCommand, UploadsAbortCommand];
