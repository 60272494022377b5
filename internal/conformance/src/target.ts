import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Connection, type S3ConnectionConfig, type S3ConnectionRuntime, Storage } from '@s3kit/core';

/** What a service does otherwise than S3, each with how it shows. */
export interface Differences {
  /** The status that refuses a call which S3 serves, by the call's name. */
  readonly refuses?: Readonly<Record<string, { readonly status: number; readonly reason: string }>>;
  /** The rows that the service does not have, and how that was seen. */
  readonly lacks?: Readonly<Record<string, string>>;
}

/** An endpoint to run the suite against. */
export interface Target {
  readonly config: S3ConnectionConfig;
  /** What its connections need besides. */
  readonly runtime?: S3ConnectionRuntime;
  /** The keys of another user of the same service. */
  readonly otherUser: Pick<S3ConnectionConfig, 'accessKeyId' | 'secretAccessKey'>;
  close(): Promise<void>;
}

/** What one test works with: a storage, a folder, and buckets that go when the test has ended. */
export class Workplace {
  readonly target: Target;
  readonly storage: Storage;
  readonly folder: string;
  readonly #buckets: string[] = [];

  private constructor(target: Target, folder: string) {
    this.target = target;
    this.folder = folder;
    this.storage = this.connect();
  }

  static async open(target: Target): Promise<Workplace> {
    return new Workplace(target, await mkdtemp(join(tmpdir(), 's3kit-conformance-')));
  }

  /** A storage of its own, with other settings. */
  connect(config: Partial<S3ConnectionConfig> = {}, runtime: S3ConnectionRuntime = {}): Storage {
    return new Storage(
      new S3Connection({ ...this.target.config, ...config }, { ...this.target.runtime, ...runtime }),
    );
  }

  /** A name that no bucket has; the bucket, if it is made, goes with the test. */
  bucketName(): string {
    const name = `s3kit-${randomBytes(6).toString('hex')}`;
    this.#buckets.push(name);
    return name;
  }

  async bucket(): Promise<string> {
    const name = this.bucketName();
    await this.storage.bucketCreate(name);
    return name;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  async close(): Promise<void> {
    for (const bucket of this.#buckets) await removeBucket(this.storage, bucket);
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Removes a bucket with all that is in it. */
async function removeBucket(storage: Storage, bucket: string): Promise<void> {
  if (!(await storage.bucketExists(bucket))) return;
  const { connection } = storage;
  for (const { key, versionId } of await versionsOf(storage, bucket)) {
    await connection.send({ method: 'DELETE', bucket, key, query: { versionId } });
  }
  await storage.bucketDelete(bucket);
}

async function versionsOf(storage: Storage, bucket: string): Promise<{ key: string; versionId: string }[]> {
  const listed = await storage.bucketGetVersions(bucket, { params: { 'encoding-type': 'url' } });
  // Both tags are lists, of elements with these two among others.
  const { Version, DeleteMarker } = listed['ListVersionsResult'] as unknown as Record<
    string,
    Record<string, string>[]
  >;
  return [...(Version ?? []), ...(DeleteMarker ?? [])].map(({ Key = '', VersionId = '' }) => ({
    key: decodeURIComponent(Key.replaceAll('+', ' ')),
    versionId: VersionId,
  }));
}
