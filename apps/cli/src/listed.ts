import { lstat, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { S3Name } from '@s3kit/core';
import {
  type Action,
  type Entry,
  entryFilter,
  type Filter,
  modifiedOf,
  type Place,
  type SkipAction,
  type SkipReason,
} from '@s3kit/sync';
import { UsageError } from 'clipanion';
import { ahead } from './ahead.ts';
import { innerFolder } from './inner-folder.ts';
import type { Sides } from './journal-file.ts';
import { linesOf } from './text-input.ts';

/** Where a list of names comes from. */
export interface ListGiven {
  readonly 'files-from': string | undefined;
  readonly from0: boolean;
}

const looksAtATime = 16;

/**
 * The names of `--files-from`, told from the source. What `find .` prints, with `./` before it, is a name here too; of an object, `./` is part
 * of the key.
 */
export function listedNames(
  { 'files-from': list = '-', from0 }: ListGiven,
  source: Place,
): AsyncGenerator<string, void, undefined> {
  const lines = linesOf(list, from0 ? '\0' : '\n');
  return source.kind === 'local' ? withoutDots(lines) : lines;
}

async function* withoutDots(lines: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  for await (const line of lines) yield line.replace(/^(?:\.\/+)+/, '');
}

/** A filter that leaves only the names of `--files-from`, where it is given. */
export async function listedFilter(given: ListGiven, source: Place, filter: Filter): Promise<Filter> {
  if (given['files-from'] === undefined) return filter;
  const names: string[] = [];
  for await (const name of listedNames(given, source)) names.push(name);
  return { ...filter, names };
}

/** What is to be done with the files of a list: sent, or told of where they cannot be. */
export async function* listedActions(
  names: AsyncIterable<string>,
  { source, destination }: Sides,
  filter: Filter,
  signal: AbortSignal,
): AsyncGenerator<Action> {
  const kind = source.kind === 'local' ? 'upload' : destination.kind === 'local' ? 'download' : 'copy';
  const isIn = entryFilter(filter);
  const inner = innerFolder({ source, destination });
  const look = async (name: string): Promise<Action | undefined> => {
    try {
      // Others of the list may be sent to where it is.
      if (inner !== undefined && name.startsWith(inner)) throw new Error('it lies in the destination');
      const entry = await lookAt(source, name, signal);
      if (entry === undefined) return undefined;
      if (entry === 'special-file') return notSent(name, entry, 'it is neither a file nor a folder');
      const { size } = entry;
      return isIn(entry) ? { kind, name, size, reason: 'always', source: entry } : undefined;
    } catch (error) {
      signal.throwIfAborted();
      const failure = error instanceof Error ? error : new Error(String(error));
      return { ...notSent(name, 'unreadable', failure.message), serious: true, error: failure };
    }
  };
  for await (const action of ahead(names, looksAtATime, look)) if (action !== undefined) yield action;
}

function notSent(name: string, reason: SkipReason, detail: string): SkipAction {
  return { kind: 'skip', name, size: 0, reason, detail, serious: false };
}

/** What is of a name; undefined of a folder here, as find prints folders too, and of a link that is not to be followed. */
async function lookAt(
  source: Place,
  name: string,
  signal: AbortSignal,
): Promise<Entry | 'special-file' | undefined> {
  if (source.kind === 'remote') {
    const { size, lastModified, eTag, storageClass } = await source.storage.head(
      new S3Name(source.prefix + name, source.bucket),
      { signal },
    );
    const modified = lastModified?.getTime() ?? 0;
    return { name, size, modified, storageClass, ...(eTag === undefined ? {} : { eTag }) };
  }
  if (name.startsWith('/') || name.split('/').includes('..'))
    throw new UsageError(`${name} leads out of ${source.path}`);
  const path = join(source.path, name);
  const found = await (source.followSymlinks ? stat : lstat)(path, { bigint: true });
  if (found.isDirectory() || found.isSymbolicLink()) return undefined;
  // A pipe would be waited for, for ever.
  if (!found.isFile()) return 'special-file';
  return { name, size: Number(found.size), modified: modifiedOf(found), mode: Number(found.mode) };
}
