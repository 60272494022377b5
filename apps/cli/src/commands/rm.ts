import { S3Key, S3Name, type Storage } from '@s3kit/core';
import { remote, removeAll } from '@s3kit/sync';
import { Command, Option, UsageError } from 'clipanion';
import { connectionOptions, outputOptions, selectionOptions } from '../option-table.ts';
import { options } from '../options.ts';
import type { Counts } from '../output.ts';
import { type S3Location, uriOf } from '../s3-uri.ts';
import { ServiceCommand } from '../service-command.ts';
import { filterOf, tellEvents } from '../sync-events.ts';
import { versionsBelow } from '../versions.ts';

export class RmCommand extends ServiceCommand {
  static override paths = [['rm']];
  static override usage = Command.Usage({
    description: 'Delete objects',
    details: `
      A thousand in a request. That an object is not there is no error; that a folder or a wildcard means nothing is, with status 4.
      A folder ends in a slash, written or not: s3://bucket/logs with --recursive leaves logs-old/ alone.
    `,
    examples: [
      ['One', 's3 rm s3://my-bucket/a.txt'],
      ['All below a folder, told beforehand', 's3 rm -r --dry-run s3://my-bucket/logs/'],
      ['By a wildcard', "s3 rm 's3://my-bucket/logs/2025-*'"],
      ['What is older than a month', 's3 rm -r --older 30d s3://my-bucket/logs/'],
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
  );
  uris = Option.Rest({ name: 'uri', required: 1 });

  override async run(): Promise<undefined> {
    const storage = await this.open();
    for (const uri of this.uris) {
      const location = this.locateRemote(uri, storage);
      if (location.bucket === '') throw new UsageError(`${uri} names no bucket`);
      const started = performance.now();
      const counts = await this.#remove(storage, location, uri);
      if (counts !== undefined)
        await this.output.summary(counts, (performance.now() - started) / 1000, this.given['dry-run']);
    }
  }

  async #remove(storage: Storage, location: S3Location, uri: string): Promise<Counts | undefined> {
    const { recursive, 'all-versions': allVersions, 'dry-run': dryRun } = this.given;
    if (allVersions) return this.#removeVersions(storage, location, uri);
    if (recursive && location.wildcard === undefined) {
      const place = remote(storage, location.bucket, location.key);
      const events = removeAll(place, { filter: await filterOf(this.given), dryRun, signal: this.signal });
      const counts = await tellEvents(events, { source: place, destination: place }, this.output, undefined);
      if ((counts.deleted ?? 0) + counts.failed === 0) this.#nothing(uri);
      return counts;
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

  #told(name: string, size: number | null, versionId?: string): Promise<void> {
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
      `${isPlanned ? '(dry run) ' : ''}delete: ${name}${version}`,
    );
  }

  #nothing(uri: string): void {
    this.output.fail(new Error(`${uri}: there is nothing of that name`), uri, true);
  }

  /** Those that a wildcard means. */
  async #removeMany(storage: Storage, { bucket, key, wildcard }: S3Location, uri: string): Promise<Counts> {
    const { signal, output } = this;
    const isPlanned = this.given['dry-run'];
    const sizes = new Map<string, number>();
    let deleted = 0;
    let failed = 0;
    async function* meant(): AsyncGenerator<S3Name> {
      for await (const entry of storage.bucketListKeys(bucket, { prefix: key, delimiter: '/', signal })) {
        if (!(entry instanceof S3Key) || wildcard?.matches(entry.key.slice(wildcard.folder.length)) !== true)
          continue;
        sizes.set(entry.key, entry.bytes);
        yield new S3Name(entry.key, bucket);
      }
    }
    const done = async (name: string): Promise<void> => {
      deleted++;
      await this.#told(uriOf(bucket, name), sizes.get(name) ?? null);
      sizes.delete(name);
    };
    if (isPlanned) for await (const { key: name } of meant()) await done(name);
    else
      for await (const { name, error } of storage.deleteMany(meant(), { signal })) {
        if (error === undefined) await done(name.key);
        else {
          failed++;
          output.fail(error, uriOf(bucket, name.key));
        }
      }
    if (deleted + failed === 0) this.#nothing(uri);
    return { files: 0, bytes: 0, failed, skipped: 0, deleted };
  }

  async #removeVersions(
    storage: Storage,
    { bucket, key, wildcard }: S3Location,
    uri: string,
  ): Promise<Counts> {
    let deleted = 0;
    const isMeant = (name: string): boolean => {
      if (wildcard !== undefined) return wildcard.matches(name.slice(wildcard.folder.length));
      if (!this.given.recursive) return name === key;
      return key === '' || name.startsWith(key.endsWith('/') ? key : `${key}/`);
    };
    for await (const version of versionsBelow(storage, bucket, key, this.signal)) {
      if (!isMeant(version.key)) continue;
      await this.#removeOne(storage, bucket, version.key, version.versionId);
      deleted++;
    }
    if (deleted === 0) this.#nothing(uri);
    return { files: 0, bytes: 0, failed: 0, skipped: 0, deleted };
  }
}
