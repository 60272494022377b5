import { S3Name, S3Upload } from '@s3kit/core';
import { Command, Option, UsageError } from 'clipanion';
import { connectionOptions, outputOptions } from '../option-table.ts';
import { options } from '../options.ts';
import { localTime, parseSeconds } from '../quantities.ts';
import { folderPrefix, uriOf } from '../s3-uri.ts';
import { ServiceCommand } from '../service-command.ts';

const details =
  'Of a bucket, all; of a key, those of that one object, unless it ends in a slash, or with --recursive: then those of all below.';

abstract class UploadsCommand extends ServiceCommand {
  given = options(...connectionOptions, ...outputOptions, 'literal', 'recursive', 'dry-run');
  olderThan = Option.String('--older-than', {
    description: 'only those begun so long ago: 90s, 15m, 12h, 7d',
  });
  uri = Option.String({ name: 'uri' });

  abstract handle(upload: S3Upload, bucket: string, abort: () => Promise<unknown>): Promise<void>;

  override async run(): Promise<undefined> {
    const storage = await this.open();
    const { bucket, key } = this.withoutWildcard(this.locateRemote(this.uri, storage, true), this.uri);
    const age = this.olderThan === undefined ? 0 : parseSeconds(this.olderThan);
    if (age === undefined)
      throw new UsageError(`--older-than is a time such as 12h or 7d, not ${this.olderThan}`);
    const latest = Date.now() - age * 1000;
    const { signal } = this;
    const isFolder = this.given.recursive || key === '' || key.endsWith('/');
    const prefix = isFolder ? folderPrefix(key) : key;
    for await (const upload of storage.bucketListUploads(bucket, { prefix, signal })) {
      if (!(upload instanceof S3Upload) || (!isFolder && upload.key !== key)) continue;
      if (this.olderThan !== undefined && upload.initiatedAt.getTime() > latest) continue;
      await this.handle(upload, bucket, () =>
        storage.uploadAbort(new S3Name(upload.key, bucket), upload.uploadId, { signal }),
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
    details,
    examples: [
      ['Of a bucket', 's3 uploads list s3://my-bucket'],
      ['All below a folder', 's3 uploads list s3://my-bucket/logs/'],
    ],
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
    details,
    examples: [
      ['Those of more than a week ago', 's3 uploads abort --older-than 7d s3://my-bucket'],
      ['Those of one object', 's3 uploads abort s3://my-bucket/backup.tar'],
    ],
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
