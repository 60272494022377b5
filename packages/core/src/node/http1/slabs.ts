/** Bytes that are read at once of large bodies, at most, and given to a reader at once. */
export const slabSize: number = 512 * 1024;

/** Bytes that are read at once of heads and small bodies. */
export const smallSlabSize: number = 64 * 1024;

// Slabs of each size that are kept for the next: as many as some transfers at a time use.
const kept = 32;

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
  readonly #free: Readonly<Record<'small' | 'large', Buffer[]>> = { small: [], large: [] };

  /** A slab of one holder. */
  take(size: 'small' | 'large'): Slab {
    const bytes =
      this.#free[size].pop() ?? Buffer.allocUnsafeSlow(size === 'small' ? smallSlabSize : slabSize);
    return { bytes, filled: 0, holders: 1 };
  }

  /** One holder less; without any, the memory is for others. */
  release(slab: Slab): void {
    slab.holders--;
    const free = this.#free[slab.bytes.length === smallSlabSize ? 'small' : 'large'];
    if (slab.holders === 0 && free.length < kept) free.push(slab.bytes);
  }
}
