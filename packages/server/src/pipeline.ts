/** A request of a connection, from its coming until its answer was sent. */
interface Place {
  isSafe: boolean;
  start: () => void;
}

/** Methods that change nothing. @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-9.2.1} */
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * The requests of one connection. A client need not wait for an answer before it sends its next request; such requests are
 * carried out side by side only as long as all of them are safe, and else one after the other.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-9.3.2}
 */
export class Pipeline {
  /** Those that were started are in front. */
  readonly #places: Place[] = [];
  #started = 0;
  #unsafeStarted = 0;

  /** How many requests are under way, or wait for others. */
  get length(): number {
    return this.#places.length;
  }

  /**
   * Takes a request in.
   *
   * @param start - carries it out; called at once where nothing is in its way
   * @returns to be called when the answer was sent, or could not be
   */
  add(method: string, start: () => void): () => void {
    const place = { isSafe: safeMethods.has(method), start };
    this.#places.push(place);
    this.#startNext();
    return () => this.#remove(place);
  }

  #remove(place: Place): void {
    const index = this.#places.indexOf(place);
    if (index < 0) return;
    this.#places.splice(index, 1);
    if (index < this.#started) {
      this.#started -= 1;
      if (!place.isSafe) this.#unsafeStarted -= 1;
    }
    this.#startNext();
  }

  #startNext(): void {
    for (let next = this.#places[this.#started]; next; next = this.#places[this.#started]) {
      if (this.#started > 0 && (this.#unsafeStarted > 0 || !next.isSafe)) return;
      this.#started += 1;
      if (!next.isSafe) this.#unsafeStarted += 1;
      next.start();
    }
  }
}
