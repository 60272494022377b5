import type { Storage } from '@s3kit/core';
import { Command, Option, UsageError } from 'clipanion';
import { S3Command } from '../s3-command.ts';

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
      ['Under another name', 's3 get reports/may.txt /tmp/report.txt'],
    ],
  });

  remoteSource = Option.String({ name: 'remote_src' });
  localDestination = Option.String({ name: 'local_dst', required: false });

  override async run(storage: Storage): Promise<number> {
    const destination = this.localDestination ?? localNameOf(this.remoteSource);
    await storage.read(this.remoteSource, destination, { signal: this.context.signal });
    this.tell(`${this.remoteSource} -> ${destination}`);
    return 0;
  }
}

/**
 * The last part of a remote name, which is the name of a file here and nowhere else.
 *
 * The name comes from the other side: whatever it holds, it must not lead out of the directory.
 */
export function localNameOf(remoteName: string, platform: NodeJS.Platform = process.platform): string {
  const name = remoteName.split(platform === 'win32' ? /[/\\:]/ : '/').at(-1) ?? '';
  if (name === '' || name === '.' || name === '..' || name.includes('\0')) {
    throw new UsageError(
      `${JSON.stringify(remoteName)} gives no name for a local file; name one: s3 get remote_src local_dst`,
    );
  }
  return name;
}
