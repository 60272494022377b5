/** Knows up to which name everything is settled, while names that come in order are settled in any order. */
export class Watermark {
  /** In order: those that are under way, and those that were settled behind one of them. */
  #open: { readonly name: string; settled: boolean }[] = [];
  #first = 0;
  #upTo: string | undefined;
  #stopped = false;

  /** A name is under way. What is returned is called when it is settled. */
  begin(name: string): () => void {
    // Behind a failure nothing can be settled, and nothing has to be remembered.
    if (this.#stopped) return () => undefined;
    const mark = { name, settled: false };
    this.#open.push(mark);
    return () => {
      mark.settled = true;
      this.#advance();
    };
  }

  /** All up to this name has been looked at; what of it is not under way is settled. */
  reach(name: string): void {
    this.begin(name)();
  }

  /** A name that is under way, or that would come next, will not be settled: it does not get any further. */
  stop(): void {
    this.begin('');
    this.#stopped = true;
  }

  /** The name up to which all is settled. */
  get upTo(): string | undefined {
    return this.#upTo;
  }

  #advance(): void {
    for (let mark = this.#open[this.#first]; mark?.settled === true; mark = this.#open[this.#first]) {
      this.#upTo = mark.name;
      this.#first++;
    }
    if (this.#first > 1_000) {
      this.#open = this.#open.slice(this.#first);
      this.#first = 0;
    }
  }
}
