// Bytes: small enough that a slow line does not fall silent between two of them.
const paced = 16 * 1024;

// Milliseconds that may be let through at once: timers are not finer.
const leeway = 20;

/** Lets so many bytes a second through, of all that ask. */
export class Pacer {
  readonly #bytesPerMillisecond: number;
  #freeAt = 0;

  /** @param rate - bytes a second */
  constructor(rate: number) {
    this.#bytesPerMillisecond = rate / 1_000;
  }

  /** The same bytes, in small pieces, each when its time has come. */
  async *pace(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      for (let offset = 0; offset < chunk.byteLength; offset += paced) {
        const piece = chunk.subarray(offset, offset + paced);
        await this.#pass(piece.byteLength);
        yield piece;
      }
    }
  }

  async #pass(bytes: number): Promise<void> {
    const now = performance.now();
    this.#freeAt = Math.max(now, this.#freeAt) + bytes / this.#bytesPerMillisecond;
    const wait = this.#freeAt - now;
    if (wait > leeway) await new Promise((resolve) => setTimeout(resolve, wait));
  }
}
