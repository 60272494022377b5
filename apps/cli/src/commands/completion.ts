import { Command, Option, UsageError } from 'clipanion';
import { CheckedCommand } from '../checked-command.ts';
import { commandTable } from '../command-table.ts';
import { S3Cli } from '../s3-cli.ts';

/** What can stand behind the words of a command. */
interface Completions {
  readonly path: readonly string[];
  readonly flags: readonly Flag[];
}

/** An option, by one of its long names. */
interface Flag {
  readonly name: string;
  readonly takesValue: boolean;
}

export class CompletionCommand extends CheckedCommand {
  static override paths = [['completion']];
  static override usage = Command.Usage({
    description: 'Print a script that completes commands and options in a shell',
    examples: [
      ['bash', 'source <(s3 completion bash)'],
      ['zsh', 'source <(s3 completion zsh)'],
      ['fish', 's3 completion fish | source'],
    ],
  });

  shell = Option.String({ name: 'bash|zsh|fish' });

  override async perform(): Promise<number> {
    const write = Object.hasOwn(scripts, this.shell) ? scripts[this.shell] : undefined;
    if (write === undefined)
      throw new UsageError(`there are completions for bash, zsh and fish, not for ${this.shell}`);
    const cli = new S3Cli();
    const all = await Promise.all(Object.values(commandTable).map((load) => load()));
    for (const command of new Set(all.flat())) cli.register(command);
    const completions = cli.definitions().map(({ path, options }) => ({
      path: path.split(' ').slice(1),
      flags: options.flatMap(flagsOf),
    }));
    this.context.stdout.write(write(completions));
    return 0;
  }
}

/** Of clipanion's `--config,-c #0`, the long names. */
function flagsOf({ definition }: { readonly definition: string }): readonly Flag[] {
  const [names = '', value] = definition.split(' ');
  const takesValue = value !== undefined;
  return names.split(',').flatMap((name) => (name.startsWith('--') ? [{ name, takesValue }] : []));
}

function firstWords(): string {
  return Object.keys(commandTable).join(' ');
}

/** The second words of commands that have two, by the first. */
function secondsOf(all: readonly Completions[]): ReadonlyMap<string, string> {
  const groups = new Map<string, string>();
  for (const {
    path: [first = '', second],
  } of all)
    if (second !== undefined) groups.set(first, `${groups.get(first) ?? ''} ${second}`.trim());
  return groups;
}

/** The options that the word behind them belongs to, of any command. */
function valued(all: readonly Completions[]): string {
  const names = all.flatMap(({ flags }) =>
    flags.flatMap(({ name, takesValue }) => (takesValue ? [name] : [])),
  );
  return ['-c', '-b', ...new Set(names)].join('|');
}

// What stands before the current word says which command it is, whatever options are in between.
const bash = (all: readonly Completions[]): string => `_s3() {
  local current=\${COMP_WORDS[COMP_CWORD]} first= second= isValue= word words
  for word in "\${COMP_WORDS[@]:1:$((COMP_CWORD - 1))}"; do
    if [ "$isValue" ]; then isValue=; continue; fi
    case $word in
      ${valued(all)}) isValue=1 ;;
      -*) ;;
      *) if [ ! "$first" ]; then first=$word; elif [ ! "$second" ]; then second=$word; fi ;;
    esac
  done
  COMPREPLY=()
  if [ "$isValue" ]; then return; fi
  case "$first $second" in
    ' ') words='${firstWords()}' ;;
${all
  .filter(({ path }) => path.length > 1)
  .map(({ path, flags }) => `    '${path.join(' ')}') words='${namesOf(flags)}' ;;`)
  .join('\n')}
    *) case $first in
${all
  .filter(({ path }) => path.length === 1)
  .map(({ path, flags }) => `      ${path[0]}) words='${namesOf(flags)}' ;;`)
  .join('\n')}
${[...secondsOf(all)].map(([first, words]) => `      ${first}) words='${words}' ;;`).join('\n')}
    esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _s3 s3
`;

function namesOf(flags: readonly Flag[]): string {
  return flags.map(({ name }) => name).join(' ');
}

const seen = (path: readonly string[]): string =>
  path.map((word) => `__fish_seen_subcommand_from ${word}`).join('; and ');

const scripts: Readonly<Record<string, (all: readonly Completions[]) => string>> = {
  bash,
  // zsh reads the completions of bash.
  zsh: (all) =>
    `autoload -Uz compinit bashcompinit\n(( $+functions[compdef] )) || compinit\nbashcompinit\n${bash(all)}`,
  fish: (all) =>
    [
      `complete -c s3 -n __fish_use_subcommand -a '${firstWords()}'`,
      ...[...secondsOf(all)].map(
        ([first, words]) =>
          `complete -c s3 -f -n '${seen([first])}; and not __fish_seen_subcommand_from ${words}' -a '${words}'`,
      ),
      ...all.flatMap(({ path, flags }) =>
        flags.map(
          ({ name, takesValue }) =>
            `complete -c s3 -n '${seen(path)}' -l ${name.slice(2)}${takesValue ? ' -r' : ''}`,
        ),
      ),
      '',
    ].join('\n'),
};
