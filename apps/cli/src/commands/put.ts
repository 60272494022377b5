import { basename } from 'node:path';
import type { Storage } from '@s3kit/core';
import { Command, Option } from 'clipanion';
import { headerOption, parseHeaders, resumeOption, S3Command } from '../s3-command.ts';

export class PutCommand extends S3Command {
  static override paths = [['put']];
  static override usage = Command.Usage({
    description: 'Put a file to S3',
    details: 'Without remote_dst, it gets the last part of its local name.',
    examples: [
      ['Under its own name', 's3 put may.txt'],
      ['A large one, so that it can go on after a failure', 's3 put --resume backup.tar'],
      ['With metadata', 's3 put may.txt reports/may.txt --header "x-amz-meta-state: new"'],
    ],
  });

  headers = headerOption();
  resume = resumeOption();
  localSource = Option.String({ name: 'local_src' });
  remoteDestination = Option.String({ name: 'remote_dst', required: false });

  override async run(storage: Storage): Promise<number> {
    const destination = this.remoteDestination ?? basename(this.localSource);
    await storage.write(this.localSource, destination, {
      headers: parseHeaders(this.headers),
      journal: this.resume,
      signal: this.context.signal,
    });
    await this.tell(`${this.localSource} -> ${destination}`);
    return 0;
  }
}
