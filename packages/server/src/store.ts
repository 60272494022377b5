import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BodyStore, type StoredFile, smallBody } from './body-store.ts';
import { IndexStore, type Transaction } from './index-store.ts';
import { bodyParts, type Garbage } from './object-versions.ts';
import { type BodyPart, type ObjectVersion, tables } from './records.ts';

/** What a work changes in the index, and the files that nothing refers to after it. */
export interface Outcome<T> {
  value: T;
  garbage: Garbage[];
}

/** Where in the folder of a server its index is. */
export function indexFolder(directory: string): string {
  return join(directory, 'index');
}

/** The data of a server in one folder: the index, and the bodies it refers to. */
export class Store {
  readonly index: IndexStore;
  readonly #bodies: BodyStore;

  private constructor(index: IndexStore, bodies: BodyStore) {
    this.index = index;
    this.#bodies = bodies;
  }

  /**
   * Opens or creates the data in a folder, and removes what a crash left behind.
   *
   * @param durable - whether a change reaches the disk before it is reported as done
   * @throws {Error} the folder is in use, or cannot be used
   */
  static async open(directory: string, durable: boolean): Promise<Store> {
    await mkdir(directory, { recursive: true });
    const index = await IndexStore.open(indexFolder(directory), durable);
    const bodies = new BodyStore(join(directory, 'bodies'), durable);
    await bodies.sweep(async (shard) => {
      const known = new Set<string>();
      for await (const { key } of index.range(tables.files(shard))) known.add(tables.fileOf(key));
      return known;
    });
    return new Store(index, bodies);
  }

  /** Changes the index in one step, then removes the files that this made useless. */
  async commit<T>(work: (transaction: Transaction) => Outcome<T> | Promise<Outcome<T>>): Promise<T> {
    const { value, garbage } = await this.index.transact(work);
    for (const { name, ids } of garbage) await this.#bodies.remove(name, ids);
    return value;
  }

  /**
   * Stores a body, then runs the work that makes the index refer to it. When either fails, the body is
   * gone. The file is undefined for an empty body.
   */
  async commitBody<T>(
    source: AsyncIterable<Uint8Array>,
    work: (transaction: Transaction, file: StoredFile | undefined) => Outcome<T> | Promise<Outcome<T>>,
  ): Promise<T> {
    const file = await this.#bodies.receive(source);
    try {
      return await this.commit((transaction) => {
        if (file) transaction.put(tables.file(file.id), 1);
        return work(transaction, file);
      });
    } catch (error) {
      if (file) await this.#bodies.discard([file.id]);
      throw error;
    }
  }

  /**
   * Opens the bytes `start` up to and including `end` of a version for reading. The files stay until
   * `release` is called. To be called in the same turn of the event loop in which the version was read.
   */
  openBody(version: ObjectVersion, start: number, end: number): OpenBody {
    const { body } = version;
    if (!body || end < start) return atOnce(new Uint8Array());
    if (body.parts === undefined && end - start < smallBody) {
      return atOnce(this.#bodies.readSmall(body.id, start, end));
    }
    // Now, not when the reading starts: an overwrite takes the list of the parts out of the index.
    const parts: readonly BodyPart[] =
      body.parts === undefined ? [{ id: body.id, size: version.size }] : bodyParts(this.index, body);
    return { source: this.#read(parts, start, end), release: this.#bodies.pin(body.id) };
  }

  /** Removes everything. No request may be under way. */
  async clear(): Promise<void> {
    await this.index.clear();
    await this.#bodies.sweep(async () => new Set());
  }

  close(): Promise<void> {
    return this.index.close();
  }

  async *#read(parts: readonly BodyPart[], start: number, end: number): AsyncGenerator<Uint8Array> {
    let from = 0;
    for (const { id, size } of parts) {
      const first = Math.max(start - from, 0);
      const last = Math.min(end - from, size - 1);
      if (id !== undefined && first <= last) yield* this.#bodies.read(id, first, last);
      from += size;
    }
  }
}

/** A body being read. */
export interface OpenBody {
  source: AsyncIterable<Uint8Array>;
  /** All of it, where it was read already. */
  bytes?: Uint8Array;
  /** Lets go of the files; harmless when called again. */
  release: () => Promise<void>;
}

/** A body that was read already holds no file. */
function atOnce(bytes: Uint8Array): OpenBody {
  async function* source(): AsyncGenerator<Uint8Array> {
    if (bytes.byteLength > 0) yield bytes;
  }
  return { source: source(), bytes, release: async () => {} };
}
