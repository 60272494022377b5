import { orAborted } from './or-aborted.ts';

/** What all transfers of a connection have together. */
export interface TransferLimits {
  /** Requests under way at a time. */
  readonly requests: number;
  /** Bytes held in memory at a time. */
  readonly bytes: number;
}

/**
 * What all transfers of a connection share: so many requests at a time, and so many bytes in memory.
 *
 * First come, first served, so that transfers that run side by side go on side by side. What alone is more than all the memory
 * goes when nothing else does.
 */
export class TransferBudget {
  readonly #limits: TransferLimits;
  readonly #waiting: { readonly bytes: number; readonly start: () => void }[] = [];
  #requests = 0;
  #bytes = 0;

  constructor(limits: TransferLimits) {
    this.#limits = limits;
  }

  /**
   * Does a task when there is room for it; what it has taken is given back when it has ended.
   *
   * @param bytes - what the task holds in memory
   */
  async use<T>(bytes: number, task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const giveBack = await this.take(bytes, signal);
    try {
      return await task();
    } finally {
      giveBack();
    }
  }

  /** Waits until there is room; resolves to what gives it back. */
  async take(bytes: number, signal: AbortSignal | undefined): Promise<() => void> {
    signal?.throwIfAborted();
    if (this.#waiting.length === 0 && this.#hasRoomFor(bytes)) this.#count(bytes);
    else await this.#turn(bytes, signal);
    return () => this.#giveBack(bytes);
  }

  async #turn(bytes: number, signal: AbortSignal | undefined): Promise<void> {
    let waiter: { readonly bytes: number; readonly start: () => void } | undefined;
    const started = new Promise<void>((resolve) => {
      waiter = { bytes, start: resolve };
      this.#waiting.push(waiter);
    });
    try {
      await orAborted(started, signal);
    } catch (error) {
      const place = waiter === undefined ? -1 : this.#waiting.indexOf(waiter);
      // It may have been its turn in the same moment.
      if (place === -1) this.#giveBack(bytes);
      else {
        this.#waiting.splice(place, 1);
        this.#startNext();
      }
      throw error;
    }
  }

  #hasRoomFor(bytes: number): boolean {
    if (this.#requests === 0) return true;
    return this.#requests < this.#limits.requests && this.#bytes + bytes <= this.#limits.bytes;
  }

  #count(bytes: number): void {
    this.#requests++;
    this.#bytes += bytes;
  }

  #giveBack(bytes: number): void {
    this.#requests--;
    this.#bytes -= bytes;
    this.#startNext();
  }

  #startNext(): void {
    for (let next = this.#waiting[0]; next !== undefined && this.#hasRoomFor(next.bytes); ) {
      this.#waiting.shift();
      this.#count(next.bytes);
      next.start();
      next = this.#waiting[0];
    }
  }
}
