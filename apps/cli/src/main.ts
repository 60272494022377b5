import { setMaxListeners } from 'node:events';
import { commandTable, commandWordIn } from './command-table.ts';
import { exitStatus } from './exit-status.ts';
import { Interruption } from './interruption.ts';
import { escapeUnprintable } from './printable.ts';

/** Runs the command line of this process, and sets its exit status. */
export async function main(version: string): Promise<void> {
  const interrupt = new AbortController();
  // Each request listens to it, and --concurrency says how many there are.
  setMaxListeners(0, interrupt.signal);
  // A second one ends the process at once.
  process.once('SIGINT', () => interrupt.abort(new Interruption(exitStatus.interrupted)));
  process.once('SIGTERM', () => interrupt.abort(new Interruption(exitStatus.terminated)));
  // The terminal is gone. The kernel and the shell may both say so: that is nobody's impatience. SIGQUIT stays what it is, the end at once.
  const hangUp = (): void => interrupt.abort(new Interruption(exitStatus.hungUp));
  process.on('SIGHUP', hangUp);
  process.on('uncaughtException', (error) => (isOfLostTerminal(error) ? hangUp() : crash(error, interrupt)));
  const end = (status: number): void => {
    process.exitCode = status;
    interrupt.abort(new Interruption(status));
  };
  const stop = (error: NodeJS.ErrnoException, tell?: (problem: string) => void): void => {
    if (isOfLostTerminal(error)) hangUp();
    // Whoever read our output has stopped reading: there is nothing left to say, and what is under way is cleaned up.
    else if (error.code === 'EPIPE') end(exitStatus.closedPipe);
    else {
      // Each further line fails as the first did.
      if (!interrupt.signal.aborted) tell?.(escapeUnprintable(error.message));
      end(exitStatus.failed);
    }
  };
  process.stderr.on('error', (error) => stop(error));
  process.stdout.on('error', (error) =>
    stop(
      error,
      (problem) => void process.stderr.write(`s3: standard output cannot be written: ${problem}\n`),
    ),
  );
  const argv = process.argv.slice(2);
  const word = commandWordIn(argv);
  const load = word === undefined || !Object.hasOwn(commandTable, word) ? undefined : commandTable[word];
  // Asked for together: what runs a command, and the command.
  const [{ runCommandLine }, commands] = await Promise.all([import('./run-command-line.ts'), load?.() ?? []]);
  const status = await runCommandLine(argv, commands, version, interrupt.signal);
  process.exitCode ||= status;
  // Whatever the command had to clean up, it has: what is left waits for a reader alone, and perhaps without end.
  const { signal } = interrupt;
  if (signal.aborted) leave(signal);
  else signal.addEventListener('abort', () => leave(signal));
}

/** Ends a process that is to stop, where there is something that its readers do not take. */
function leave({ reason }: AbortSignal): void {
  const isStuck = [process.stdout, process.stderr].some(({ writableLength }) => writableLength > 0);
  if (isStuck) process.exit(reason instanceof Interruption ? reason.exitStatus : undefined);
}

/** Whether something was to be written to a terminal that is gone; its SIGHUP may come later, or not at all. */
function isOfLostTerminal(error: NodeJS.ErrnoException): boolean {
  return error.code === 'EIO' && error.syscall === 'write';
}

// Milliseconds.
const cleaningUp = 10_000;

/** Tells of an error that nobody has caught, without the line of source that Node would print; what is under way still cleans up. */
function crash(error: unknown, interrupt: AbortController): void {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const lines = stack.split('\n').map(escapeUnprintable);
  process.stderr.write(`s3: this should not have happened, and is a defect: ${lines.join('\n')}\n`);
  process.exitCode = exitStatus.failed;
  if (interrupt.signal.aborted) process.exit();
  interrupt.abort(new Interruption(exitStatus.failed));
  setTimeout(() => process.exit(), cleaningUp).unref();
}
