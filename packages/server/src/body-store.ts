import { randomBytes } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes that are read at a time. */
const blockSize = 256 * 1024;

/** A file of the body store. */
export interface StoredFile {
  /** Names the file; random, so that it says nothing of the key. */
  id: string;
  /** Bytes. */
  size: number;
}

/**
 * Bodies as files in 256 subfolders, named by random ids.
 *
 * A file is written under a temporary name, takes its own when it is whole, is then referred to by the index, and goes
 * after the index has let go of it. What a crash leaves between two of these, {@link BodyStore.sweep} removes at the next
 * start.
 */
export class BodyStore {
  readonly #directory: string;
  readonly #durable: boolean;
  readonly #pins: Map<string, number> = new Map();
  readonly #doomed: Map<string, string[]> = new Map();

  /** @param durable - whether a body reaches the disk before it is reported as stored */
  constructor(directory: string, durable: boolean) {
    this.#directory = directory;
    this.#durable = durable;
  }

  /**
   * Stores all bytes of the source under a new id; undefined when there were none.
   * When the source throws, nothing stays behind.
   */
  async receive(source: AsyncIterable<Uint8Array>): Promise<StoredFile | undefined> {
    const id = randomBytes(16).toString('hex');
    let handle: FileHandle | undefined;
    let size = 0;
    try {
      for await (const chunk of source) {
        if (chunk.byteLength === 0) continue;
        handle ??= await this.#create(id);
        await writeAll(handle, chunk);
        size += chunk.byteLength;
      }
      if (!handle) return undefined;
      if (this.#durable) await handle.sync();
      await handle.close();
      await rename(this.#incoming(id), this.#path(id));
      if (this.#durable) await syncFolder(this.#shard(id));
    } catch (error) {
      await handle?.close().catch(() => undefined);
      if (handle) await rm(this.#incoming(id), { force: true }).catch(() => undefined);
      await this.discard([id]);
      throw error;
    }
    return { id, size };
  }

  /** The bytes `start` up to and including `end` of a file. */
  async *read(id: string, start: number, end: number): AsyncGenerator<Uint8Array> {
    const length = end - start + 1;
    if (length > blockSize) {
      yield* createReadStream(this.#path(id), { start, end, highWaterMark: blockSize });
      return;
    }
    // One read: a stream costs a small object more time than the disk does.
    const handle = await open(this.#path(id), 'r');
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(length), 0, length, start);
      if (bytesRead < length) throw new Error(`a body is shorter than the index says: ${id}`);
      yield buffer;
    } finally {
      await handle.close();
    }
  }

  /**
   * Keeps the files that belong to `name` from being removed until the returned function is called.
   * To be taken in the same turn of the event loop in which the index was read.
   */
  pin(name: string): () => Promise<void> {
    this.#pins.set(name, (this.#pins.get(name) ?? 0) + 1);
    let held = true;
    return async () => {
      if (!held) return;
      held = false;
      const left = (this.#pins.get(name) ?? 1) - 1;
      if (left > 0) {
        this.#pins.set(name, left);
        return;
      }
      this.#pins.delete(name);
      const ids = this.#doomed.get(name);
      this.#doomed.delete(name);
      if (ids) await this.discard(ids);
    };
  }

  /** Removes the files that belonged to `name`, once nobody reads them any more. */
  async remove(name: string, ids: readonly string[]): Promise<void> {
    if (this.#pins.has(name)) this.#doomed.set(name, [...ids]);
    else await this.discard(ids);
  }

  /** Removes files at once. A file that cannot be removed now is an orphan for the next sweep. */
  async discard(ids: readonly string[]): Promise<void> {
    for (const id of ids) await rm(this.#path(id), { force: true }).catch(() => undefined);
  }

  /** Removes every file that the index does not refer to; `referenced` gives the ids of one subfolder. */
  async sweep(referenced: (shard: string) => Promise<ReadonlySet<string>>): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    for (const shard of await readdir(this.#directory)) {
      // What is not of this store, a desktop's own file for example, is left alone.
      if (!/^[0-9a-f]{2}$/.test(shard)) continue;
      const known = await referenced(shard);
      const ids = (await readdir(join(this.#directory, shard))).map((rest) => shard + rest);
      await this.discard(ids.filter((id) => !known.has(id)));
    }
  }

  async #create(id: string): Promise<FileHandle> {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
    try {
      return await open(this.#incoming(id), flags, 0o600);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
      await mkdir(this.#shard(id), { recursive: true });
      if (this.#durable) await syncFolder(this.#directory);
      return await open(this.#incoming(id), flags, 0o600);
    }
  }

  #shard(id: string): string {
    return join(this.#directory, id.slice(0, 2));
  }

  #incoming(id: string): string {
    return `${this.#path(id)}.incoming`;
  }

  #path(id: string): string {
    return join(this.#shard(id), id.slice(2));
  }
}

async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let offset = 0; offset < chunk.byteLength; ) {
    const { bytesWritten } = await handle.write(chunk, offset);
    offset += bytesWritten;
  }
}

/** Makes the names in a folder durable. Windows cannot open a folder, and needs no such step. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
