import { isUtf8 } from 'node:buffer';
import { type BigIntStats, type Dirent, statSync } from 'node:fs';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promptly } from '@s3kit/core';
import type { Entry, Item, Problem, ProblemReason } from './entry.ts';
import type { NameFilter } from './filter.ts';
import { asError } from './local-folder.ts';
import { isOwnFile } from './local-name.ts';
import { compareNames } from './order.ts';
import type { LocalPlace } from './place.ts';

/** What of a place is wanted. */
export interface Wanted {
  readonly names: NameFilter;
  /** Only what comes behind this name. */
  readonly after?: string | undefined;
  /** Folders too, as entries whose names end in a slash. */
  readonly folders: boolean;
  readonly signal?: AbortSignal | undefined;
  /** The path of a file that is not looked at, without symbolic links: the run's own journal. */
  readonly ignored?: string | undefined;
}

// Items that are handed on together: to hand on each by itself would cost more than to find it.
const batchSize = 512;
const statsAtATime = 64;

/** A folder that is being walked. */
interface Folder {
  readonly path: string;
  /** Without symbolic links; two that are equal are one folder. */
  readonly realPath: string;
  /** Empty, or with a slash at its end. */
  readonly name: string;
  /** What is left of it: files, and folders with a slash behind them, last first; what is misread, with a NUL behind its name. */
  readonly left: string[];
  readonly links: ReadonlySet<string>;
  readonly problems: ReadonlyMap<string, Problem>;
}

/**
 * The files below a folder, in the order in which S3 lists keys; with what could not be had, in its place.
 *
 * Of each level, one folder's names are held in memory.
 *
 * @throws {Error} the folder itself cannot be read
 */
export async function* walk(place: LocalPlace, wanted: Wanted): AsyncGenerator<readonly Item[]> {
  const { signal, names, folders, after, ignored } = wanted;
  const folderPath = await realpath(place.path);
  const stack: Folder[] = [await readFolder(place, place.path, folderPath, '', ignored)];
  let items: Item[] = [];
  for (let folder = stack.at(-1); folder !== undefined; folder = stack.at(-1)) {
    signal?.throwIfAborted();
    await takeFiles(folder, wanted, items);
    if (items.length >= batchSize) {
      yield items;
      items = [];
      continue;
    }
    const next = folder.left.pop();
    if (next === undefined) {
      stack.pop();
      continue;
    }
    const misread = folder.problems.get(next);
    const name = misread === undefined ? folder.name + next : `${misread.name}/`;
    if (!names.entersFolder(name) || (after !== undefined && isWhollyBefore(name, after))) continue;
    if (misread !== undefined) {
      items.push(misread);
      continue;
    }
    try {
      const isLink = folder.links.has(next);
      const path = join(folder.path, next);
      const realPath = isLink ? await realpath(path) : join(folder.realPath, next.slice(0, -1));
      if (isLink && stack.some((above) => above.realPath === realPath)) {
        items.push(problem(name.slice(0, -1), 'link-loop'));
        continue;
      }
      const child = await readFolder(place, path, realPath, name, ignored);
      if (folders && names.accepts(name) && !(after !== undefined && compareNames(name, after) <= 0))
        items.push({ name, size: 0, modified: 0 });
      stack.push(child);
    } catch (error) {
      items.push(problem(name.slice(0, -1), 'unreadable', error));
    }
  }
  if (items.length > 0) yield items;
}

/** Whether everything below a folder comes before a name, or is it. */
function isWhollyBefore(folder: string, name: string): boolean {
  return !name.startsWith(folder) && compareNames(folder, name) < 0;
}

async function readFolder(
  place: LocalPlace,
  path: string,
  realPath: string,
  name: string,
  ignored: string | undefined,
): Promise<Folder> {
  const left: string[] = [];
  const links = new Set<string>();
  const problems = new Map<string, Problem>();
  for (const entry of await contentOf(path)) {
    if (entry.isMisread === true) {
      const own = `${entry.name}\0${entry.isDirectory() ? '/' : ''}`;
      left.push(own);
      const error = new Error('its name is not UTF-8, as names in S3 are: give it another');
      problems.set(own, problem(name + entry.name, 'unreadable', error));
      continue;
    }
    if (ignored?.endsWith(entry.name) === true && join(realPath, entry.name) === ignored) continue;
    if (entry.isFile()) {
      if (!isOwnFile(entry.name)) left.push(entry.name);
      continue;
    }
    if (entry.isDirectory()) {
      left.push(`${entry.name}/`);
      continue;
    }
    // A link, a special file, or what some file systems do not tell without being asked about it.
    const found = await look(join(path, entry.name), place.followSymlinks);
    if (found.kind === 'folder') {
      left.push(`${entry.name}/`);
      if (found.isLink) links.add(`${entry.name}/`);
      continue;
    }
    if (isOwnFile(entry.name)) continue;
    left.push(entry.name);
    if (found.kind === 'problem')
      problems.set(entry.name, problem(name + entry.name, found.reason, found.error));
  }
  // Taken from the end.
  left.sort((one, other) => compareNames(other, one));
  return { path, realPath, name, left, links, problems };
}

