import type { Storage } from '@s3kit/core';
import { Command, Option } from 'clipanion';
import { headerOption, parseHeaders, S3Command } from '../s3-command.ts';

export class UpdateMetadataCommand extends S3Command {
  static override paths = [['update-metadata']];
  static override usage = Command.Usage({
    description: 'Replace the metadata of a file in S3',
    details:
      'The file keeps all else: its content type, storage class, tags and so on, unless --header gives another.',
    examples: [
      ['One label in place of all before', 's3 update-metadata may.txt --header "x-amz-meta-state: done"'],
    ],
  });

  headers = headerOption();
  updateFile = Option.String({ name: 'update_file' });

  override async run(storage: Storage): Promise<number> {
    await storage.updateMetadata(this.updateFile, parseHeaders(this.headers), {
      signal: this.context.signal,
    });
    await this.tell(`${this.updateFile} updated`);
    return 0;
  }
}
