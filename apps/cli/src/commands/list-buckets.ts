import type { Storage } from '@s3kit/core';
import { Command, Option } from 'clipanion';
import { S3Command } from '../s3-command.ts';

export class ListBucketsCommand extends S3Command {
  static override paths = [['list-buckets']];
  static override usage = Command.Usage({
    description: 'List all buckets or list a single bucket',
    details:
      'With --verbose, each bucket has its creation date before its name. For a bucket that does not exist, NOT FOUND is printed.',
    examples: [['All buckets', 's3 list-buckets']],
  });

  bucketName = Option.String({ name: 'bucket_name', required: false });

  override async run(storage: Storage): Promise<number> {
    let found = false;
    for await (const { name, creationDate } of storage.bucketList({ signal: this.context.signal })) {
      if (this.bucketName !== undefined && name !== this.bucketName) continue;
      found = true;
      await this.print(this.verbose ? `${creationDate} ${name}` : name);
    }
    if (this.bucketName === undefined || found) return 0;
    await this.print(`${this.bucketName} NOT FOUND`);
    return 1;
  }
}
