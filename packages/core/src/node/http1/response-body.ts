import { type Slab, type Slabs, slabSize } from './slabs.ts';

/** A stretch of a slab that has come, and that nobody has asked for yet. */
interface Held {
  readonly slab: Slab;
  readonly start: number;
  end: number;
}

/** The other end of a body: where its bytes come from. */
export interface BodySource {
  /** Goes on, after `push` said that it is enough. */
  resume(): void;
  /** Somebody waits for bytes that have not come. */
  awaited(): void;
  /** Nobody wants the rest. */
  abandon(): void;
}

// Bytes from which on a slab is given away with the piece; less is copied.
const worthGiving = slabSize / 4;

const finished: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** The body of a response, which is read once, piece by piece. */
export class ResponseBody implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #slabs: Slabs;
  readonly #source: BodySource;
  /** Whether a piece is needed only until the next is asked for. */
  readonly #borrowed: boolean;
  readonly #held: Held[] = [];
  #heldBytes = 0;
  #lent: Slab | undefined;
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  #waiting:
    | { resolve(result: IteratorResult<Uint8Array, undefined>): void; reject(error: unknown): void }
    | undefined;

  constructor(slabs: Slabs, source: BodySource, borrowed: boolean) {
    this.#slabs = slabs;
    this.#source = source;
    this.#borrowed = borrowed;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Whether there is as much as should be held for a reader that does not come. */
  get isFull(): boolean {
    return this.#heldBytes >= slabSize;
  }

  /** Whether somebody waits for bytes that have not come. */
  get isAwaited(): boolean {
    return this.#waiting !== undefined;
  }

  /** Takes a stretch of a slab that has come. */
  push(slab: Slab, start: number, end: number): void {
    if (this.#ended) return;
    const last = this.#held.at(-1);
    if (last?.slab === slab && last.end === start) last.end = end;
    else {
      slab.holders++;
      this.#held.push({ slab, start, end });
    }
    this.#heldBytes += end - start;
    this.#serve();
  }

  /** No more bytes come. */
  end(): void {
    this.#ended = true;
    this.#serve();
  }

  /** No more bytes come, and that is wrong. Who reads is first given those that have. */
  fail(error: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = { error };
    this.#serve();
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#giveBack();
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#serve();
      if (this.isAwaited) this.#source.awaited();
    });
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.#giveBack();
    this.abandon();
    return Promise.resolve(finished);
  }

  /** Drops what has not been read. The piece that was given last may still be in use: its memory is then nobody else's. */
  abandon(): void {
    this.#lent = undefined;
    for (const { slab } of this.#held.splice(0)) this.#slabs.release(slab);
    this.#heldBytes = 0;
    this.#failure = undefined;
    const wasEnded = this.#ended;
    this.#ended = true;
    this.#serve();
    if (!wasEnded) this.#source.abandon();
  }

  #serve(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    const piece = this.#nextPiece();
    if (piece !== undefined) waiting.resolve({ done: false, value: piece });
    else if (this.#failure !== undefined) {
      waiting.reject(this.#failure.error);
      this.#failure = undefined;
    } else if (this.#ended) waiting.resolve(finished);
    else this.#waiting = waiting;
  }

  #nextPiece(): Uint8Array | undefined {
    const held = this.#held.shift();
    if (held === undefined) return undefined;
    const { slab, start, end } = held;
    const wasFull = this.isFull;
    this.#heldBytes -= end - start;
    if (wasFull && !this.isFull && !this.#ended) this.#source.resume();
    const piece = slab.bytes.subarray(start, end);
    if (this.#borrowed) {
      this.#lent = slab;
      return piece;
    }
    // A slab that is given away is never free again.
    if (piece.length >= worthGiving) return piece;
    const copy = Buffer.from(piece);
    this.#slabs.release(slab);
    return copy;
  }

  #giveBack(): void {
    if (this.#lent !== undefined) this.#slabs.release(this.#lent);
    this.#lent = undefined;
  }
}
