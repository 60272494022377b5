import { Command, type CommandClass, type Definition } from 'clipanion';
import type { S3Context } from '../checked-command.ts';

const introduction = `usage: s3 [-h] [-c CONFIG] [-v] [-b BUCKET] COMMAND ...

Commands operate on the default bucket unless the --bucket option is used.
`;

const options = `
options:
  -h, --help            show this help message; after a command, the help of that command
  -c, --config CONFIG   the configuration file to use; default: s3.yaml in the current directory, or, where there is
                        none, the environment variables AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and so on
  -v, --verbose         show what was done
  -b, --bucket BUCKET   use BUCKET instead of the default bucket
  --version             show the version

exit status: 0 done, 1 the operation failed, 2 the command or the configuration is wrong, 3 done, but some files were
skipped, 4 not found, 129 hung up, 130 interrupted, 143 terminated; get, put, delete, list and the like end with 1
where something is not there
`;

export class HelpCommand extends Command<S3Context> {
  static override paths = [['-h'], ['--help']];

  override async execute(): Promise<void> {
    this.context.stdout.write(`${introduction}\ncommands:\n${linesOf(this.cli.definitions())}${options}`);
  }
}

/** The help of a word that others follow, such as `tag`. */
export function helpOfGroup(word: string): CommandClass<S3Context> {
  return class extends Command<S3Context> {
    static override paths = [
      [word, '-h'],
      [word, '--help'],
    ];

    override async execute(): Promise<void> {
      const definitions = this.cli.definitions();
      const examples = definitions
        .flatMap((definition) => definition.examples ?? [])
        .map(([description, example]) => `  ${description.trim()}\n      ${example.trim()}\n`);
      const one = `s3 ${word} ${definitions[0]?.path.split(' ').at(-1)} --help`;
      this.context.stdout.write(
        `usage: s3 ${word} COMMAND ...\n\ncommands:\n${linesOf(definitions)}\nexamples:\n${examples.join('')}\nThe options of each: ${one}\n`,
      );
    }
  };
}

/** Those that are told of, each with what it is for. */
function linesOf(definitions: readonly Definition[]): string {
  return definitions
    .filter(({ description }) => description !== undefined)
    .map(({ usage, description = '' }) => `  ${positionals(usage)}\n      ${description.trim()}\n`)
    .join('');
}

/** A command's usage with its positional arguments only; the options that all have are said once. */
export function positionals(usage: string): string {
  return usage.replace(/^s3 /, '').replace(/ \[-[^\]]*\]| \[--?[^\]]*\]/g, '');
}
