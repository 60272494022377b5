import type { Storage } from '@s3kit/core';
import { Command, Option } from 'clipanion';
import { headerOption, parseHeaders, S3Command } from '../s3-command.ts';

export class CopyCommand extends S3Command {
  static override paths = [['copy']];
  static override usage = Command.Usage({
    description: 'Copy a file within S3',
    details: 'The copy has the metadata that is given by --header, or else the metadata of the source.',
    examples: [['Within the default bucket', 's3 copy may.txt archive/may.txt']],
  });

  headers = headerOption();
  remoteSource = Option.String({ name: 'remote_src' });
  remoteDestination = Option.String({ name: 'remote_dst' });

  override async run(storage: Storage): Promise<number> {
    await storage.copy(this.remoteSource, this.remoteDestination, {
      headers: parseHeaders(this.headers),
      signal: this.context.signal,
    });
    await this.tell(`${this.remoteSource} -> ${this.remoteDestination}`);
    return 0;
  }
}
