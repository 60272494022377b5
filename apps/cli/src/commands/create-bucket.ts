import type { Storage } from '@s3kit/core';
import { Command, Option } from 'clipanion';
import { S3Command } from '../s3-command.ts';

export class CreateBucketCommand extends S3Command {
  static override paths = [['create-bucket']];
  static override usage = Command.Usage({
    description: 'Create a bucket',
    details: 'The default bucket_name is the default bucket.',
    examples: [['In the region of the configuration', 's3 create-bucket com-example-reports']],
  });

  bucketName = Option.String({ name: 'bucket_name', required: false });

  override async run(storage: Storage): Promise<number> {
    const bucket = this.bucketOr(storage, this.bucketName);
    await storage.bucketCreate(bucket, { signal: this.context.signal });
    await this.tell(`${bucket} created`);
    return 0;
  }
}
