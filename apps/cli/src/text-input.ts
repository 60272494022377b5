import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** The lines of a file, or of standard input for `-`; empty ones are left out. */
export async function* linesOf(file: string): AsyncGenerator<string, void, undefined> {
  const input = file === '-' ? process.stdin : createReadStream(file);
  // A file that cannot be opened says so here, and not as an event that nobody hears.
  const failure = new Promise<never>((_, reject) => input.once('error', reject));
  failure.catch(() => undefined);
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]();
  for (;;) {
    const { value, done } = await Promise.race([lines.next(), failure]);
    if (done === true) return;
    if (value !== '') yield value;
  }
}
