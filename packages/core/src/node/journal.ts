import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, open, readFile, rename, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { errorCode } from '../errors.ts';
import type { JournalPlace } from '../journal-place.ts';
import { longestStem } from './atomic-file.ts';
import { explained } from './local-file.ts';
import { isRunning, ownMark } from './running-process.ts';

/** What a line of a journal holds. */
export type JournalRecord = Readonly<Record<string, unknown>>;

/** What an earlier run has left in a journal. */
export interface JournalState {
  /** What was being done: the first line. */
  readonly task: JournalRecord;
  /** What of it was done: the other lines. */
  readonly done: readonly JournalRecord[];
}

/** What tells one transfer from all others. */
export interface TransferIdentity {
  readonly kind: 'upload' | 'download';
  readonly localFile: string;
  readonly endpoint: string;
  readonly bucket: string;
  readonly key: string;
}

/** A short name for a transfer: the same for the same, and another for every other. */
export function transferDigest({ kind, localFile, endpoint, bucket, key }: TransferIdentity): string {
  const identity = JSON.stringify([kind, resolve(localFile), endpoint, bucket, key]);
  return createHash('sha256').update(identity).digest('hex').slice(0, 16);
}

/** The path of a transfer's journal. */
export function journalPath(place: JournalPlace, transfer: TransferIdentity): string {
  const file = resolve(transfer.localFile);
  const name = `.${basename(file).slice(0, longestStem)}.${transferDigest(transfer)}.s3kit-${transfer.kind}`;
  return join(typeof place === 'string' ? place : dirname(file), name);
}

const journals = Symbol.for('s3kit.journals');

/** The journals that this thread has open, by whichever copy of this module: `import` and `require` have one each. */
function inUse(): Set<string> {
  const shared = globalThis as { [journals]?: Set<string> };
  shared[journals] ??= new Set();
  return shared[journals];
}

/**
 * A file of JSON lines, of which the first says what is being done, and each other what of it is done.
 *
 * A line is written when what it says is done, in one piece: whatever kills the process, all lines but the last are whole. Only
 * one process at a time uses a journal: each writes a line of its own behind what is there, and the first of those that still run
 * has it.
 */
export class Journal {
  readonly path: string;
  /** What an earlier run has left. */
  readonly found: JournalState | undefined;
  readonly #owner: JournalRecord;
  #handle: FileHandle | undefined;
  #hasTask: boolean;

  private constructor(path: string, { owner, handle, found }: Owned) {
    this.path = path;
    this.found = found;
    this.#owner = owner;
    this.#handle = handle;
    this.#hasTask = found !== undefined;
  }

  /**
   * Opens a journal, and makes one that is not there yet.
   *
   * @throws {Error} another process uses it, or it cannot be read or written
   */
  static async open(path: string): Promise<Journal> {
    if (inUse().has(path)) throw new Error(`another transfer of this process uses the journal ${path}`);
    inUse().add(path);
    try {
      return new Journal(path, await own(path));
    } catch (error) {
      inUse().delete(path);
      throw error;
    }
  }

  /** Whether there is something that another run could go on with. */
  get hasTask(): boolean {
    return this.#hasTask;
  }

  /** Begins the journal anew. */
  async begin(task: JournalRecord): Promise<void> {
    await this.#handle?.close();
    const beginning = `${this.path}.new`;
    this.#handle = await open(beginning, 'w', 0o600).catch(refuse(this.path));
    await this.#handle.appendFile(linesOf(task, this.#owner));
    await rename(beginning, this.path);
    this.#hasTask = true;
  }

  /** Writes down what is done. */
  async append(record: JournalRecord): Promise<void> {
    if (!this.#hasTask) throw new Error(`the journal ${this.path} has not begun`);
    await this.#handle?.appendFile(linesOf(record));
  }

  /** Leaves the journal for another run, if there is something to go on with. */
  async close(): Promise<void> {
    if (!this.#hasTask) return this.remove();
    await this.#handle?.appendFile(linesOf({ left: this.#owner['token'] })).catch(() => undefined);
    await this.#letGo();
  }

  /** All is done, or in vain: there is nothing to go on with. */
  async remove(): Promise<void> {
    if (this.#handle === undefined) return;
    await unlink(this.path).catch((error: unknown) => {
      if (errorCode(error) !== 'ENOENT') throw explained(this.path, 'remove', error);
    });
    await this.#letGo();
  }

  async #letGo(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
    inUse().delete(this.path);
  }
}

/** A journal that is written by others: who has the file beside it has the journal. */
export async function lockJournal(path: string): Promise<() => Promise<void>> {
  const lock = await Journal.open(`${path}.s3kit-lock`);
  return () => lock.remove();
}

function linesOf(...records: readonly JournalRecord[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

/** A journal that this process has, and no other. */
interface Owned {
  /** The line that says so. */
  readonly owner: JournalRecord;
  readonly handle: FileHandle;
  readonly found: JournalState | undefined;
}

async function own(path: string): Promise<Owned> {
  const owner = { ...ownMark(), host: hostname(), token: randomUUID() };
  for (;;) {
    const handle = await open(path, 'a', 0o600).catch(refuse(path));
    try {
      // A line that a crash has cut must not swallow this one.
      await handle.appendFile(`\n${linesOf(owner)}`);
      const records = await readRecords(path);
      const first = firstOwner(records, owner.token);
      if (first?.['token'] === owner.token) return { owner, handle, found: stateIn(records) };
      // Where its line is not there, what it was written to is no longer the journal.
      if (records.some(({ token }) => token === owner.token)) {
        await handle.appendFile(linesOf({ left: owner.token }));
        throw new Error(
          `the process ${first?.['process']} uses the journal ${path}; wait for it, or end it (if it is no transfer, delete the journal)`,
        );
      }
    } catch (error) {
      await handle.close();
      throw error;
    }
    await handle.close();
  }
}

function refuse(path: string): (error: unknown) => never {
  return (error) => {
    throw explained(path, 'write the journal', error);
  };
}

async function readRecords(path: string): Promise<readonly JournalRecord[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return '';
    throw explained(path, 'read the journal', error);
  });
  return text
    .split('\n')
    .map(recordIn)
    .filter((record) => record !== undefined);
}

function stateIn(records: readonly JournalRecord[]): JournalState | undefined {
  const [task, ...done] = records.filter((record) => !('process' in record || 'left' in record));
  return task && { task, done };
}

/** Of all that have written that they have the journal, the first that has not left it and still runs: another, or this one. */
function firstOwner(records: readonly JournalRecord[], token: string): JournalRecord | undefined {
  const left = new Set(records.map((record) => record['left']));
  return records.find(
    (record) =>
      'process' in record &&
      (record['token'] === undefined || !left.has(record['token'])) &&
      (record['token'] === token || (record['host'] === hostname() && isRunning(record))),
  );
}

function recordIn(line: string): JournalRecord | undefined {
  if (line === '') return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    // What was being written when the process was killed.
    return undefined;
  }
}
