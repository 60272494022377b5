import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  isStorageError,
  type Metadata,
  type ProgressListener,
  type RequestHeaders,
  S3Name,
  type StorageError,
} from '@s3kit/core';
import type { TransferAction } from './action.ts';
import type { Sides } from './compare.ts';
import { copyThrough } from './copy-through.ts';
import type { Entry } from './entry.ts';
import { deleteSentFile, type FileMark, fileMark } from './file-mark.ts';
import { compileFilter, type NameFilter } from './filter.ts';
import { codeOf, LocalFolder, type Obstacle, unless } from './local-folder.ts';
import { nameProblemOf, sentNameProblem, strayNameProblem } from './local-name.ts';
import { isOneObject, mayBeOneBucket } from './one-object.ts';
import type { SyncOptions } from './options.ts';
import type { LocalPlace, RemotePlace } from './place.ts';
import { preservingHeaders, readPreserved } from './preserved.ts';
import { sourceChanged } from './source-changed.ts';
import { modifiedOf } from './walk.ts';

interface Watched {
  readonly signal: AbortSignal;
  readonly onProgress: ProgressListener | undefined;
}

/** By what a file, or an object, is known to be what was sent. */
type SourceMark = FileMark | { readonly eTag: string };

/** Sends single files and objects, as actions say. */
export class Transfers {
  readonly #sides: Sides;
  readonly #options: SyncOptions;
  readonly #names: NameFilter;
  /** Set where the destination is a folder. */
  readonly #folder: LocalFolder | undefined;

  constructor(sides: Sides, options: SyncOptions) {
    this.#sides = sides;
    this.#options = options;
    this.#names = compileFilter(options.filter);
    const { destination } = sides;
    this.#folder =
      destination.kind === 'local' ? new LocalFolder(destination.path, options.dryRun) : undefined;
  }

  /**
   * What is about to be sent, to know it again when it is to be deleted; undefined for a folder of this machine.
   *
   * @throws {Error} nobody could tell whether it is the same
   */
  async markOf(
    { source: { name, eTag } }: TransferAction,
    signal: AbortSignal,
  ): Promise<SourceMark | undefined> {
    const { source } = this.#sides;
    if (source.kind === 'local')
      return name.endsWith('/') || strayNameProblem(name) !== undefined
        ? undefined
        : fileMark(join(source.path, name));
    // An action that somebody else has planned may tell none.
    const known = eTag || (await source.storage.head(nameIn(source, { name }), { signal })).eTag;
    if (!known) throw new Error(`${name} has no ETag: nobody could tell whether it is what was sent`);
    return { eTag: known };
  }

  /**
   * What keeps a file from being sent, as far as the names and the destination's folder tell. Makes the folders that it goes to, except in a
   * dry run.
   */
  async obstacleTo({ source: entry }: TransferAction): Promise<Obstacle | undefined> {
    const { name } = entry;
    const folder = this.#folder;
    if (folder === undefined) {
      // Nor is anything read outside of the source.
      const problem = this.#sides.source.kind === 'local' ? sentNameProblem(name) : undefined;
      return problem === undefined ? undefined : { reason: 'impossible-name', detail: problem };
    }
    const impossible = nameProblemOf(entry, process.platform);
    if (impossible !== undefined) return { reason: 'impossible-name', detail: impossible };
    return name.endsWith('/') ? folder.makeFolder(name) : folder.prepare(name);
  }

  /**
   * Sends one file.
   *
   * @param mark - sends only what it tells of, where the service can compare
   * @returns what keeps it from being sent, where something does
   * @throws {Error} it failed
   */
  async send(
    action: TransferAction,
    signal: AbortSignal,
    onProgress?: ProgressListener,
    mark?: SourceMark,
  ): Promise<Obstacle | undefined> {
    const watched = { signal, onProgress };
    const { source, destination } = this.#sides;
    const { existing, ifMatch = false } = this.#options;
    const obstacle = await this.obstacleTo(action);
    if (obstacle !== undefined) return obstacle;
    // S3 does not tell which of two conditions it was. What is left out here, the deletion finds.
    const isAlone = destination.kind === 'local' || (existing !== 'keep' && !ifMatch);
    const eTag = isAlone && mark !== undefined && 'eTag' in mark ? mark.eTag : undefined;
    try {
      if (destination.kind === 'local')
        return source.kind === 'remote' ? await this.#download(action, source, eTag, watched) : undefined;
      if (source.kind === 'local') await this.#upload(action, source, destination, watched);
      else await this.#copy(action, source, destination, eTag, watched);
      return undefined;
    } catch (error) {
      if (!isRefusedCondition(error)) throw error;
      if (eTag !== undefined && error.status === 412) throw sourceChanged(action.name);
      // Another one was first; or it was sent, and the answer was lost.
      if (existing === 'keep' && !error.mayBeDone)
        return { reason: 'exists', detail: 'the destination has it by now' };
      throw error;
    }
  }

