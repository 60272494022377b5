import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { S3Connection, type S3ConnectionRuntime, S3Name, Storage } from '@s3kit/core';
import { type InProcessServer, openInProcess, type ServerOptions } from '@s3kit/server';
import { type RemotePlace, remote, type SyncEvent } from '../src/index.ts';

/** A service without sockets, and a folder. */
export interface World {
  readonly server: InProcessServer;
  readonly storage: Storage;
  readonly folder: string;
  /** A connection of its own to the same service, by whatever host name. */
  anotherStorage(runtime?: S3ConnectionRuntime, endpoint?: string): Storage;
  /** A place in the bucket `bucket`. */
  bucket(prefix?: string): RemotePlace;
  /** Writes files below the folder, and gives its path. */
  files(name: string, files: Readonly<Record<string, string>>, modified?: Date): Promise<string>;
  /** Writes objects into the bucket `bucket`. */
  objects(prefix: string, objects: Readonly<Record<string, string>>): Promise<void>;
  close(): Promise<void>;
}

const keys = { accessKeyId: 's3kit', secretAccessKey: 's3kit-secret' };

export async function openWorld(options: ServerOptions = {}): Promise<World> {
  const server = await openInProcess({ buckets: ['bucket', 'other'], ...options });
  const folder = await mkdtemp(join(tmpdir(), 's3kit-sync-test-'));
  const anotherStorage = (runtime: S3ConnectionRuntime = {}, endpoint = 'localhost'): Storage =>
    new Storage(
      new S3Connection(
        { ...keys, endpoint, tls: false },
        { transport: server.transport, sleep: async () => undefined, ...runtime },
      ),
    );
  const storage = anotherStorage();
  return {
    server,
    storage,
    folder,
    anotherStorage,
    bucket: (prefix = '') => remote(storage, 'bucket', prefix),
    async files(name, files, modified = new Date(2020, 1, 1)) {
      const top = join(folder, name);
      await mkdir(top, { recursive: true });
      for (const [file, content] of Object.entries(files)) {
        await mkdir(dirname(join(top, file)), { recursive: true });
        await writeFile(join(top, file), content);
        await utimes(join(top, file), modified, modified);
      }
      return top;
    },
    async objects(prefix, objects) {
      for (const [name, text] of Object.entries(objects))
        await storage.write({ text }, new S3Name(prefix + name, 'bucket'));
    },
    async close() {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The files below a folder, with their content. */
export async function filesIn(folder: string): Promise<Record<string, string>> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const files: [string, string][] = [];
  for (const name of names) {
    if ((await stat(join(folder, name))).isFile())
      files.push([name, await readFile(join(folder, name), 'utf8')]);
  }
  return Object.fromEntries(files);
}

/** The objects below a prefix, with their content. */
export async function objectsIn(
  { storage }: World,
  prefix: string = '',
  bucket: string = 'bucket',
): Promise<Record<string, string>> {
  const objects: [string, string][] = [];
  for await (const key of storage.bucketListKeys(bucket, { prefix })) {
    if (typeof key === 'object')
      objects.push([key.key.slice(prefix.length), await storage.readText(new S3Name(key.key, bucket))]);
  }
  return Object.fromEntries(objects);
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** What a run has told, one word and a name each, in order of the names. */
export async function told(events: AsyncIterable<SyncEvent>): Promise<string[]> {
  const lines = (await all(events)).flatMap((event) => {
    if (event.type === 'progress' || event.type === 'summary') return [];
    if (event.type === 'failed')
      return [
        `failed ${event.action?.name ?? '(plan)'}: ${'code' in event.error ? event.error.code : event.error.message}`,
      ];
    const { action } = event;
    if (event.type === 'skipped') return [`skipped ${action.name}: ${action.reason}`];
    return [`${event.type === 'planned' ? 'would ' : ''}${action.kind} ${action.name}: ${action.reason}`];
  });
  return lines.sort((one, other) => (one < other ? -1 : 1));
}

/** The last event of a run. */
export async function summaryOf(
  events: AsyncIterable<SyncEvent>,
): Promise<Extract<SyncEvent, { type: 'summary' }>> {
  const last = (await all(events)).at(-1);
  if (last?.type !== 'summary') throw new Error('the last event is no summary');
  return last;
}
