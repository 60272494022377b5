import { S3Key, type Storage } from '@s3kit/core';
import { Command, Option } from 'clipanion';
import { exitStatus } from '../exit-status.ts';
import { withNextUnderWay } from '../next-page.ts';
import { connectionOptions, outputOptions } from '../option-table.ts';
import { options } from '../options.ts';
import { localTime, shownBytes } from '../quantities.ts';
import { baseName, type S3Location, uriOf } from '../s3-uri.ts';
import { ServiceCommand } from '../service-command.ts';
import { versionFields, versionsBelow } from '../versions.ts';

export class LsCommand extends ServiceCommand {
  static override paths = [['ls']];
  static override usage = Command.Usage({
    description: 'List buckets, or what is in one',
    details: `
      Without a URI, all buckets. A prefix need not end in a slash: s3://bucket/lo lists logs/ and log.txt. Times are local, as
      with aws s3 ls; in --json they are UTC.
    `,
    examples: [
      ['All buckets', 's3 ls'],
      ['One level of a bucket', 's3 ls s3://my-bucket/reports/'],
      ['All below, with sizes for people and their sum', 's3 ls -r -H --summarize s3://my-bucket/reports/'],
      ['By a wildcard', "s3 ls 's3://my-bucket/reports/2026-*.pdf'"],
      ['In all folders', "s3 ls 's3://my-bucket/**/*.pdf'"],
      ['For a program', 's3 ls --json -r s3://my-bucket'],
    ],
  });

  given = options(
    ...connectionOptions,
    ...outputOptions,
    'recursive',
    'human-readable',
    'summarize',
    'literal',
    'all-versions',
  );
  uris = Option.Rest({ name: 'uri' });
  #objects = 0;
  #bytes = 0;

  override async run(): Promise<undefined> {
    const storage = await this.open();
    if (this.uris.length === 0) return this.#buckets(storage);
    await this.each(this.uris, async (uri) => {
      const location = this.locateRemote(uri, storage, true);
      if (location.bucket === '') await this.#buckets(storage);
      else if (this.given['all-versions']) await this.#versions(storage, location);
      else await this.#keys(storage, location, uri);
    });
    if (!this.given.summarize) return;
    const { output } = this;
    if (output.isJson)
      return output.result({
        type: 'summary',
        name: '',
        size: this.#bytes,
        status: output.status === exitStatus.done ? 'ok' : 'failed',
        files: this.#objects,
      }) as Promise<undefined>;
    await output.line('');
    await output.line(`Total Objects: ${this.#objects}`);
    await output.line(`   Total Size: ${this.#size(this.#bytes)}`);
  }

  async #buckets(storage: Storage): Promise<undefined> {
    for await (const { name, creationDate, createdAt } of storage.bucketList({ signal: this.signal }))
      await this.output.result(
        { type: 'bucket', name: uriOf(name), size: null, modified: creationDate },
        `${localTime(createdAt)} ${name}`,
      );
  }

  async #keys(storage: Storage, { bucket, key, wildcard }: S3Location, uri: string): Promise<void> {
    const { recursive } = this.given;
    const folder = wildcard?.folder ?? key.slice(0, key.lastIndexOf('/') + 1);
    const isMeant = (name: string): boolean => wildcard?.matches(name.slice(folder.length)) ?? true;
    let found = 0;
    // Between the keys, as aws does it, the prefixes would have to come first; S3 gives both page by page.
    const listing = storage.bucketListKeys(bucket, {
      prefix: key,
      // Nothing of it is shown, and it would be half of what comes.
      params: { 'fetch-owner': 'false' },
      ...((wildcard?.isDeep ?? recursive) ? {} : { delimiter: '/' }),
      signal: this.signal,
    });
    for await (const page of withNextUnderWay(listing.pages()))
      for (const entry of page) {
        const name = entry instanceof S3Key ? entry.key : entry;
        if (!isMeant(entry instanceof S3Key ? name : name.slice(0, -1))) continue;
        found++;
        if (entry instanceof S3Key) {
          const waits = this.#object(bucket, entry, recursive ? name : name.slice(folder.length));
          if (waits !== undefined) await waits;
        } else
          await this.output.result(
            { type: 'prefix', name: uriOf(bucket, name), size: null },
            `${'PRE'.padStart(30)} ${baseName(name.slice(0, -1))}/`,
          );
      }
    if (found === 0 && key !== '') this.meansNothing(uri);
  }

  #object(bucket: string, entry: S3Key, shown: string): Promise<void> | undefined {
    const { bytes, modifiedAt } = entry;
    this.#objects++;
    this.#bytes += bytes;
    return this.output.one(
      () => ({
        type: 'object',
        name: uriOf(bucket, entry.key),
        size: bytes,
        modified: modifiedAt.toISOString(),
        eTag: entry.eTag,
        storageClass: entry.storageClass,
      }),
      () => `${localTime(modifiedAt)} ${this.#size(bytes).padStart(10)} ${shown}`,
    );
  }

  async #versions(storage: Storage, { bucket, key, wildcard }: S3Location): Promise<void> {
    for await (const version of versionsBelow(storage, bucket, key, this.signal)) {
      if (wildcard !== undefined && !wildcard.matches(version.key.slice(wildcard.folder.length))) continue;
      const { bytes, isDeleteMarker, modifiedAt, versionId } = version;
      this.#objects++;
      this.#bytes += bytes;
      const size = isDeleteMarker ? 'DELETED' : this.#size(bytes);
      await this.output.result(
        { ...versionFields(version), name: uriOf(bucket, version.key) },
        `${localTime(modifiedAt)} ${size.padStart(10)} ${versionId} ${version.key}`,
      );
    }
  }

  #size(bytes: number): string {
    return shownBytes(bytes, this.given['human-readable']);
  }
}
