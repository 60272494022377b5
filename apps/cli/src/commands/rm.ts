import { type S3Key, S3Name, type S3Version, type Storage } from '@s3kit/core';
import { type Entry, entryFilter, remote, removeAll } from '@s3kit/sync';
import { Command, Option, UsageError } from 'clipanion';
import { isUsage } from '../checked-command.ts';
import { listedNames } from '../listed.ts';
import { connectionOptions, outputOptions, selectionOptions } from '../option-table.ts';
import { options } from '../options.ts';
import type { Counts } from '../output.ts';
import { folderPrefix, type S3Location, uriOf } from '../s3-uri.ts';
import { ServiceCommand } from '../service-command.ts';
import { filterOf, isSelecting, tellEvents } from '../sync-events.ts';
import { deleteVersions, versionsOf } from '../versions.ts';
import { wildcardKeys } from '../wildcard-keys.ts';

export class RmCommand extends ServiceCommand {
  static override paths = [['rm']];
  static override usage = Command.Usage({
    description: 'Delete objects',
    details: `
      A thousand in a request. That an object is not there is no error; that a folder or a wildcard means nothing is, with status 4.
      A folder ends in a slash, written or not: s3://bucket/logs with --recursive leaves logs-old/ alone. What a wildcard means as a
      folder is deleted with --recursive, with all that is below it.
    `,
    examples: [
      ['One', 's3 rm s3://my-bucket/a.txt'],
      ['All below a folder, told beforehand', 's3 rm -r --dry-run s3://my-bucket/logs/'],
      ['By a wildcard', "s3 rm 's3://my-bucket/logs/2025-*'"],
      ['What is older than a month', 's3 rm -r --older 30d s3://my-bucket/logs/'],
      ['A list of keys below a folder', 's3 rm --files-from keys.txt s3://my-bucket/logs/'],
      ['With all its versions', 's3 rm --all-versions s3://my-bucket/a.txt'],
    ],
  });

  given = options(
    ...connectionOptions,
    ...outputOptions,
    ...selectionOptions,
    'recursive',
    'literal',
    'dry-run',
    'version-id',
    'all-versions',
    'files-from',
    'from0',
  );
  uris = Option.Rest({ name: 'uri', required: 1 });

  override async run(): Promise<undefined> {
    const storage = await this.open();
    await this.each(this.uris, async (uri) => {
      const location = this.locateRemote(uri, storage);
      if (location.bucket === '') throw new UsageError(`${uri} names no bucket`);
      const started = performance.now();
      const counts = await this.#remove(storage, location, uri);
      if (counts !== undefined)
        await this.output.summary(counts, (performance.now() - started) / 1000, this.given['dry-run']);
    });
  }

