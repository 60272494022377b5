import { Cli, Command, Option, UsageError } from 'clipanion';
import { CheckedCommand, type S3Context } from '../checked-command.ts';
import { commandTable } from '../command-table.ts';

/** What can stand behind the words of a command. */
interface Completions {
  readonly path: readonly string[];
  readonly words: readonly string[];
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
    const cli = new Cli<S3Context>({ binaryName: 's3' });
    const all = await Promise.all(Object.values(commandTable).map((load) => load()));
    for (const command of new Set(all.flat())) cli.register(command);
    const completions = cli.definitions().map(({ path, options }) => ({
      path: path.split(' ').slice(1),
      words: options
        .flatMap(({ definition }) => (definition.split(' ')[0] ?? '').split(','))
        .filter((name) => name.startsWith('--')),
    }));
    this.context.stdout.write(write(completions));
    return 0;
  }
}

function firstWords(): string {
  return Object.keys(commandTable).join(' ');
}

/** The second words of commands that have two, by the first. */
function seconds(all: readonly Completions[]): ReadonlyMap<string, string> {
  const groups = new Map<string, string>();
  for (const {
    path: [first = '', second],
  } of all)
    if (second !== undefined) groups.set(first, `${groups.get(first) ?? ''} ${second}`.trim());
  return groups;
}

const bash = (all: readonly Completions[]): string => `_s3() {
  local current=\${COMP_WORDS[COMP_CWORD]} words
  case "\${COMP_WORDS[1]} \${COMP_WORDS[2]}" in
${all
  .filter(({ path }) => path.length > 1)
  .map(({ path, words }) => `    '${path.join(' ')}') words='${words.join(' ')}' ;;`)
  .join('\n')}
    *) case "\${COMP_WORDS[1]}" in
${all
  .filter(({ path }) => path.length === 1)
  .map(({ path, words }) => `      ${path[0]}) words='${words.join(' ')}' ;;`)
  .join('\n')}
${[...seconds(all)].map(([first, words]) => `      ${first}) words='${words}' ;;`).join('\n')}
    esac ;;
  esac
  if [ "$COMP_CWORD" = 1 ]; then words='${firstWords()}'; fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _s3 s3
`;

const scripts: Readonly<Record<string, (all: readonly Completions[]) => string>> = {
  bash,
  // zsh reads the completions of bash.
  zsh: (all) =>
    `autoload -Uz compinit bashcompinit\n(( $+functions[compdef] )) || compinit\nbashcompinit\n${bash(all)}`,
  fish: (all) =>
    [
      `complete -c s3 -n __fish_use_subcommand -a '${firstWords()}'`,
      ...[...seconds(all)].map(
        ([first, words]) => `complete -c s3 -n '__fish_seen_subcommand_from ${first}' -a '${words}'`,
      ),
      ...all.flatMap(({ path, words }) =>
        words.map((word) => `complete -c s3 -n '__fish_seen_subcommand_from ${path[0]}' -l ${word.slice(2)}`),
      ),
      '',
    ].join('\n'),
};
