import { type Entry, type Item, isProblem, type Problem } from './entry.ts';
import { compareNames } from './order.ts';

/** What both sides have of one name; or a problem of one of them. */
export type Pair =
  | { readonly name: string; readonly source?: Entry | undefined; readonly destination?: Entry | undefined }
  | { readonly name: string; readonly side: 'source' | 'destination'; readonly problem: Problem };

type Batches = AsyncIterable<readonly Item[]>;

const batchSize = 512;

/**
 * Puts two ordered streams of names side by side, holding a batch of each.
 *
 * @throws {Error} what a stream throws; and where one is not in order
 */
export async function* join(source: Batches, destination: Batches): AsyncGenerator<readonly Pair[]> {
  const left = new Cursor(source);
  const right = new Cursor(destination);
  let pairs: Pair[] = [];
  try {
    for (;;) {
      // Nothing to wait for, in all but a few rounds.
      const one = left.current ?? (left.ended ? undefined : await left.fill());
      const other = right.current ?? (right.ended ? undefined : await right.fill());
      if (one === undefined && other === undefined) break;
      const order = one === undefined ? 1 : other === undefined ? -1 : compareNames(one.name, other.name);
      const sourceItem = order <= 0 ? one : undefined;
      const destinationItem = order >= 0 ? other : undefined;
      if (sourceItem !== undefined) left.advance();
      if (destinationItem !== undefined) right.advance();
      addPairs(pairs, sourceItem, destinationItem);
      if (pairs.length >= batchSize) {
        yield pairs;
        pairs = [];
      }
    }
    if (pairs.length > 0) yield pairs;
  } finally {
    await Promise.all([left.stop(), right.stop()]);
  }
}

function addPairs(pairs: Pair[], source: Item | undefined, destination: Item | undefined): void {
  // A problem first: it says that nothing is known of the name on its side.
  const isUnknownSource = source !== undefined && isProblem(source);
  const isUnknownDestination = destination !== undefined && isProblem(destination);
  if (isUnknownSource) pairs.push({ name: source.name, side: 'source', problem: source });
  if (isUnknownDestination) pairs.push({ name: destination.name, side: 'destination', problem: destination });
  const entries = {
    source: isUnknownSource ? undefined : source,
    destination: isUnknownDestination ? undefined : destination,
  };
  const name = entries.source?.name ?? entries.destination?.name;
  if (name !== undefined) pairs.push({ name, ...entries });
}

/** Where one stream is. The batch behind the one that is being read is asked for already. */
class Cursor {
  readonly #batches: AsyncIterator<readonly Item[]>;
  #batch: readonly Item[] = [];
  #index = 0;
  #next: Promise<IteratorResult<readonly Item[]>>;
  ended = false;

  constructor(batches: Batches) {
    this.#batches = batches[Symbol.asyncIterator]();
    this.#next = this.#ask();
  }

  get current(): Item | undefined {
    return this.#batch[this.#index];
  }

  advance(): void {
    this.#index++;
  }

  async fill(): Promise<Item | undefined> {
    while (this.current === undefined) {
      const { done, value } = await this.#next;
      if (done === true) {
        this.ended = true;
        return undefined;
      }
      this.#batch = value;
      this.#index = 0;
      this.#next = this.#ask();
    }
    return this.current;
  }

  async stop(): Promise<void> {
    await this.#next.catch(() => undefined);
    await this.#batches.return?.();
  }

  #ask(): Promise<IteratorResult<readonly Item[]>> {
    const next = this.#batches.next();
    // Whoever waits for it hears of its failure.
    next.catch(() => undefined);
    return next;
  }
}
