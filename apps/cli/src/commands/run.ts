import { existsSync } from 'node:fs';
import { Command, Option, UsageError } from 'clipanion';
import { CheckedCommand, reportError } from '../checked-command.ts';
import { commandTable, commandWordIn } from '../command-table.ts';
import { exitStatus } from '../exit-status.ts';
import { wordsOf } from '../shell-words.ts';
import { lendStandardInputOnce } from '../standard-input.ts';
import { linesOf } from '../text-input.ts';

export class RunCommand extends CheckedCommand {
  static override paths = [['run']];
  static override usage = Command.Usage({
    description: 'Run commands from a file or standard input, several at a time',
    details:
      'One a line, with or without s3 before it, with quotes as in a shell; what begins with # is a comment. The status is the highest of all. Standard input is for one: the list, or else a single command of it. Those that write objects to standard output do so one after the other.',
    examples: [
      ['From a file', 's3 run commands.txt'],
      ['From standard input, sixteen at a time', 'generate | s3 run --concurrency 16'],
    ],
  });

  concurrency = Option.String('--concurrency', '8', {
    description: 'commands under way at a time; default: 8',
  });
  file = Option.String({ name: 'file', required: false });

  override async perform(): Promise<number> {
    if (!/^[1-9]\d{0,3}$/.test(this.concurrency))
      throw new UsageError(`--concurrency is a whole number, not ${this.concurrency}`);
    const { file = '-' } = this;
    if (file !== '-' && !existsSync(file)) throw new UsageError(`run: there is no file ${file}`);
    // Not part of the start of every command: it is what starts them.
    const { runCommandLine } = await import('../run-command-line.ts');
    lendStandardInputOnce(file === '-' ? listIsThere : anotherHasIt);
    const lines = linesOf(file);
    let highest: number = exitStatus.done;
    const work = async (): Promise<void> => {
      for (;;) {
        const { value: line, done } = await lines.next();
        if (done === true || this.context.signal.aborted) return;
        if (line.trimStart().startsWith('#') || line.trim() === '') continue;
        const status = await this.#line(line, runCommandLine);
        highest = Math.max(highest, status);
      }
    };
    // Where the list cannot be read on, what was begun comes to its end.
    const ends = await Promise.allSettled(Array.from({ length: Number(this.concurrency) }, work));
    this.context.signal.throwIfAborted();
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    return highest;
  }

  /** Runs one line; what it cannot be is told of, and does not keep the others. */
  async #line(line: string, runCommandLine: RunCommandLine): Promise<number> {
    try {
      const words = wordsOf(line);
      const argv = words[0] === 's3' ? words.slice(1) : words;
      const word = commandWordIn(argv);
      const reason = word === undefined ? undefined : refusal(word, argv[argv.indexOf(word) + 1]);
      if (reason !== undefined) throw new UsageError(`run: ${line.trim()}: ${reason}`);
      const load = word !== undefined && Object.hasOwn(commandTable, word) ? commandTable[word] : undefined;
      return await runCommandLine(argv, (await load?.()) ?? [], '', this.context.signal);
    } catch (error) {
      const isLine = error instanceof SyntaxError;
      return reportError(
        isLine ? new UsageError(`run: ${line.trim()}: ${error.message}`) : error,
        this.context,
      );
    }
  }
}

type RunCommandLine = typeof import('../run-command-line.ts')['runCommandLine'];

const listIsThere =
  'standard input is where run reads its commands: keep them in a file (s3 run FILE), or let this command read one';
const anotherHasIt =
  'another command of the list reads standard input: two would take from each other what comes';

/** Why a command cannot be one of a list. */
function refusal(word: string, next: string | undefined): string | undefined {
  if (word === 'run') return 'a list of commands runs no other list';
  if (word === 'serve') return 'it ends only when it is interrupted, and so would the list';
  if (word === 'configure' || (word === 'bucket' && next === 'edit'))
    return 'it needs somebody to answer it, and several commands run at a time';
  return undefined;
}
