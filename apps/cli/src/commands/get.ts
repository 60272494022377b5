import type { Storage } from '@s3kit/core';
import { Command, Option, UsageError } from 'clipanion';
import { localNameOf } from '../local-name.ts';
import { resumeOption, S3Command } from '../s3-command.ts';

export class GetCommand extends S3Command {
  static override paths = [['get']];
  static override usage = Command.Usage({
    description: 'Get a file from S3',
    details: `
      The file takes its place only when it is whole. Without local_dst, it gets the last part of its remote name, in
      the current directory.
    `,
    examples: [
      ['Into the current directory', 's3 get reports/may.txt'],
      ['A large one, so that it can go on after a failure', 's3 get --resume backup.tar'],
      ['Under another name', 's3 get reports/may.txt /tmp/report.txt'],
    ],
  });

  resume = resumeOption();
  remoteSource = Option.String({ name: 'remote_src' });
  localDestination = Option.String({ name: 'local_dst', required: false });

  override async run(storage: Storage): Promise<number> {
    const destination = this.localDestination ?? localNameOf(this.remoteSource);
    if (destination === undefined) {
      throw new UsageError(
        `${JSON.stringify(this.remoteSource)} gives no name for a local file: name one after it`,
      );
    }
    await storage.read(this.remoteSource, destination, {
      journal: this.resume,
      signal: this.context.signal,
    });
    await this.tell(`${this.remoteSource} -> ${destination}`);
    return 0;
  }
}
