import { checkedCount, checkedWait } from './checks.ts';
import { redactUrl } from './redact-url.ts';
import { sleep } from './sleep.ts';

/** What a `Retry` uses of the world around it. */
export interface RetryOptions {
  /** Takes one line of text for each retry, without anything secret in it. @default nothing is logged */
  logger?: ((message: string) => void) | undefined;
  /** Waits; given for tests, or for a clock of one's own. @default `sleep` */
  sleep?: ((milliseconds: number, signal?: AbortSignal) => Promise<void>) | undefined;
}

/** The arguments of a `Retry` under their names. */
export interface RetrySettings extends RetryOptions {
  /** How many times to try to send a request: 5 are a first try and 4 retries. 0: without limit. @default 5 */
  limit?: number | undefined;
  /** Seconds to wait between tries. @default 2.5 */
  interval?: number | undefined;
  /** The HTTP statuses and network error numbers after which to try again. @default [104], ECONNRESET */
  statusCodes?: readonly number[] | undefined;
}

/**
 * Manages the retries of a request: tells whether there is to be another try, and waits for it.
 *
 * @example
 * const retry = new Retry(5, 2.5, [104, 503], { logger: console.warn });
 * let response = await send();
 * while (await retry.next(response.status, 'GET', url, 'service unavailable')) response = await send();
 */
export class Retry {
  /** How many times to try; 0: without limit. */
  readonly limit: number;
  /** Seconds between tries. */
  readonly interval: number;
  /** After which statuses and error numbers to try again. */
  readonly statusCodes: readonly number[];

  readonly #logger: (message: string) => void;
  readonly #sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** How many tries there were; the first has been made when `next` is called. */
  #tries = 1;

  /**
   * @throws {TypeError} an argument is of the wrong kind
   * @throws {RangeError} `limit` is negative or not whole, `interval` negative or longer than a timer can count,
   *   or a status code negative or not whole
   */
  constructor(limit?: number, interval?: number, statusCodes?: readonly number[], options?: RetryOptions);
  constructor(settings: RetrySettings);
  constructor(
    first?: number | RetrySettings,
    interval?: number,
    statusCodes?: readonly number[],
    options: RetryOptions = {},
  ) {
    const settings: RetrySettings =
      typeof first === 'object' ? first : { ...options, limit: first, interval, statusCodes };
    this.limit = checkedCount(settings.limit ?? 5, 'limit');
    this.interval = checkedWait(settings.interval ?? 2.5, 'interval', 1000);
    this.statusCodes = checkedStatusCodes(settings.statusCodes ?? [104]);
    this.#logger = settings.logger ?? (() => {});
    this.#sleep = settings.sleep ?? sleep;
  }

  /**
   * Decides about another try, after one that failed. If there is to be one, logs it and waits.
   *
   * @param statusCode - the HTTP status, or the number of the network error; see `errorNumber`
   * @param method - the request's method, for the log
   * @param url - the request's URL, for the log, where its signature and credentials are blacked out
   * @param message - what went wrong, for the log
   * @returns whether to send the request again: false when the status code is not among `statusCodes`, or
   *   `limit` tries were made
   * @throws the signal's reason, when it is aborted
   */
  async next(
    statusCode: number,
    method: string,
    url: string,
    message: string,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<boolean> {
    if (!this.statusCodes.includes(statusCode)) return false;
    if (this.limit > 0 && this.#tries >= this.limit) return false;
    this.#tries += 1;
    const count = this.limit > 0 ? `${this.#tries} of ${this.limit}` : `${this.#tries}`;
    const reason = `${method} ${url}: ${statusCode} ${message}`;
    this.#logger(oneLine(redactUrl(`Try ${count} in ${this.interval} s: ${reason}`)));
    await this.#sleep(this.interval * 1000, signal);
    return true;
  }

  /** Starts the count anew, for the next request. */
  reset(): void {
    this.#tries = 1;
  }
}

/** A server's text may hold line breaks; in a log they would pass for entries of their own. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
}

function checkedStatusCodes(values: readonly number[]): readonly number[] {
  if (!Array.isArray(values)) throw new TypeError('statusCodes must be an array of numbers');
  return Object.freeze(values.map((value: number, index) => checkedCount(value, `statusCodes[${index}]`)));
}
