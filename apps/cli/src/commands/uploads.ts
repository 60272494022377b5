import { Command, Option, UsageError } from 'clipanion';
import { ask } from '../ask.ts';
import { connectionOptions, outputOptions } from '../option-table.ts';
import { options } from '../options.ts';
import { localTime, parseSeconds } from '../quantities.ts';
import { uriOf } from '../s3-uri.ts';
import { ServiceCommand } from '../service-command.ts';
import { listUploads, type Upload } from '../upload-listing.ts';

abstract class UploadsCommand extends ServiceCommand {
  given = options(...connectionOptions, ...outputOptions, 'literal', 'dry-run');
  olderThan = Option.String('--older-than', {
    description: 'only those begun so long ago: 90s, 15m, 12h, 7d',
  });
  uri = Option.String({ name: 'uri' });

  abstract handle(upload: Upload, bucket: string, abort: () => Promise<unknown>): Promise<void>;

  override async run(): Promise<undefined> {
    const storage = await this.open();
    const { bucket, key: prefix } = this.locateRemote(this.uri, storage, true);
    const age = this.olderThan === undefined ? 0 : parseSeconds(this.olderThan);
    if (age === undefined)
      throw new UsageError(`--older-than is a time such as 12h or 7d, not ${this.olderThan}`);
    const latest = Date.now() - age * 1000;
    const { signal } = this;
    for await (const upload of listUploads(storage, bucket, prefix, signal)) {
      if (this.olderThan !== undefined && upload.initiated.getTime() > latest) continue;
      const { key, uploadId } = upload;
      await this.handle(upload, bucket, () =>
        ask(storage, 'AbortMultipartUpload', { method: 'DELETE', bucket, key, query: { uploadId }, signal }),
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

  override async handle({ key, uploadId, initiated }: Upload, bucket: string): Promise<void> {
    const name = uriOf(bucket, key);
    await this.output.result(
      { type: 'upload', name, size: null, modified: initiated.toISOString(), uploadId },
      `${localTime(initiated)} ${uploadId} ${name}`,
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
    { key, uploadId }: Upload,
    bucket: string,
    abort: () => Promise<unknown>,
  ): Promise<void> {
    const name = uriOf(bucket, key);
    const isPlanned = this.given['dry-run'];
    if (!isPlanned) await abort();
    await this.output.done(
      { type: 'upload', name, size: null, uploadId, status: isPlanned ? 'planned' : 'ok' },
      `${isPlanned ? '(dry run) ' : ''}abort: ${name} ${uploadId}`,
    );
  }
}

export const uploadsCommands = [UploadsListCommand, UploadsAbortCommand];
