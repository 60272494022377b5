import { createReadStream } from 'node:fs';

/** The lines of a file, or of standard input for `-`, or what ends in another character; empty ones are left out. */
export async function* linesOf(
  file: string,
  end: '\n' | '\0' = '\n',
): AsyncGenerator<string, void, undefined> {
  const input = file === '-' ? process.stdin : createReadStream(file);
  const decoder = new TextDecoder();
  let rest = '';
  // Without an encoding, a stream gives bytes.
  for await (const chunk of input as AsyncIterable<Uint8Array>) {
    const pieces = (rest + decoder.decode(chunk, { stream: true })).split(end);
    rest = pieces.pop() ?? '';
    for (const piece of pieces) yield* whole(piece, end);
  }
  yield* whole(rest + decoder.decode(), end);
}

function whole(line: string, end: string): readonly string[] {
  const text = end === '\n' ? line.replace(/\r$/, '') : line;
  return text === '' ? [] : [text];
}
