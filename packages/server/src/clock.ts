/** A clock that can be moved ahead of another. */
export class Clock {
  readonly #base: () => Date;
  #ahead = 0;

  constructor(base: () => Date) {
    this.#base = base;
  }

  now(): Date {
    return new Date(this.#base().getTime() + this.#ahead);
  }

  /** @throws {RangeError} time does not run backwards */
  advance(milliseconds: number): void {
    if (!(milliseconds >= 0 && Number.isFinite(milliseconds))) {
      throw new RangeError(`milliseconds must be 0 or more, not ${milliseconds}`);
    }
    this.#ahead += milliseconds;
  }

  reset(): void {
    this.#ahead = 0;
  }
}
