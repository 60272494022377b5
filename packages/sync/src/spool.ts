import { createReadStream } from 'node:fs';
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const heldInMemory = 10_000;

/** A list that is written once and read once; what does not fit into memory goes to a temporary file. */
export class Spool<T> {
  #items: T[] = [];
  #folder: string | undefined;
  #file: FileHandle | undefined;

  async add(item: T): Promise<void> {
    this.#items.push(item);
    if (this.#items.length >= heldInMemory) await this.#flush();
  }

  async *read(): AsyncGenerator<T, void, undefined> {
    if (this.#folder !== undefined) {
      await this.#flush();
      const lines = createInterface({
        input: createReadStream(this.#path(this.#folder)),
        crlfDelay: Infinity,
      });
      // Written by `add`.
      for await (const line of lines) yield JSON.parse(line) as T;
    } else yield* this.#items;
  }

  async close(): Promise<void> {
    await this.#file?.close();
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
  }

  #path(folder: string): string {
    return join(folder, 'spool.ndjson');
  }

  async #flush(): Promise<void> {
    this.#folder ??= await mkdtemp(join(tmpdir(), 's3kit-sync-'));
    this.#file ??= await open(this.#path(this.#folder), 'a', 0o600);
    const text = this.#items.map((item) => `${JSON.stringify(item)}\n`).join('');
    this.#items = [];
    await this.#file.appendFile(text);
  }
}
