// Milliseconds: a thread that has died never gives its turn back.
const longestWait = 20;

/**
 * Whose turn it is to write to a file: where threads write to one at the same time, all but one of them spin in the kernel, for as
 * long as that one writes. Nothing but time depends on it.
 */
export class WriteTurn {
  readonly state: Int32Array;

  constructor(state: Int32Array = new Int32Array(new SharedArrayBuffer(4))) {
    this.state = state;
  }

  #isTaken(): boolean {
    return Atomics.compareExchange(this.state, 0, 0, 1) !== 0;
  }

  /** Waits for it; in threads that have nothing else to do. */
  takeSync(): void {
    if (this.#isTaken()) {
      Atomics.wait(this.state, 0, 1, longestWait);
      Atomics.store(this.state, 0, 1);
    }
  }

  take(): undefined | Promise<void> {
    if (!this.#isTaken()) return undefined;
    const { async, value } = (Atomics as any).waitAsync(this.state, 0, 1, longestWait);
    const got = (): void => void Atomics.store(this.state, 0, 1);
    if (!async) return void got() as undefined;
    return value.then(got);
  }

  giveBack(): void {
    Atomics.store(this.state, 0, 0);
    Atomics.notify(this.state, 0, 1);
  }
}
