import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { standardInput } from './standard-input.ts';

/** The lines of a file, or of standard input for `-`, or what ends in another character; empty ones are left out. */
export function linesOf(file: string, end: '\n' | '\0' = '\n'): AsyncGenerator<string, void, undefined> {
  // Asked for at once: who may not have it is to hear of that before anything is done.
  return file === '-' ? pieces(standardInput(), end) : piecesOf(file, end);
}

async function* piecesOf(file: string, end: string): AsyncGenerator<string, void, undefined> {
  yield* pieces(createReadStream(file), end);
}

async function* pieces(input: Readable, end: string): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  // Without an encoding, a stream gives bytes.
  for await (const chunk of input as AsyncIterable<Uint8Array>) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split(end);
    rest = parts.pop() ?? '';
    for (const piece of parts) yield* whole(piece, end);
  }
  yield* whole(rest + decoder.decode(), end);
}

function whole(line: string, end: string): readonly string[] {
  const text = end === '\n' ? line.replace(/\r$/, '') : line;
  return text === '' ? [] : [text];
}
