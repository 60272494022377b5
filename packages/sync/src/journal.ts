import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, realpath, truncate } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { lockJournal } from '@s3kit/core';
import type { DeleteAction } from './action.ts';
import type { Sides } from './compare.ts';
import type { Entry } from './entry.ts';
import { unless } from './local-folder.ts';
import type { SyncOptions } from './options.ts';
import { compareNames } from './order.ts';
import type { Place } from './place.ts';

/**
 * What stands in a line of a journal: a name that is done, and what was sent by it, the position up to which all is done, a deletion to come,
 * or the end.
 */
type Line =
  | { readonly done: string; readonly source?: string }
  | { readonly upTo: string }
  | { readonly delete: DeleteAction }
  | { readonly end: true };

/** What an earlier run has left to be done. */
export interface Resumption {
  /** All names up to this are settled. */
  readonly after: string | undefined;
  /** Names behind it that are done, with the marks of what was sent. */
  readonly done: ReadonlyMap<string, string>;
  /** What was to be deleted of those names; what is to be deleted behind them is planned anew. */
  readonly deletions: readonly DeleteAction[];
}

interface Opened {
  readonly journal: Journal;
  readonly resumption: Resumption;
}

const format = 's3kit sync journal 1';
const millisecondsBetweenWrites = 100;

/**
 * What a run has done, in a file that is only ever appended to: one JSON document a line, the first of which says whose run it is. A last line that
 * was cut short is no line.
 */
export class Journal {
  readonly #file: FileHandle;
  readonly #letGo: () => Promise<void>;
  #lines: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #failure: unknown;

  private constructor(file: FileHandle, letGo: () => Promise<void>) {
    this.#file = file;
    this.#letGo = letGo;
  }

  /**
   * Opens a journal: a new one, or that of a run of the same places and options, which is then taken up, unless it came to its end.
   *
   * @throws {Error} it is another run's journal, or no journal, or in use
   */
  static async open(path: string, identity: string): Promise<Opened> {
    const letGo = await lockJournal(path);
    try {
      return await Journal.#openLocked(path, identity, letGo);
    } catch (error) {
      await letGo();
      throw error;
    }
  }