  async #remove(storage: Storage, location: S3Location, uri: string): Promise<Counts | undefined> {
    const { recursive, 'all-versions': allVersions, 'dry-run': dryRun, 'files-from': list } = this.given;
    const isMany = recursive || location.wildcard !== undefined;
    const isOne = !isMany && !allVersions && list === undefined && this.uris.length === 1;
    if (isSelecting(this.given) && (!isMany || list !== undefined))
      throw new UsageError(`${uri}: --include, --older and the like are for --recursive and wildcards`);
    if (this.given['version-id'] !== undefined && !isOne)
      throw new UsageError(`${uri}: --version-id is of one object: it cannot be that of many`);
    if (list !== undefined) return this.#removeListed(storage, location, uri);
    if (allVersions) return this.#removeVersions(storage, location, uri);
    if (recursive && location.wildcard === undefined) {
      const place = remote(storage, location.bucket, location.key);
      const filter = await filterOf(this.given);
      const events = removeAll(place, { filter, dryRun, signal: this.signal });
      const counts = await tellEvents(events, { source: place, destination: place }, this.output, undefined);
      return this.#orNothing(counts, storage, location, uri);
    }
    if (location.wildcard !== undefined) return this.#removeMany(storage, location, uri);
    const { bucket, key } = this.locateObject(uri, storage);
    await this.#removeOne(storage, bucket, key, this.given['version-id']);
    return undefined;
  }

  async #removeOne(storage: Storage, bucket: string, key: string, versionId?: string): Promise<void> {
    const { signal } = this;
    if (!this.given['dry-run']) await storage.delete(new S3Name(key, bucket), { versionId, signal });
    await this.#told(uriOf(bucket, key), null, versionId);
  }

  #told(name: string, size: number | null, versionId?: string): Promise<void> | undefined {
    const isPlanned = this.given['dry-run'];
    const version = versionId === undefined ? '' : ` (version ${versionId})`;
    return this.output.done(
      {
        type: 'object',
        name,
        size,
        status: isPlanned ? 'planned' : 'ok',
        action: 'delete',
        ...(versionId === undefined ? {} : { versionId }),
      },
      `delete: ${name}${version}`,
    );
  }

  /** Those that a wildcard means. */
  async #removeMany(storage: Storage, location: S3Location, uri: string): Promise<Counts> {
    const { signal } = this;
    const sizes = new Map<string, number>();
    const isIn = entryFilter(await filterOf(this.given));
    async function* meant(): AsyncGenerator<S3Name> {
      for await (const { entry, name } of wildcardKeys(storage, location, signal)) {
        if (!isIn(entryOf(name, entry))) continue;
        sizes.set(entry.key, entry.bytes);
        yield new S3Name(entry.key, location.bucket);
      }
    }
    const counts = await this.#removeNames(storage, meant(), sizes, uri);
    return this.#orNothing(counts, storage, location, uri);
  }

  /** Those of a list. */
  async #removeListed(storage: Storage, { bucket, key, wildcard }: S3Location, uri: string): Promise<Counts> {
    const { recursive, 'all-versions': allVersions } = this.given;
    if (wildcard !== undefined || recursive || allVersions)
      throw new UsageError(`${uri}: --files-from says which objects below it are meant; nothing else can`);
    const place = remote(storage, bucket, key);
    const names = listedNames(this.given, place);
    async function* meant(): AsyncGenerator<S3Name> {
      for await (const name of names) yield new S3Name(place.prefix + name, bucket);
    }
    return this.#removeNames(storage, meant(), new Map(), uri);
  }

  /** A thousand in a request; of some, the size is known. */
  async #removeNames(
    storage: Storage,
    names: AsyncIterable<S3Name>,
    sizes: Map<string, number>,
    uri: string,
  ): Promise<Counts> {
    const { signal, output } = this;
    let deleted = 0;
    let failed = 0;
    const done = async ({ key, bucket }: S3Name): Promise<void> => {
      deleted++;
      await this.#told(uriOf(bucket ?? '', key), sizes.get(key) ?? null);
      sizes.delete(key);
    };
    const breaks = await this.#breaksOf(uri, async () => {
      if (this.given['dry-run']) for await (const name of names) await done(name);
      else
        for await (const { name, error } of storage.deleteMany(names, { signal })) {
          if (error === undefined) await done(name);
          else {
            failed++;
            output.fail(error, uriOf(name.bucket ?? '', name.key));
          }
        }
    });
    return { files: 0, bytes: 0, failed: failed + breaks, skipped: 0, deleted };
  }

  async #removeVersions(storage: Storage, location: S3Location, uri: string): Promise<Counts> {
    const { bucket, key, wildcard } = location;
    const { signal } = this;
    const { recursive, 'dry-run': isPlanned } = this.given;
    const folder = wildcard?.folder ?? folderPrefix(key);
    const isIn = isSelecting(this.given) ? entryFilter(await filterOf(this.given)) : undefined;
    async function* meant(): AsyncGenerator<S3Version> {
      for await (const version of versionsOf(storage, location, recursive, signal))
        if (isIn?.(entryOf(version.key.slice(folder.length), version)) ?? true) yield version;
    }
    let deleted = 0;
    let failed = 0;
    const breaks = await this.#breaksOf(uri, async () => {
      for await (const { version, error } of deleteVersions(storage, bucket, meant(), {
        isPlanned,
        signal,
      })) {
        const name = uriOf(bucket, version.key);
        if (error === undefined) {
          deleted++;
          await this.#told(name, version.isDeleteMarker ? null : version.bytes, version.versionId);
        } else {
          failed++;
          this.output.fail(error, name);
        }
      }
    });
    const counts = { files: 0, bytes: 0, failed: failed + breaks, skipped: 0, deleted };
    return this.#orNothing(counts, storage, location, uri);
  }

  /** How often something broke off, once or not at all; that is told of, and what was done before is summed up all the same. */
  async #breaksOf(uri: string, work: () => Promise<void>): Promise<number> {
    try {
      await work();
      return 0;
    } catch (error) {
      this.signal.throwIfAborted();
      if (isUsage(error)) throw error;
      this.output.fail(error, uri);
      return 1;
    }
  }

  /** The counts; that they are of nothing is a failure, and told of, unless it is the filter that has left nothing. */
  async #orNothing(counts: Counts, storage: Storage, location: S3Location, uri: string): Promise<Counts> {
    if ((counts.deleted ?? 0) + counts.failed > 0) return counts;
    if (isSelecting(this.given) && (await this.#isAnything(storage, location))) return counts;
    if (this.given.recursive && location.wildcard === undefined)
      await this.meansNothingBelow(storage, location, uri);
    else this.meansNothing(uri);
    return { ...counts, failed: 1 };
  }

  /** Whether there is anything that the options could have been about. */
  async #isAnything(storage: Storage, location: S3Location): Promise<boolean> {
    const { recursive, 'all-versions': allVersions } = this.given;
    const { bucket, key, wildcard } = location;
    const found = allVersions
      ? versionsOf(storage, location, recursive, this.signal)
      : wildcard !== undefined
        ? wildcardKeys(storage, location, this.signal)
        : storage.bucketListKeys(bucket, { prefix: folderPrefix(key), signal: this.signal });
    for await (const _ of found) return true;
    return false;
  }
}

/** What a filter asks about a key, or a version of one. */
function entryOf(name: string, { bytes, modifiedAt }: Pick<S3Key, 'bytes' | 'modifiedAt'>): Entry {
  return { name, size: bytes, modified: modifiedAt.getTime() };
}
