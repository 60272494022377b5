import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { UsageError } from 'clipanion';
import { standardInput } from './standard-input.ts';

/**
 * The lines of a file, or of standard input for `-`, or what ends in another character; empty ones are left out.
 *
 * @throws {UsageError} one of them, when it is come to, is not UTF-8: what it names would become something else
 */
export function linesOf(file: string, end: '\n' | '\0' = '\n'): AsyncGenerator<string, void, undefined> {
  // Asked for at once: who may not have it is to hear of that before anything is done.
  return file === '-' ? lines(standardInput(), 'standard input', end) : linesOfFile(file, end);
}

/** The same, of a file alone. */
export async function* linesOfFile(
  file: string,
  end: '\n' | '\0' = '\n',
): AsyncGenerator<string, void, undefined> {
  try {
    yield* lines(createReadStream(file), file, end);
  } catch (error) {
    // What the system says of a folder, or of a disk, when it is read, names nothing.
    throw error instanceof Error && 'code' in error ? Object.assign(error, { path: file }) : error;
  }
}

async function* lines(input: Readable, name: string, end: string): AsyncGenerator<string, void, undefined> {
  let number = 0;
  for await (const piece of pieces(input, end.charCodeAt(0))) {
    number++;
    if (!isUtf8(piece)) throw new UsageError(`${name}: line ${number} is not UTF-8`);
    const text = piece.toString().replace(number === 1 ? /^\ufeff/ : '', '');
    const line = end === '\n' ? text.replace(/\r$/, '') : text;
    if (line !== '') yield line;
  }
}

/** What ends in a byte, without it, and what stands behind the last of them. */
async function* pieces(input: Readable, end: number): AsyncGenerator<Buffer, void, undefined> {
  let rest = Buffer.alloc(0);
  // Without an encoding, a stream gives bytes.
  for await (const chunk of input as AsyncIterable<Buffer>) {
    const bytes = Buffer.concat([rest, chunk]);
    let from = 0;
    for (let at = bytes.indexOf(end); at >= 0; at = bytes.indexOf(end, from)) {
      yield bytes.subarray(from, at);
      from = at + 1;
    }
    rest = bytes.subarray(from);
  }
  yield rest;
}
