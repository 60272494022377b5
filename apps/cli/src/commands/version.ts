import { Command } from 'clipanion';
import type { S3Context } from '../checked-command.ts';

// Not the one that clipanion has: that takes -v, which is --verbose here.
export class VersionCommand extends Command<S3Context> {
  static override paths = [['--version']];

  override async execute(): Promise<void> {
    this.context.stdout.write(`${this.cli.binaryVersion ?? ''}\n`);
  }
}
