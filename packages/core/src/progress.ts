import { tell } from './tell.ts';

/** How far a transfer is. */
export interface TransferProgress {
  /** Bytes that have gone or come; goes back where some have to be sent again. */
  readonly transferred: number;
  /** Bytes of all; undefined where nobody knows yet. */
  readonly total: number | undefined;
  /** Of `transferred`, the bytes that an earlier run had done. */
  readonly resumed: number;
  /** Parts, or ranges, that are done. */
  readonly parts: number;
  /** Attempts that had to be made again. */
  readonly retries: number;
  /** Bytes a second, over the last few seconds. */
  readonly rate: number;
}

/** Is told how far a transfer is: up to ten times a second, when a part is done, and at the end. */
export type ProgressListener = (progress: TransferProgress) => void;

/** What a transfer tells a meter. */
export interface CallWatch {
  /** An attempt begins: what the one before has sent does not count. */
  attempt(count: number): void;
  /** So many more bytes of the body have gone. */
  sent(bytes: number): void;
}

// Milliseconds.
const interval = 100;
const rateWindow = 5_000;

/** Adds up what a transfer has done, and tells its listener. */
export class ProgressMeter {
  readonly #listener: ProgressListener;
  readonly #now: () => number;
  readonly #samples: { readonly time: number; readonly bytes: number }[] = [];
  #total: number | undefined;
  #transferred = 0;
  #resumed = 0;
  #parts = 0;
  #retries = 0;
  #told = Number.NEGATIVE_INFINITY;

  constructor(listener: ProgressListener, now: () => number) {
    this.#listener = listener;
    this.#now = now;
    this.#samples.push({ time: now(), bytes: 0 });
  }

  /** The bytes of all are known. */
  set total(bytes: number | undefined) {
    this.#total = bytes;
  }

  /** An earlier run had done so much. */
  resume(bytes: number, parts: number): void {
    this.#resumed += bytes;
    this.#transferred += bytes;
    this.#parts += parts;
    this.#tellNowAndThen();
  }

  /** All is done again. */
  restart(): void {
    this.#transferred = 0;
    this.#resumed = 0;
    this.#parts = 0;
    this.retried();
  }

  /** Bytes have come, or gone. */
  move(bytes: number): void {
    if (bytes === 0) return;
    this.#transferred += bytes;
    this.#tellNowAndThen();
  }

  /** Parts are large: each is worth telling. */
  partDone(): void {
    this.#parts++;
    this.#tell(this.#now());
  }

  retried(): void {
    this.#retries++;
    this.#tellNowAndThen();
  }

  /** The last word. */
  end(): void {
    this.#tell(this.#now());
  }

  /** Follows one call that sends a body. When S3 has taken it, `arrived` is to be told: not every transport counts what goes. */
  watch(): CallWatch & { arrived(bytes: number): void } {
    let sent = 0;
    return {
      attempt: (count) => {
        if (count > 1) this.retried();
        this.move(-sent);
        sent = 0;
      },
      sent: (bytes) => {
        sent += bytes;
        this.move(bytes);
      },
      arrived: (bytes) => this.move(bytes - sent),
    };
  }

  #tellNowAndThen(): void {
    const now = this.#now();
    if (now - this.#told >= interval) this.#tell(now);
  }

  #tell(now: number): void {
    this.#told = now;
    tell(this.#listener, {
      transferred: this.#transferred,
      total: this.#total,
      resumed: this.#resumed,
      parts: this.#parts,
      retries: this.#retries,
      rate: this.#rateAt(now),
    });
  }

  #rateAt(now: number): number {
    const bytes = this.#transferred - this.#resumed;
    this.#samples.push({ time: now, bytes });
    while (this.#samples.length > 2 && now - (this.#samples[1]?.time ?? now) >= rateWindow)
      this.#samples.shift();
    const [first = { time: now, bytes }] = this.#samples;
    return now === first.time ? 0 : Math.max(0, ((bytes - first.bytes) * 1_000) / (now - first.time));
  }
}
