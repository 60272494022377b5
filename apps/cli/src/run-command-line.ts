import { Cli, type CommandClass, type Definition, UsageError } from 'clipanion';
import { isUsage, lineOf, reportError, type S3Context } from './checked-command.ts';
import { closest } from './closest.ts';
import { commandTable, commandWordIn } from './command-table.ts';
import { HelpCommand, helpOfGroup, positionals } from './commands/help.ts';
import { exitStatus } from './exit-status.ts';
import { Output } from './output.ts';
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
    if (word !== undefined && isGroup(commands)) cli.register(helpOfGroup(word));
    if (commands.length === 0) {
      const all = await Promise.all(Object.values(commandTable).map((load) => load()));
      for (const command of new Set(all.flat())) cli.register(command);
      cli.register(HelpCommand);
    }
    const command = cli.process(argv.length === 0 ? ['--help'] : [...argv], context);
    return await cli.run(command, context);
  } catch (error) {
    const told = suggested(error, cli, commands, argv);
    if (!isUsage(told) || !wantsJson(argv, cli.definitions())) return reportError(told, context);
    new Output(operationOf(commands, argv), context, { json: true, verbose: false, quiet: false }).refuse(
      lineOf(told),
      told,
    );
    return exitStatus.usage;
  }
}

/** Whether failures are to be objects, where the words could not be read as a command's: it has the option, and it is given. */
function wantsJson(argv: readonly string[], definitions: readonly Definition[]): boolean {
  const end = argv.indexOf('--');
  const isGiven = (end < 0 ? argv : argv.slice(0, end)).includes('--json');
  return (
    isGiven && definitions.some(({ options }) => options.some((one) => /\B--json\b/.test(one.definition)))
  );
}

function unknownCommand(argv: readonly string[], word: string): UsageError {
  const meant = word === 'help' ? '--help' : closest(word, Object.keys(commandTable));
  const hint = meant === undefined ? '' : `; did you mean s3 ${meant}?`;
  return new UsageError(`this is not a command of s3: ${argv.join(' ')}${hint}`);
}

/** The words that name the command, as an object tells of them. */
function operationOf(commands: readonly CommandClass<S3Context>[], argv: readonly string[]): string {
  const word = commandWordIn(argv) ?? '';
  const next = argv[argv.indexOf(word) + 1];
  const isPath = commands.some(({ paths = [] }) =>
    paths.some(([, second]) => second !== undefined && second === next),
  );
  return isPath ? `${word} ${next}` : word;
}

/** Whether another word has to follow a command's first, as in `tag get`. */
function isGroup(commands: readonly CommandClass<S3Context>[]): boolean {
  return commands.some(({ paths = [] }) => paths.some((path) => path.length > 1));
}

/** The same error, with what was probably meant. */
function suggested(
  error: unknown,
  cli: Cli<S3Context>,
  commands: readonly CommandClass<S3Context>[],
  argv: readonly string[],
): unknown {
  if (!(error instanceof Error && 'clipanion' in error)) return error;
  return wrongOption(cli.definitions(), argv) ?? wrongArguments(error, cli, commands, argv) ?? error;
}

function wrongOption(definitions: readonly Definition[], argv: readonly string[]): UsageError | undefined {
  const known = definitions.flatMap(({ options }) =>
    options.flatMap(({ definition }) => definition.split(' ')[0]?.split(',') ?? []),
  );
  const wrong = argv
    .map((word) => word.split('=')[0] ?? '')
    .find((word) => word.startsWith('--') && word !== '--help' && !known.includes(word) && word.length > 2);
  if (wrong === undefined) return undefined;
  const meant = closest(wrong, known);
  return new UsageError(
    `there is no option ${wrong} here${meant === undefined ? '' : `; did you mean ${meant}?`}`,
  );
}

/** What the command takes, where clipanion only says that this is too little, or nothing that it knows. */
function wrongArguments(
  error: Error,
  cli: Cli<S3Context>,
  commands: readonly CommandClass<S3Context>[],
  argv: readonly string[],
): UsageError | undefined {
  const word = commandWordIn(argv);
  if (word === undefined) return new UsageError(`there is no command in: ${argv.join(' ')}`);
  // Where there are several commands that it considered, clipanion goes on with the usage of each.
  const [problem = ''] = error.message.trim().split('\n');
  if (!/^(?:Not enough|Extraneous) positional|:$/.test(problem)) return undefined;
  const given = argv.slice(argv.indexOf(word) + 1);
  const [first = ''] = given;
  const meant = commands.find(({ paths = [] }) => paths.some(([, second = first]) => second === first));
  if (meant === undefined) {
    const following = commands.flatMap(({ paths = [] }) => paths[0]?.slice(1) ?? []);
    const near = closest(first, following);
    const hint = near === undefined ? '' : `; did you mean s3 ${word} ${near}?`;
    return new UsageError(
      `${word} is followed by ${following.join(', ').replace(/, ([^,]*)$/, ' or $1')}${hint}`,
    );
  }
  const usage = cli.usage(meant, { colored: false, prefix: '' }).trim();
  const wrong = problem.startsWith('Not enough')
    ? 'too few arguments'
    : `these are not its arguments: ${given.join(' ')}`;
  return new UsageError(`${meant.paths?.[0]?.join(' ')}: ${wrong}; usage: s3 ${positionals(usage)}`);
}
