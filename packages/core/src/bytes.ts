/** Bytes in memory that nobody shares: what `Response`, `Blob` and `fetch` take. With TypeScript 5.7, `Uint8Array<ArrayBuffer>`. */
export type Bytes = Uint8Array & { readonly buffer: ArrayBuffer };

/** Pieces as one. @param length - their bytes, all told */
export function concatBytes(pieces: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(length);
  let position = 0;
  for (const piece of pieces) {
    whole.set(piece, position);
    position += piece.byteLength;
  }
  return whole;
}

/** The bytes that hexadecimal digits stand for, two each. */
export function fromHex(digits: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: digits.length / 2 }, (_, index) =>
    Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16),
  );
}

/** The pieces of a web stream. Not every runtime can iterate over one (Safari before 26). */
export async function* piecesOf<T>(stream: ReadableStream<T>): AsyncGenerator<T> {
  const reader = stream.getReader();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        ended = true;
        return;
      }
      yield value;
    }
  } finally {
    // Who stops reading wants no more of it. A stream that has failed cannot be cancelled, and need not be.
    if (!ended) await reader.cancel().catch(() => undefined);
  }
}

/** All that comes, as one; undefined where it is more than `most` bytes. */
export async function gathered(
  pieces: AsyncIterable<Uint8Array>,
  most: number = Infinity,
): Promise<Bytes | undefined> {
  const held: Uint8Array[] = [];
  let length = 0;
  for await (const piece of pieces) {
    held.push(piece);
    length += piece.byteLength;
    if (length > most) return undefined;
  }
  return concatBytes(held, length);
}
