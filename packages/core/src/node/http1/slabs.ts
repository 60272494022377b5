/** Bytes that a socket reads at once, at most, and that a reader is given at once. */
export const slabSize: number = 256 * 1024;

// Slabs that are kept for the next: as many as some transfers at a time use.
const kept = 24;

/** A piece of memory into which a socket reads. */
export interface Slab {
  readonly bytes: Buffer;
  /** Bytes that have come, from its beginning on. */
  filled: number;
  /** How many use it: the socket that reads into it, and readers of what has come. */
  holders: number;
}

/** Memory that is read into again and again: new memory for each read costs more than the reading. */
export class Slabs {
  readonly #free: Buffer[] = [];

  /** A slab of one holder. */
  take(): Slab {
    return { bytes: this.#free.pop() ?? Buffer.allocUnsafeSlow(slabSize), filled: 0, holders: 1 };
  }

  /** One holder less; without any, the memory is for others. */
  release(slab: Slab): void {
    slab.holders--;
    if (slab.holders === 0 && this.#free.length < kept) this.#free.push(slab.bytes);
  }
}
