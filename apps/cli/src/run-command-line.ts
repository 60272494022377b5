import { Cli, type CommandClass, UsageError } from 'clipanion';
import { reportError, type S3Context } from './checked-command.ts';
import { closest } from './closest.ts';
import { commandTable, commandWordIn } from './command-table.ts';
import { HelpCommand } from './commands/help.ts';
import { S3Cli } from './s3-cli.ts';

/**
 * Runs a command line.
 *
 * @param commands - the commands that its first word means; none where it means none
 * @returns the exit status
 */
export async function runCommandLine(
  argv: readonly string[],
  commands: readonly CommandClass<S3Context>[],
  version: string,
  signal: AbortSignal,
): Promise<number> {
  const cli = new S3Cli(version);
  const context = { ...Cli.defaultContext, signal };
  try {
    const word = commandWordIn(argv);
    if (commands.length === 0 && word !== undefined) throw unknownCommand(argv, word);
    for (const command of commands) cli.register(command);
    if (commands.length === 0) {
      const all = await Promise.all(Object.values(commandTable).map((load) => load()));
      for (const command of new Set(all.flat())) cli.register(command);
      cli.register(HelpCommand);
    }
    const command = cli.process(argv.length === 0 ? ['--help'] : [...argv], context);
    return await cli.run(command, context);
  } catch (error) {
    return reportError(suggested(error, cli, argv), context);
  }
}

function unknownCommand(argv: readonly string[], word: string): UsageError {
  const meant = word === 'help' ? '--help' : closest(word, Object.keys(commandTable));
  const hint = meant === undefined ? '' : `; did you mean s3 ${meant}?`;
  return new UsageError(`this is not a command of s3: ${argv.join(' ')}${hint}`);
}

/** The same error, with the option that was probably meant. */
function suggested(error: unknown, cli: Cli<S3Context>, argv: readonly string[]): unknown {
  if (!(error instanceof Error && 'clipanion' in error)) return error;
  const known = cli
    .definitions()
    .flatMap(({ options }) =>
      options.flatMap(({ definition }) => definition.split(' ')[0]?.split(',') ?? []),
    );
  const wrong = argv
    .map((word) => word.split('=')[0] ?? '')
    .find((word) => word.startsWith('--') && word !== '--help' && !known.includes(word) && word.length > 2);
  if (wrong === undefined) return error;
  const meant = closest(wrong, known);
  return new UsageError(
    `there is no option ${wrong} here${meant === undefined ? '' : `; did you mean ${meant}?`}`,
  );
}