  static async #openLocked(path: string, identity: string, letGo: () => Promise<void>): Promise<Opened> {
    const found = await readJournal(path, identity);
    const isNew = found === undefined || found.ended;
    if (found !== undefined) await truncate(path, isNew ? 0 : found.length);
    const journal = new Journal(await open(path, 'a'), letGo);
    if (isNew) journal.#lines.push(JSON.stringify({ format, identity }));
    await journal.flush();
    const nothing = { after: undefined, done: new Map<string, string>(), deletions: [] };
    return { journal, resumption: isNew ? nothing : found };
  }

  write(line: Line): void {
    this.#lines.push(JSON.stringify(line));
    this.#timer ??= setTimeout(() => void this.flush().catch(() => undefined), millisecondsBetweenWrites);
  }

  /** @throws {Error} the file cannot be written */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = this.#lines.map((line) => `${line}\n`).join('');
    this.#lines = [];
    if (text !== '')
      this.#writing = this.#writing
        .then(() => this.#file.appendFile(text))
        .catch((error: unknown) => {
          this.#failure ??= error;
        });
    await this.#writing;
    if (this.#failure !== undefined) throw this.#failure;
  }

  async close(): Promise<void> {
    await this.flush()
      .finally(() => this.#file.close())
      .finally(this.#letGo);
  }
}

type Found = Resumption & { readonly ended: boolean; readonly length: number };

async function readJournal(path: string, identity: string): Promise<Found | undefined> {
  const file = await open(path, 'r').catch(unless('ENOENT'));
  if (file === undefined) return undefined;
  const { size } = await file.stat();
  await file.close();
  if (size === 0) return undefined;
  const done = new Map<string, string>();
  // By their names: each run that was taken up has planned once more what lay behind its beginning.
  const deletions = new Map<string, DeleteAction>();
  let after: string | undefined;
  let ended = false;
  let length = 0;
  let isFirst = true;
  let isOther = false;
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    const end = length + Buffer.byteLength(text) + 1;
    // The last line was cut short, if only by its end.
    if (end > size) {
      if (isFirst && !isBeginning(text)) throw noJournal(path);
      break;
    }
    const line = parseLine(text);
    if (isFirst) isOther = identityIn(path, line) !== identity;
    else if (line === undefined) break;
    else if ('done' in line) {
      // Older versions did not tell what it was: it may be another by now.
      if (line.source !== undefined) done.set(line.done, line.source);
    } else if ('upTo' in line) {
      after = line.upTo;
      // What lies before is done with; a few of those behind are kept.
      for (const name of done.keys()) if (compareNames(name, after) <= 0) done.delete(name);
    } else if ('delete' in line) deletions.set(line.delete.name, line.delete);
    else if ('end' in line) ended = true;
    isFirst = false;
    length = end;
  }
  if (isFirst) return { after, done, deletions: [], ended: true, length };
  // Of one that came to its end, nothing is left that could be lost.
  if (isOther && !ended) throw otherRun(path);
  const settled = [...deletions.values()].filter(
    ({ name }) => after !== undefined && compareNames(name, after) <= 0,
  );
  return { after, done, deletions: settled, ended, length };
}

function parseLine(text: string): Line | undefined {
  try {
    // Written by `write`, or by nobody that a journal has to be kept from.
    return JSON.parse(text) as Line;
  } catch {
    return undefined;
  }
}

/** Whose journal it is. @throws {Error} it is none */
function identityIn(path: string, header: unknown): unknown {
  const fields = typeof header === 'object' && header !== null ? header : {};
  if (!('format' in fields) || fields.format !== format) throw noJournal(path);
  return 'identity' in fields ? fields.identity : undefined;
}

/** Whether a first line that was cut short can be a journal's. */
function isBeginning(text: string): boolean {
  const beginning = JSON.stringify({ format }).slice(0, -1);
  return text.startsWith(beginning) || beginning.startsWith(text);
}

function noJournal(path: string): Error {
  return new Error(`${path} is no journal of a sync`);
}

function otherRun(path: string): Error {
  return new Error(
    `${path} is the journal of another sync, which has not come to its end: of other places, or with other options. Let that one finish, or delete the file; runs that are to go on side by side need a file each`,
  );
}

/** By what it shows whether a file, or an object, is still the one that was sent. */
export function entryMark({ size, modified, eTag = '' }: Entry): string {
  return `${size} ${modified} ${eTag}`;
}

/** Where a journal lies, without symbolic links on the way to it; undefined where there is no such folder. */
export async function realPathOf(journal: string): Promise<string | undefined> {
  const folder = await realpath(dirname(journal)).catch(() => undefined);
  return folder === undefined ? undefined : join(folder, basename(journal));
}

/**
 * What makes a run the same as another: its places, and the options that decide what is done, and what is stored by it. As a digest: among
 * the headers, there may be a key. By which times files are chosen, is none of it: one that was given as "a week ago" is another
 * at each start, and what is done stays done.
 */
export function identityOf({ source, destination }: Sides, options: SyncOptions): string {
  const { compare, exactTimestamps, existing, folders, preserve, archived, shard, move } = options;
  const { rules, names, minimumSize, maximumSize } = options.filter ?? {};
  const filter = { rules, names, minimumSize, maximumSize };
  const decisive = { filter, compare, exactTimestamps, existing, folders, preserve, archived, shard, move };
  const checksum = destination.kind === 'remote' && destination.storage.connection.checksum;
  const places = [describe(source), describe(destination)];
  const text = JSON.stringify([
    ...places,
    decisive,
    options.delete === true,
    describeHeaders(options),
    checksum,
  ]);
  return createHash('sha256').update(text).digest('hex');
}

function describe(place: Place): unknown {
  if (place.kind === 'local') return [resolve(place.path), place.followSymlinks];
  return [place.storage.connection.endpoint, place.bucket, place.prefix];
}

/** The headers in one order, whichever they were given in; of a function, what it goes by. */
function describeHeaders({ headers = {}, headersIdentity }: SyncOptions): unknown {
  if (typeof headers === 'function') return headersIdentity ?? 'a function';
  const pairs = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  return pairs.sort(([one], [other]) => compareNames(one, other));
}
