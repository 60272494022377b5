// Half a request in a second at least, so that it never stands still.
const minimumRate = 0.5;
const minimumCapacity = 1;
// How much the newest measurement counts.
const smoothing = 0.8;
// What a throttled answer leaves of the rate, and how fast it grows again.
const decrease = 0.7;
const growth = 0.4;

/**
 * The adaptive mode of the AWS SDKs: how many requests a client sends in a second, once a service has asked for fewer. Until then,
 * none has to wait. A throttled answer cuts the rate to seven tenths; others let it grow again, slowly near where it was cut, and
 * faster the longer all goes well (the cubic curve of TCP CUBIC). One for all requests to one service.
 *
 * @see {@link https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html}
 * @example
 * const rate = new SendRate();
 * await sleep(rate.take());
 * const response = await send();
 * rate.note(classify(response) === 'throttling');
 */
export class SendRate {
  readonly #now: () => number;
  /** Whether the service has throttled us yet. */
  #isLimited = false;
  /** Requests that may be sent at once; below 0 where some are waiting already. */
  #tokens = 0;
  #capacity = 0;
  #rate = 0;
  #filledAt: number | undefined;

  #measured = 0;
  #counted = 0;
  #countedSince: number;

  /** The rate at which the service throttled us, when that was, and in how long we may be there again. */
  #lastMaximum = 0;
  #throttledAt: number;
  #recovery = 0;

  /** @param now - the time in milliseconds, from any beginning; default: the process's own clock, which is never set back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = () => now() / 1000;
    this.#countedSince = Math.floor(this.#now());
    this.#throttledAt = this.#now();
  }

  /** Requests in a second; undefined while there is no limit. */
  get limit(): number | undefined {
    return this.#isLimited ? this.#rate : undefined;
  }

  /** Requests in a second that were answered, as measured over half seconds. */
  get measured(): number {
    return this.#measured;
  }

  /** Takes leave for a request, and tells how many milliseconds to wait before it is sent. */
  take(): number {
    if (!this.#isLimited) return 0;
    this.#fill();
    const missing = 1 - this.#tokens;
    this.#tokens--;
    return missing > 0 ? (missing / this.#rate) * 1000 : 0;
  }

  /** Takes note of an answer. */
  note(throttled: boolean): void {
    this.#measure();
    const now = this.#now();
    let rate: number;
    if (throttled) {
      this.#lastMaximum = this.#isLimited ? Math.min(this.#measured, this.#rate) : this.#measured;
      this.#throttledAt = now;
      this.#isLimited = true;
      rate = this.#lastMaximum * decrease;
    } else {
      rate = growth * (now - this.#throttledAt - this.#recovery) ** 3 + this.#lastMaximum;
    }
    this.#recovery = Math.cbrt((this.#lastMaximum * (1 - decrease)) / growth);
    this.#fill();
    this.#setRate(Math.min(rate, 2 * this.#measured));
  }

  #setRate(rate: number): void {
    this.#rate = Math.max(rate, minimumRate);
    this.#capacity = Math.max(rate, minimumCapacity);
    this.#tokens = Math.min(this.#tokens, this.#capacity);
  }

  #fill(): void {
    const now = this.#now();
    const passed = now - (this.#filledAt ?? now);
    this.#tokens = Math.min(this.#capacity, this.#tokens + passed * this.#rate);
    this.#filledAt = now;
  }

  #measure(): void {
    const halfSecond = Math.floor(this.#now() * 2) / 2;
    this.#counted++;
    if (halfSecond <= this.#countedSince) return;
    const rate = this.#counted / (halfSecond - this.#countedSince);
    this.#measured = rate * smoothing + this.#measured * (1 - smoothing);
    this.#counted = 0;
    this.#countedSince = halfSecond;
  }
}
