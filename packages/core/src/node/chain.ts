/** A value of a chain, and its neighbours. */
export interface Link<T> {
  readonly value: T;
  before: Link<T> | undefined;
  after: Link<T> | undefined;
}

/**
 * Values in the order in which they came, any of which can be taken out at once.
 *
 * Where much comes and goes, a `Set` makes a new table every now and then. Those that it leaves behind keep what was in them, and
 * each the next, so that the collector of garbage copies all of it again and again, until it looks through the whole memory: that
 * took twice as long. A link that is taken out leads nowhere.
 */
export class Chain<T> {
  #first: Link<T> | undefined;
  #last: Link<T> | undefined;

  /** Adds a value; `delete` takes its link. */
  add(value: T): Link<T> {
    const link: Link<T> = { value, before: this.#last, after: undefined };
    if (this.#last === undefined) this.#first = link;
    else this.#last.after = link;
    this.#last = link;
    return link;
  }

  /** Takes a value out; one that is no longer there is none of its business. */
  delete(link: Link<T>): void {
    const { before, after } = link;
    if (before === undefined && this.#first !== link) return;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    link.before = undefined;
    link.after = undefined;
  }

  /** Takes out the value that came first. */
  shift(): T | undefined {
    const first = this.#first;
    if (first !== undefined) this.delete(first);
    return first?.value;
  }
}
