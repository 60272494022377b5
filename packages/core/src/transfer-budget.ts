import { onAbort } from '#transport';

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
  readonly limits: TransferLimits;
  readonly #waiting: { readonly bytes: number; readonly start: () => void }[] = [];
  #requests = 0;
  #bytes = 0;

  constructor(limits: TransferLimits) {
    this.limits = limits;
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
    if (this.#waiting.length > 0 || !this.#hasRoomFor(bytes)) await this.#turn(bytes, signal);
    else this.#count(bytes);
    return () => {
      this.#requests--;
      this.#bytes -= bytes;
      this.#startNext();
    };
  }

  #turn(bytes: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter = {
        bytes,
        start: (): void => {
          callOff();
          resolve();
        },
      };
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        reject(signal?.reason);
        this.#startNext();
      };
      this.#waiting.push(waiter);
      const callOff = onAbort(signal, leave);
    });
  }

  #hasRoomFor(bytes: number): boolean {
    if (this.#requests === 0) return true;
    return this.#requests < this.limits.requests && this.#bytes + bytes <= this.limits.bytes;
  }

  #count(bytes: number): void {
    this.#requests++;
    this.#bytes += bytes;
  }

  #startNext(): void {
    const [next] = this.#waiting;
    if (next && this.#hasRoomFor(next.bytes)) {
      this.#waiting.shift();
      this.#count(next.bytes);
      next.start();
      this.#startNext();
    }
  }
}
