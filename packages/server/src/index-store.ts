import { type BatchOperation, ClassicLevel } from 'classic-level';

/** The half-open range of keys `from <= key < to`, in byte order. */
export interface KeyRange {
  from: Buffer;
  to: Buffer;
}

/** One key of the index with its decoded value. */
export interface Entry {
  readonly key: Buffer;
  readonly value: unknown;
}

/** An entry that is decoded when its value is first wanted: a listing passes many by. */
class StoredEntry implements Entry {
  readonly key: Buffer;
  #text: string;
  #value: unknown;

  constructor(key: Buffer, text: string) {
    this.key = key;
    this.#text = text;
  }

  get value(): unknown {
    if (this.#text !== '') {
      this.#value = JSON.parse(this.#text);
      this.#text = '';
    }
    return this.#value;
  }
}

/** Walks a range; may jump forward to a later key without reading what lies between. */
export interface Cursor {
  /** The next entries in order, at most `count`; empty at the end of the range. */
  next(count: number): Promise<Entry[]>;
  /** Continues at the first key that is not below `key`. */
  seek(key: Buffer): void;
  close(): Promise<void>;
}

/** What a unit of work sees and may change. Nothing is visible to others before all of it is. */
export interface Transaction {
  get(key: Buffer): unknown;
  put(key: Buffer, value: unknown): void;
  delete(key: Buffer): void;
  /** The entries of a range in order, with the changes of this transaction in their places. */
  range(range: KeyRange): AsyncGenerator<Entry>;
}

function levelIn(directory: string): ClassicLevel<Buffer, string> {
  return new ClassicLevel<Buffer, string>(directory, { keyEncoding: 'buffer', valueEncoding: 'utf8' });
}

function tellsOfLock(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === 'LEVEL_LOCKED';
}

/** Whether a server has the index in a folder open. */
export async function isLocked(directory: string): Promise<boolean> {
  const level = levelIn(directory);
  try {
    await level.open({ createIfMissing: false });
    await level.close();
    return false;
  } catch (error) {
    return tellsOfLock(error);
  }
}

/** Works are committed together up to this many: one sync to disk then pays for all of them. */
const largestGroup = 128;

type Changes = Map<string, { key: Buffer; text: string | undefined }>;

interface Job {
  work: (transaction: Transaction) => unknown;
  resolve: (value: unknown) => void;
  reject: (reason: unknown) => void;
}

/**
 * An ordered store of JSON values with atomic commits, one process at a time.
 *
 * Works run one after another, so a work may decide by what it reads. While one group of works goes
 * to disk the next gathers, and is committed in one step.
 */
export class IndexStore {
  readonly #level: ClassicLevel<Buffer, string>;
  readonly #sync: boolean;
  readonly #jobs: Job[] = [];
  #running: Promise<void> | undefined;

  private constructor(level: ClassicLevel<Buffer, string>, sync: boolean) {
    this.#level = level;
    this.#sync = sync;
  }

  /**
   * Opens or creates the index in a folder.
   *
   * @param durable - whether a commit reaches the disk before it is reported as done
   * @throws {Error} another process, or another server in this one, has the folder open
   */
  static async open(directory: string, durable: boolean): Promise<IndexStore> {
    const level = levelIn(directory);
    try {
      await level.open();
    } catch (error) {
      if (tellsOfLock(error)) {
        throw new Error(
          `directory is in use by another server: ${directory}; close that server or choose another directory`,
          { cause: error },
        );
      }
      throw new Error(`directory cannot be opened as an index: ${directory}`, { cause: error });
    }
    return new IndexStore(level, durable);
  }

  /** The committed value of a key. */
  get(key: Buffer): unknown {
    const text = this.#level.getSync(key);
    return text === undefined ? undefined : JSON.parse(text);
  }

