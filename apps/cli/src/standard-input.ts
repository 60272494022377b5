import { fstatSync, readFileSync, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { UsageError } from 'clipanion';

/**
 * Standard input, for a command that was told to read it.
 *
 * @throws {Error} there is none, and what would be read is nothing: whoever wants that says so by `< /dev/null`
 */
export function standardInput(): Readable {
  // Asked for first: whoever may not have it is to hear of that.
  const { stdin } = process;
  if (isFolder()) throw new Error('standard input is a folder, and what is read comes from a file or a pipe');
  if (isMissing())
    throw new Error('there is no standard input, and it is to be read; where it is to be empty: < /dev/null');
  return stdin;
}

function isFolder(): boolean {
  return fstatSync(0).isDirectory();
}

// As open() of Linux has them.
const accessModes = 0o3;
const readAndWrite = 0o2;

/**
 * Whether standard input was closed when the process began. Node then opens /dev/null in its place, for reading and writing, as those do
 * who start a program without an input of its own; a shell that is told to read /dev/null opens it for reading. Only Linux tells.
 */
function isMissing(): boolean {
  try {
    const input = fstatSync(0);
    if (!input.isCharacterDevice() || input.rdev !== statSync('/dev/null').rdev) return false;
    const [, flags = '0'] = /^flags:\s*([0-7]+)$/m.exec(readFileSync('/proc/self/fdinfo/0', 'utf8')) ?? [];
    return (Number.parseInt(flags, 8) & accessModes) === readAndWrite;
  } catch {
    return false;
  }
}

/**
 * Lets standard input be asked for once. Several commands in one process would take from each other what comes, and none would
 * notice: whoever asks for it after the first is refused.
 *
 * @param taken - what the others are told
 */
export function lendStandardInputOnce(taken: string): void {
  const { stdin } = Object.getOwnPropertyDescriptors(process);
  let isLent = false;
  Object.defineProperty(process, 'stdin', {
    ...stdin,
    // Opened only when somebody asks, as Node does it.
    get: () => {
      if (isLent) throw new UsageError(taken);
      isLent = true;
      return stdin.get?.call(process);
    },
  });
}