  /**
   * Deletes what has been sent from the source folder.
   *
   * @throws {Error} it cannot be deleted, or is no longer what was sent
   */
  async deleteSource(name: string, mark: SourceMark | undefined): Promise<void> {
    const { source } = this.#sides;
    if (source.kind === 'remote' || mark === undefined || 'eTag' in mark) return;
    await deleteSentFile(join(source.path, name), mark);
  }

  async #upload(
    { source, destination: existing }: TransferAction,
    from: LocalPlace,
    to: RemotePlace,
    watched: Watched,
  ): Promise<void> {
    const headers = {
      ...(this.#options.preserve === true && !source.name.endsWith('/') ? preservingHeaders(source) : {}),
      ...this.#headersFor(source),
      ...this.#conditions(existing),
    };
    const content = source.name.endsWith('/') ? { text: '' } : join(from.path, source.name);
    await to.storage.write(content, nameIn(to, source), { headers, ...watched });
  }

  async #download(
    { source, destination: existing }: TransferAction,
    from: RemotePlace,
    eTag: string | undefined,
    watched: Watched,
  ): Promise<Obstacle | undefined> {
    const folder = this.#folder;
    const { name } = source;
    if (folder === undefined || name.endsWith('/')) return undefined;
    const path = folder.pathOf(name);
    const { existing: mode, ifMatch = false, preserve = false } = this.#options;
    if (ifMatch && mode !== 'keep') {
      const now = await lstat(path, { bigint: true }).catch(unless('ENOENT'));
      const isSame =
        (now && Number(now.size)) === existing?.size && (now && modifiedOf(now)) === existing?.modified;
      if (!isSame) throw new Error(`${path} has been changed since it was compared`);
    }
    const read = (): Promise<Metadata> =>
      from.storage.read(nameIn(from, source), path, {
        isNew: folder.isNew(name),
        exclusive: mode === 'keep' || (ifMatch && existing === undefined),
        ifMatch: eTag,
        attributes: (headers) => ({ modified: source.modified, ...(preserve ? readPreserved(headers) : {}) }),
        ...watched,
      });
    try {
      await read();
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
      // The folder was empty, and another run has removed it.
      folder.forget();
      const again = await folder.prepare(name);
      if (again !== undefined) return again;
      await read();
    }
    return undefined;
  }

  /** In the service, where one connection reaches both; else through this machine. Both make the same object. */
  async #copy(
    { source, destination: existing }: TransferAction,
    from: RemotePlace,
    to: RemotePlace,
    sourceIfMatch: string | undefined,
    watched: Watched,
  ): Promise<void> {
    await this.#checkPlace(source, from, to, watched.signal);
    const given = { ...this.#headersFor(source), ...this.#conditions(existing) };
    if (from.storage.connection === to.storage.connection) {
      await to.storage.copy(nameIn(from, source), nameIn(to, source), {
        headers: given,
        sourceIfMatch,
        ...watched,
      });
      return;
    }
    await copyThrough(
      { storage: from.storage, name: nameIn(from, source) },
      { storage: to.storage, name: nameIn(to, source) },
      { headers: given, sourceIfMatch, ...watched },
    );
  }

  /**
   * Where a folder's content goes to a folder above it, what is to be sent as well may stand in a name's place: its content would be
   * lost.
   */
  async #checkPlace(entry: Entry, from: RemotePlace, to: RemotePlace, signal: AbortSignal): Promise<void> {
    const { key } = nameIn(to, entry);
    if (from.prefix.length <= to.prefix.length || !key.startsWith(from.prefix)) return;
    const inSource = { name: key.slice(from.prefix.length) };
    if (!mayBeOneBucket(from, to) || !this.#names.accepts(inSource.name)) return;
    const one = { storage: from.storage, name: nameIn(from, inSource) };
    const other = { storage: to.storage, name: nameIn(to, entry) };
    if (!(await one.storage.exists(one.name, { signal }))[0]) return;
    if (await isOneObject(one, other, { signal }))
      throw new Error(
        `its place, s3://${to.bucket}/${key}, holds what is to be sent itself, and would be lost: send s3://${from.bucket}/${from.prefix}${from.prefix.slice(to.prefix.length)} by itself, afterwards`,
      );
  }

  #headersFor(entry: Entry): RequestHeaders {
    const { headers = {} } = this.#options;
    return typeof headers === 'function' ? headers(entry) : headers;
  }

  /** What S3 must find for the object to be written. */
  #conditions(existing: Entry | undefined): RequestHeaders {
    const { existing: mode, ifMatch = false } = this.#options;
    if (mode === 'keep' || (ifMatch && existing === undefined)) return { 'if-none-match': '*' };
    return ifMatch && existing?.eTag !== undefined ? { 'if-match': existing.eTag } : {};
  }
}

/** The object of an entry. */
export function nameIn({ bucket, prefix }: RemotePlace, { name }: Pick<Entry, 'name'>): S3Name {
  return new S3Name(prefix + name, bucket);
}

/** Whether S3, or the system, says that what is at the source or the destination is not what was to be there. */
function isRefusedCondition(error: unknown): error is StorageError {
  return isStorageError(error) && (error.status === 412 || error.code === 'EEXIST');
}