  /** A cursor over the state of the index at this moment. */
  cursor(range: KeyRange): Cursor {
    const iterator = this.#level.iterator({
      gte: range.from,
      lt: range.to,
      // The default of 16 KiB cuts a page of a listing into many trips to the thread pool.
      highWaterMarkBytes: 1024 * 1024,
    });
    return {
      async next(count) {
        const entries = await iterator.nextv(count);
        return entries.map(([key, text]) => new StoredEntry(key, text));
      },
      seek: (key) => iterator.seek(key),
      close: () => iterator.close(),
    };
  }

  /** The committed entries of a range in order. */
  async *range(range: KeyRange): AsyncGenerator<Entry> {
    const cursor = this.cursor(range);
    try {
      for (let page = await cursor.next(256); page.length > 0; page = await cursor.next(256)) yield* page;
    } finally {
      await cursor.close();
    }
  }

  /** Runs a work alone and commits all of its changes, or none of them when it throws. */
  transact<T>(work: (transaction: Transaction) => T | Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      // The value that a job resolves to is the one that its own work returned.
      this.#jobs.push({ work, resolve: resolve as (value: unknown) => void, reject });
      this.#running ??= this.#run().finally(() => {
        this.#running = undefined;
      });
    });
  }

  /** Removes all entries, behind what was asked for before. */
  async clear(): Promise<void> {
    await this.#running;
    await this.#level.clear();
  }

  /** Commits what was asked for, then closes and frees the folder. */
  async close(): Promise<void> {
    await this.#running;
    await this.#level.close();
  }

  async #run(): Promise<void> {
    while (this.#jobs.length > 0) await this.#commitGroup();
  }

  async #commitGroup(): Promise<void> {
    const group: Changes = new Map();
    const settled: (() => void)[] = [];
    const rejections: ((reason: unknown) => void)[] = [];
    for (let count = 0; count < largestGroup; count += 1) {
      const job = this.#jobs.shift();
      if (!job) break;
      const own: Changes = new Map();
      try {
        const value = await job.work(this.#transaction(group, own));
        for (const [name, change] of own) group.set(name, change);
        settled.push(() => job.resolve(value));
        rejections.push(job.reject);
      } catch (error) {
        job.reject(error);
      }
    }
    try {
      await this.#write(group);
    } catch (error) {
      for (const reject of rejections) reject(error);
      return;
    }
    for (const settle of settled) settle();
  }

  async #write(changes: Changes): Promise<void> {
    if (changes.size === 0) return;
    const operations = Array.from(
      changes.values(),
      ({ key, text }): BatchOperation<ClassicLevel<Buffer, string>, Buffer, string> =>
        text === undefined ? { type: 'del', key } : { type: 'put', key, value: text },
    );
    await this.#level.batch(operations, { sync: this.#sync });
  }

  #transaction(group: Changes, own: Changes): Transaction {
    const change = (key: Buffer, text: string | undefined): void => {
      own.set(key.toString('latin1'), { key, text });
    };
    return {
      get: (key) => {
        const name = key.toString('latin1');
        const changed = own.get(name) ?? group.get(name);
        if (!changed) return this.get(key);
        return changed.text === undefined ? undefined : JSON.parse(changed.text);
      },
      put: (key, value) => change(key, JSON.stringify(value)),
      delete: (key) => change(key, undefined),
      range: (range) => merged(this.range(range), changesIn(range, group, own)),
    };
  }
}

function changesIn(range: KeyRange, group: Changes, own: Changes): Changes {
  const all = [...group, ...own].filter(
    ([, { key }]) => key.compare(range.from) >= 0 && key.compare(range.to) < 0,
  );
  return new Map(all);
}

/** Lays changes over stored entries; both come out in byte order. */
async function* merged(stored: AsyncGenerator<Entry>, changes: Changes): AsyncGenerator<Entry> {
  const sorted = [...changes.values()].sort((a, b) => a.key.compare(b.key));
  let position = 0;
  function* changedBelow(key: Buffer | undefined): Generator<Entry> {
    for (let change = sorted[position]; change; change = sorted[position]) {
      if (key && change.key.compare(key) >= 0) return;
      position += 1;
      if (change.text !== undefined) yield { key: change.key, value: JSON.parse(change.text) };
    }
  }
  for await (const entry of stored) {
    yield* changedBelow(entry.key);
    if (!changes.has(entry.key.toString('latin1'))) yield entry;
  }
  yield* changedBelow(undefined);
}
