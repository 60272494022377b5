import type { Storage } from '@s3kit/core';
import { Command, Option } from 'clipanion';
import { S3Command } from '../s3-command.ts';

export class DeleteBucketCommand extends S3Command {
  static override paths = [['delete-bucket']];
  static override usage = Command.Usage({
    description: 'Delete a bucket',
    details: 'The default bucket_name is the default bucket. The bucket must be empty.',
    examples: [['By its name', 's3 delete-bucket com-example-reports']],
  });

  bucketName = Option.String({ name: 'bucket_name', required: false });

  override async run(storage: Storage): Promise<number> {
    const bucket = this.bucketOr(storage, this.bucketName);
    await storage.bucketDelete(bucket, { signal: this.context.signal });
    await this.tell(`${bucket} deleted`);
    return 0;
  }
}
