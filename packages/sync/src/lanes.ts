/** Tasks that run side by side, no more than so many. A task must not reject. */
export class Lanes {
  readonly #limit: number;
  #running = 0;
  #waiting: (() => void)[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Starts a task as soon as there is room; resolves, where there is none yet, when it has been started. */
  start(task: () => Promise<void>): Promise<void> | undefined {
    if (this.#running >= this.#limit) return this.#startLater(task);
    this.#run(task);
    return undefined;
  }

  async #startLater(task: () => Promise<void>): Promise<void> {
    while (this.#running >= this.#limit) await this.#change();
    this.#run(task);
  }

  #run(task: () => Promise<void>): void {
    this.#running++;
    void task().then(() => {
      this.#running--;
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const wake of waiting) wake();
    });
  }

  /** Runs a task as soon as there is room, and resolves when it has ended. */
  async run(task: () => Promise<void>): Promise<void> {
    let done = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      done = resolve;
    });
    await this.start(() => task().finally(done));
    await ended;
  }

  /** Resolves when nothing runs. */
  async idle(): Promise<void> {
    while (this.#running > 0) await this.#change();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

/** What one side puts in and the other takes out, in order; who puts in waits while too much is in it. */
export class Channel<T> {
  readonly #limit: number;
  #items: T[] = [];
  #ended = false;
  #wakeReader: (() => void) | undefined;
  #waitingWriters: (() => void)[] = [];

  constructor(limit: number = 1_000) {
    this.#limit = limit;
  }

  /** Puts something in; resolves, where too much is in it, when some has been taken out. */
  put(item: T): Promise<void> | undefined {
    if (this.#ended) return undefined;
    this.#items.push(item);
    this.#wakeReader?.();
    if (this.#items.length < this.#limit) return undefined;
    return new Promise<void>((resolve) => this.#waitingWriters.push(resolve));
  }

  /** Nothing more comes. Who waits to put something in goes on. */
  end(): void {
    this.#ended = true;
    this.#wakeReader?.();
    this.#wakeWriters();
  }

  /** All that is in it, again and again. */
  async *read(): AsyncGenerator<readonly T[], void, undefined> {
    for (;;) {
      const items = this.#items;
      this.#items = [];
      this.#wakeWriters();
      if (items.length > 0) yield items;
      if (this.#items.length > 0) continue;
      if (this.#ended) return;
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
      this.#wakeReader = undefined;
    }
  }

  #wakeWriters(): void {
    const writers = this.#waitingWriters;
    this.#waitingWriters = [];
    for (const wake of writers) wake();
  }
}
