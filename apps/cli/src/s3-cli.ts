import { type BaseContext, Cli, type Command, type CommandClass } from 'clipanion';
import { withPlainValues } from './aws-values.ts';
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

  /** Parses by the options that the words can mean: the machine that clipanion makes of all takes 6 ms, longer than a request. */
  override process(
    input: string[],
    context: Omit<S3Context, keyof BaseContext> & Partial<BaseContext>,
  ): Command<S3Context> {
    const words = withPlainValues(input);
    const names = new Set(words.flatMap(namesIn));
    const all = [...this.registrations.values()].map(({ builder: { options } }) => ({
      options,
      whole: [...options],
    }));
    for (const { options, whole } of all)
      replace(
        options,
        whole.filter((option) => option.required || option.names.some((name) => names.has(name))),
      );
    try {
      return super.process(words, context);
    } finally {
      // What errors and help tell of.
      for (const { options, whole } of all) replace(options, whole);
    }
  }

  override usage(
    command?: CommandClass<S3Context> | Command<S3Context> | null,
    options?: { colored?: boolean; detailed?: boolean; prefix?: string },
  ): string {
    // It takes the place of the spaces that align what is behind it.
    return super.usage(command, options).replaceAll(/#0 {0,3}/g, 'VALUE');
  }
}

/** The options that a word of the command line can mean: as it is, before its value, and the one that it negates. */
function namesIn(word: string): string[] {
  const [name = ''] = word.split('=', 1);
  return [name, name.replace(/^--no-/, '--')];
}

function replace<T>(list: T[], by: readonly T[]): void {
  list.splice(0, list.length, ...by);
}
