/**
 * The items of pages, one by one. A page is asked for when the one before has been used up.
 *
 * It does what an async generator over the pages would do, in a fifth of the time: what is there already needs no turn of its own.
 */
export class Paged<T> implements AsyncGenerator<T, void, undefined> {
  readonly #open: () => Promise<AsyncGenerator<readonly T[], void, undefined>>;
  #pages: Promise<AsyncGenerator<readonly T[], void, undefined>> | undefined;
  #page: readonly T[] = [];
  #place = 0;
  #ended = false;
  /** While a page is on its way, whoever asks for more waits for it. */
  #turning: Promise<void> | undefined;

  constructor(open: () => Promise<AsyncGenerator<readonly T[], void, undefined>>) {
    this.#open = open;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T, void>> {
    const again = (): Promise<IteratorResult<T, void>> => this.next();
    // Who asked for the page is told of its failure.
    if (this.#turning !== undefined) return this.#turning.then(again, again);
    if (this.#place < this.#page.length)
      // Not beyond its end, as that was just checked.
      return Promise.resolve({ done: false, value: this.#page[this.#place++] as T });
    return this.#ended ? Promise.resolve({ done: true, value: undefined }) : this.#turn().then(again);
  }

  /** The pages as S3 sends them, beginning with what is left of the one that was begun. */
  async *pages(): AsyncGenerator<readonly T[], void, undefined> {
    try {
      while (!this.#ended) {
        const rest = this.#page.slice(this.#place);
        this.#place = this.#page.length;
        if (rest.length > 0) yield rest;
        else await this.#turn();
      }
    } finally {
      await this.return();
    }
  }

  async return(): Promise<IteratorResult<T, void>> {
    await this.#turning?.catch(() => undefined);
    this.#end();
    await (await this.#pages)?.return();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<IteratorResult<T, void>> {
    await this.return();
    throw error;
  }

  #turn(): Promise<void> {
    this.#turning ??= this.#ask();
    return this.#turning;
  }

  async #ask(): Promise<void> {
    try {
      this.#pages ??= this.#open();
      const { done, value } = await (await this.#pages).next();
      if (done === true) this.#end();
      else {
        this.#page = value;
        this.#place = 0;
      }
    } catch (error) {
      this.#end();
      throw error;
    } finally {
      this.#turning = undefined;
    }
  }

  #end(): void {
    this.#ended = true;
    this.#page = [];
  }
}
