import { lstat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type Metadata, type ProgressListener, type RequestHeaders, S3Name } from '@s3kit/core';
import type { TransferAction } from './action.ts';
import type { Sides } from './compare.ts';
import { copyThrough } from './copy-through.ts';
import type { Entry } from './entry.ts';
import { codeOf, LocalFolder, type Obstacle, unless } from './local-folder.ts';
import { nameProblemOf } from './local-name.ts';
import type { SyncOptions } from './options.ts';
import type { LocalPlace, RemotePlace } from './place.ts';
import { preservingHeaders, readPreserved } from './preserved.ts';
import { modifiedOf } from './walk.ts';

interface Watched {
  readonly signal: AbortSignal;
  readonly onProgress: ProgressListener | undefined;
}

/** Sends single files and objects, as actions say. */
export class Transfers {
  readonly #sides: Sides;
  readonly #options: SyncOptions;
  /** Set where the destination is a folder. */
  readonly #folder: LocalFolder | undefined;

  constructor(sides: Sides, options: SyncOptions) {
    this.#sides = sides;
    this.#options = options;
    const { destination } = sides;
    this.#folder = destination.kind === 'local' ? new LocalFolder(destination.path) : undefined;
  }

  /**
   * Sends one file.
   *
   * @returns what keeps it from being sent, where something does
   * @throws {Error} it failed
   */
  async send(
    action: TransferAction,
    signal: AbortSignal,
    onProgress?: ProgressListener,
  ): Promise<Obstacle | undefined> {
    const watched = { signal, onProgress };
    const { source, destination } = this.#sides;
    try {
      if (destination.kind === 'local')
        return source.kind === 'remote' ? await this.#download(action, source, watched) : undefined;
      if (source.kind === 'local') await this.#upload(action, source, destination, watched);
      else await this.#copy(action, source, destination, watched);
      return undefined;
    } catch (error) {
      // Another one was first.
      const isKept = this.#options.existing === 'keep' && statusOf(error) === 412;
      if (isKept) return { reason: 'exists', detail: 'the destination has it by now' };
      throw error;
    }
  }

  /** Deletes a file of the destination folder. */
  async deleteLocal(name: string): Promise<Obstacle | undefined> {
    return this.#folder?.delete(name);
  }

  /** Deletes what has been sent from the source folder. */
  async deleteSource(name: string): Promise<void> {
    const { source } = this.#sides;
    if (source.kind === 'local' && !name.endsWith('/'))
      await unlink(join(source.path, name)).catch(unless('ENOENT'));
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
    watched: Watched,
  ): Promise<Obstacle | undefined> {
    const folder = this.#folder;
    if (folder === undefined) return undefined;
    const { name } = source;
    const impossible = nameProblemOf(source, process.platform);
    if (impossible !== undefined) return { reason: 'impossible-name', detail: impossible };
    if (name.endsWith('/')) return folder.makeFolder(name);
    const obstacle = await folder.prepare(name);
    if (obstacle !== undefined) return obstacle;
    const path = folder.pathOf(name);
    const { existing: mode, ifMatch = false, preserve = false } = this.#options;
    if (mode === 'keep' || ifMatch) {
      const now = await lstat(path).catch(unless('ENOENT'));
      if (mode === 'keep' && now !== undefined)
        return { reason: 'exists', detail: 'the destination has it by now' };
      const isSame = now?.size === existing?.size && (now && modifiedOf(now)) === existing?.modified;
      if (ifMatch && !isSame) throw new Error(`${path} has been changed since it was compared`);
    }
    const read = (): Promise<Metadata> =>
      from.storage.read(nameIn(from, source), path, {
        isNew: folder.isNew(name),
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

  /** In the service, where one connection reaches both; else through this machine. */
  async #copy(
    { source, destination: existing }: TransferAction,
    from: RemotePlace,
    to: RemotePlace,
    watched: Watched,
  ): Promise<void> {
    const given = { ...this.#headersFor(source), ...this.#conditions(existing) };
    if (from.storage.connection === to.storage.connection) {
      await to.storage.copy(nameIn(from, source), nameIn(to, source), { headers: given, ...watched });
      return;
    }
    await copyThrough(
      { storage: from.storage, name: nameIn(from, source) },
      { storage: to.storage, name: nameIn(to, source) },
      { headers: given, ...watched },
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

function statusOf(error: unknown): unknown {
  return error instanceof Error && 'status' in error ? error.status : undefined;
}
