import { Cli, type Command, type CommandClass } from 'clipanion';
import type { S3Context } from './checked-command.ts';

/** Clipanion's command line, with help that is plain text where it is no terminal, and says VALUE where an option takes one. */
export class S3Cli extends Cli<S3Context> {
  constructor(version?: string) {
    const { stdout } = process;
    super({
      binaryName: 's3',
      binaryLabel: 's3',
      ...(version === undefined ? {} : { binaryVersion: version }),
      // A terminal's own answer heeds NO_COLOR.
      enableColors: stdout.isTTY === true && stdout.hasColors(),
    });
  }

  override usage(
    command?: CommandClass<S3Context> | Command<S3Context> | null,
    options?: { colored?: boolean; detailed?: boolean; prefix?: string },
  ): string {
    // It takes the place of the spaces that align what is behind it.
    return super.usage(command, options).replaceAll(/#0 {0,3}/g, 'VALUE');
  }
}