/** What a folder holds under a name. */
interface Content extends Pick<Dirent, 'name' | 'isFile' | 'isDirectory'> {
  /** True where the name is not that of the file, but what Node makes of it. */
  readonly isMisread?: boolean;
}

/** What is in a folder. Node gives bytes that are not UTF-8 as U+FFFD, which other names truly hold: the bytes show which is which. */
async function contentOf(path: string): Promise<readonly Content[]> {
  const entries = await readdir(path, { withFileTypes: true });
  if (!entries.some(({ name }) => name.includes('\ufffd'))) return entries;
  const exact = await readdir(path, { withFileTypes: true, encoding: 'buffer' });
  return exact.map((entry) => ({
    name: entry.name.toString(),
    isFile: () => entry.isFile(),
    isDirectory: () => entry.isDirectory(),
    isMisread: !isUtf8(entry.name),
  }));
}

type Found =
  | { readonly kind: 'file' }
  | { readonly kind: 'folder'; readonly isLink: boolean }
  | { readonly kind: 'problem'; readonly reason: ProblemReason; readonly error?: unknown };

async function look(path: string, followSymlinks: boolean): Promise<Found> {
  try {
    const isLink = (await lstat(path)).isSymbolicLink();
    if (isLink && !followSymlinks) return { kind: 'problem', reason: 'link' };
    const stats = await stat(path);
    if (stats.isFile()) return { kind: 'file' };
    return stats.isDirectory() ? { kind: 'folder', isLink } : { kind: 'problem', reason: 'special-file' };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const reason = code === 'ENOENT' ? 'broken-link' : code === 'ELOOP' ? 'link-loop' : 'unreadable';
    return { kind: 'problem', reason, error };
  }
}

function problem(name: string, reason: ProblemReason, error?: unknown): Problem {
  const serious = reason !== 'link' && reason !== 'special-file';
  return {
    name,
    problem: reason,
    serious,
    ...(error instanceof Error ? { error } : {}),
  };
}

/** Takes the files that come next in a folder, up to its next folder or a batch of them. */
async function takeFiles(folder: Folder, { names, after }: Wanted, items: Item[]): Promise<void> {
  const batch: string[] = [];
  while (batch.length < batchSize) {
    const next = folder.left.at(-1);
    if (next === undefined || next.endsWith('/')) break;
    folder.left.pop();
    const name = folder.problems.get(next)?.name ?? folder.name + next;
    if (names.accepts(name) && (after === undefined || compareNames(name, after) > 0)) batch.push(next);
  }
  if (batch.length === 0) return;
  const stats = await statAll(batch.map((name) => `${folder.path}/${name}`));
  batch.forEach((base, index) => {
    const known = folder.problems.get(base);
    const name = folder.name + base;
    const found = stats[index];
    if (known !== undefined) items.push(known);
    else if (found === undefined || found instanceof Error) items.push(problem(name, 'unreadable', found));
    else items.push(entryOf(name, found));
  });
}

function entryOf(name: string, stats: BigIntStats): Entry {
  return { name, size: Number(stats.size), modified: modifiedOf(stats), mode: Number(stats.mode) };
}

// As a number of milliseconds, what is near the end of one would be rounded up.
const exactly = { bigint: true } as const;

/** A file's time in whole milliseconds, by `stat` with `bigint`: cut, so that it is never later than it was. */
export function modifiedOf({ mtimeNs }: Pick<BigIntStats, 'mtimeNs'>): number {
  const beyond = ((mtimeNs % 1_000_000n) + 1_000_000n) % 1_000_000n;
  return Number((mtimeNs - beyond) / 1_000_000n);
}

async function statAll(paths: readonly string[]): Promise<readonly (BigIntStats | Error)[]> {
  const results: (BigIntStats | Error)[] = new Array(paths.length);
  const left = paths.entries();
  const work = async (): Promise<void> => {
    for (const [index, path] of left) {
      try {
        results[index] = await promptly(
          () => statSync(path, exactly),
          () => stat(path, exactly),
        );
      } catch (error) {
        results[index] = asError(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(statsAtATime, paths.length) }, work));
  return results;
}
