import type { Action } from '@s3kit/sync';

/**
 * Counts the bytes that a run is to send, by a plan of its own, which goes ahead of what the run does: the run's own plan is only
 * as far as its transfers are.
 */
export class PlannedBytes {
  #bytes = 0;
  #position = '';
  #isCounting = true;
  /** What has been sent before the count came to it, where the count may not find it any more. */
  readonly #early: Map<string, number> = new Map();
  #total: number | undefined;

  /** Bytes of all that is sent; undefined until all is planned, and where that cannot be done. */
  get total(): number | undefined {
    return this.#total;
  }

  /** Counts; what is wrong with the plan is left to the run to tell. */
  async count(actions: AsyncIterable<Action>): Promise<void> {
    try {
      for await (const { kind, name, size } of actions) {
        this.#position = name;
        if (kind === 'delete' || kind === 'skip') continue;
        this.#bytes += size;
        this.#early.delete(name);
      }
      for (const size of this.#early.values()) this.#bytes += size;
      this.#total = this.#bytes;
    } catch {
      // No total, then.
    } finally {
      this.#isCounting = false;
      this.#early.clear();
    }
  }

  /** Notes what the run has sent. */
  sent(name: string, size: number): void {
    // A plan is in the order of the names' bytes: what lies behind it is counted.
    if (this.#isCounting && Buffer.compare(Buffer.from(name), Buffer.from(this.#position)) > 0)
      this.#early.set(name, size);
  }
}
