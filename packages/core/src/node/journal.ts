import { createHash } from 'node:crypto';
import { type FileHandle, open, readFile, rename, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { errorCode } from '../errors.ts';
import type { JournalPlace } from '../journal-place.ts';
import { longestStem } from './atomic-file.ts';
import { explained } from './local-file.ts';

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

/** The journals that this process has open. */
const inUse = new Set<string>();

/**
 * A file of JSON lines, of which the first says what is being done, and each other what of it is done.
 *
 * A line is written when what it says is done, in one piece: whatever kills the process, all lines but the last are whole. Only
 * one process at a time uses a journal.
 */
export class Journal {
  readonly path: string;
  /** What an earlier run has left. */
  readonly found: JournalState | undefined;
  #handle: FileHandle | undefined;

  private constructor(path: string, found: JournalState | undefined) {
    this.path = path;
    this.found = found;
  }

  /**
   * Opens a journal; one that is not there yet is made when there is something to write.
   *
   * @throws {Error} another process uses it, or it cannot be read
   */
  static async open(path: string): Promise<Journal> {
    if (inUse.has(path)) throw new Error(`another transfer of this process uses the journal ${path}`);
    inUse.add(path);
    try {
      const journal = new Journal(path, await readState(path));
      if (journal.found !== undefined) await journal.#own(await open(path, 'a').catch(refuse(path)));
      return journal;
    } catch (error) {
      inUse.delete(path);
      throw error;
    }
  }

  /** Begins the journal anew. */
  async begin(task: JournalRecord): Promise<void> {
    await this.#handle?.close();
    this.#handle = undefined;
    const beginning = `${this.path}.new`;
    const handle = await open(beginning, 'w', 0o600).catch(refuse(this.path));
    await handle.appendFile(`${JSON.stringify(task)}\n`);
    await rename(beginning, this.path);
    await this.#own(handle);
  }

  /** Writes down what is done. */
  async append(record: JournalRecord): Promise<void> {
    if (this.#handle === undefined) throw new Error(`the journal ${this.path} has not begun`);
    await this.#handle.appendFile(`${JSON.stringify(record)}\n`);
  }

  /** Leaves the journal for another run. */
  async close(): Promise<void> {
    inUse.delete(this.path);
    await this.#handle?.close();
    this.#handle = undefined;
  }

  /** All is done, or in vain: there is nothing to go on with. */
  async remove(): Promise<void> {
    await this.close();
    await unlink(this.path).catch((error: unknown) => {
      if (errorCode(error) !== 'ENOENT') throw explained(this.path, 'remove', error);
    });
  }

  async #own(handle: FileHandle): Promise<void> {
    this.#handle = handle;
    // A line that a crash has cut must not swallow this one.
    await handle.appendFile(`\n${JSON.stringify({ process: process.pid, host: hostname() })}\n`);
  }
}

function refuse(path: string): (error: unknown) => never {
  return (error) => {
    throw explained(path, 'write the journal', error);
  };
}

async function readState(path: string): Promise<JournalState | undefined> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return '';
    throw explained(path, 'read the journal', error);
  });
  const [task, ...rest] = text
    .split('\n')
    .map(recordIn)
    .filter((record) => record !== undefined);
  if (task === undefined) return undefined;
  const owner = rest.findLast((record) => 'process' in record);
  if (owner?.['host'] === hostname() && isAlive(owner['process'])) {
    throw new Error(
      `the process ${owner['process']} uses the journal ${path}; wait for it, or end it (if it is no transfer, delete the journal)`,
    );
  }
  return { task, done: rest.filter((record) => !('process' in record)) };
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

/** Whether there is such a process, other than this one. */
function isAlive(pid: unknown): boolean {
  if (typeof pid !== 'number' || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}
