import type { Storage } from '@s3kit/core';
import { Command, Option } from 'clipanion';
import { S3Command } from '../s3-command.ts';

export class DeleteCommand extends S3Command {
  static override paths = [['delete']];
  static override usage = Command.Usage({
    description: 'Delete a file from S3',
    examples: [['From another bucket', 's3 --bucket my-other-bucket delete may.txt']],
  });

  deleteFile = Option.String({ name: 'delete_file' });

  override async run(storage: Storage): Promise<number> {
    await storage.delete(this.deleteFile, { signal: this.context.signal });
    await this.tell(`${this.deleteFile} deleted`);
    return 0;
  }
}
