import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  createReadStream,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes that are read at a time. */
const blockSize = 512 * 1024;

/**
 * Bytes up to which a body is read, and where nothing is synced also written, without leaving the thread: the trips to the
 * thread pool, three for a read and four for a write, took twice the time of all the rest of a request.
 */
export const smallBody: number = 64 * 1024;

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
    let held: Uint8Array[] = [];
    let heldSize = 0;
    // One block is written while the next one comes in: hashing and the disk do not wait for each other.
    let writing: Promise<void> = Promise.resolve();
    try {
      for await (const chunk of source) {
        size += chunk.byteLength;
        heldSize += chunk.byteLength;
        held.push(chunk);
        if (heldSize < blockSize) continue;
        handle ??= await this.#create(id);
        await writing;
        writing = writeAll(handle, held);
        // It is awaited later; until then a failure must not count as one that nobody handles.
        writing.catch(() => undefined);
        held = [];
        heldSize = 0;
      }
      if (size === 0) return undefined;
      if (!handle && !this.#durable && size <= smallBody) {
        this.#writeSmall(id, Buffer.concat(held));
        return { id, size };
      }
      handle ??= await this.#create(id);
      await writing;
      await writeAll(handle, held);
      if (this.#durable) await handle.sync();
      await handle.close();
      await rename(this.#incoming(id), this.#path(id));
      if (this.#durable) await syncFolder(this.#shard(id));
    } catch (error) {
      await writing.catch(() => undefined);
      await handle?.close().catch(() => undefined);
      await rm(this.#incoming(id), { force: true }).catch(() => undefined);
      await this.discard([id]);
      throw error;
    }
    return { id, size };
  }

  /** The bytes `start` up to and including `end` of a file. */
  async *read(id: string, start: number, end: number): AsyncGenerator<Uint8Array> {
    yield* createReadStream(this.#path(id), { start, end, highWaterMark: blockSize });
  }

  /** The bytes `start` up to and including `end` of a file, at most {@link smallBody} of them, at once. */
  readSmall(id: string, start: number, end: number): Buffer {
    const bytes = Buffer.allocUnsafe(end - start + 1);
    const file = openSync(this.#path(id), 'r');
    try {
      if (readSync(file, bytes, 0, bytes.length, start) < bytes.length) {
        throw new Error(`a body is shorter than the index says: ${id}, ${fstatSync(file).size} bytes`);
      }
      return bytes;
    } finally {
      closeSync(file);
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
    for (const id of ids) await unlink(this.#path(id)).catch(() => undefined);
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

  #writeSmall(id: string, bytes: Buffer): void {
    const create = (): number => openSync(this.#incoming(id), creation, 0o600);
    let file: number;
    try {
      file = create();
    } catch (error) {
      if (!isMissing(error)) throw error;
      mkdirSync(this.#shard(id), { recursive: true });
      file = create();
    }
    try {
      for (let offset = 0; offset < bytes.length; ) offset += writeSync(file, bytes, offset);
    } finally {
      closeSync(file);
    }
    renameSync(this.#incoming(id), this.#path(id));
  }

  async #create(id: string): Promise<FileHandle> {
    try {
      return await open(this.#incoming(id), creation, 0o600);
    } catch (error) {
      if (!isMissing(error)) throw error;
      await mkdir(this.#shard(id), { recursive: true });
      if (this.#durable) await syncFolder(this.#directory);
      return await open(this.#incoming(id), creation, 0o600);
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

/** A file of a new name, for writing. */
const creation = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

async function writeAll(handle: FileHandle, chunks: readonly Uint8Array[]): Promise<void> {
  if (chunks.length === 0) return;
  const { bytesWritten } = await handle.writev(chunks);
  const total = chunks.reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (bytesWritten < total) await writeAll(handle, [Buffer.concat(chunks).subarray(bytesWritten)]);
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
