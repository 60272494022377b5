import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as timer } from 'node:timers/promises';
import { isStorageError, S3Connection, type S3ConnectionRuntime, Storage } from '@s3kit/core';
import { type S3Server, startServer } from '@s3kit/server';
import { scaledLimits } from './scenario.ts';

/** The bucket of all transfers. */
const bucket = 'transfers';

const user = { accessKeyId: 'FAULTS', secretAccessKey: 'faults-secret' };

/** Whether a text holds what no text may. */
export function tellsSecret(text: string): boolean {
  return text.includes(user.secretAccessKey);
}

/** An object as it is, seen without faults. */
export interface ObjectState {
  readonly content: Buffer;
  /** The response headers of a HEAD. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A connection to the service, or to a proxy before it. */
export function connectTo(endpoint: string, runtime: S3ConnectionRuntime = {}): S3Connection {
  return new S3Connection(
    { ...user, defaultBucket: bucket, endpoint },
    { ...runtime, limits: { ...scaledLimits, ...runtime.limits } },
  );
}

/** What makes a client impatient, so that a run takes seconds: short timeouts, and short waits between tries. */
export const impatient: S3ConnectionRuntime = {
  connectTimeout: 300,
  idleTimeout: 400,
  sleep: async (milliseconds, signal) => {
    await timer(milliseconds / 50, undefined, signal === undefined ? {} : { signal });
  },
};

/** A service, and a way to it that never fails. */
export class World {
  /** Its port. */
  readonly port: number;
  /** A folder for local files. */
  readonly folder: string;
  /** The way that never fails. */
  readonly storage: Storage;
  readonly #server: S3Server;

  private constructor(server: S3Server, folder: string) {
    this.#server = server;
    this.port = server.port;
    this.folder = folder;
    this.storage = new Storage(connectTo(server.endpoint));
  }

  static async start(): Promise<World> {
    const { minimumPartSize, maximumCopySize } = scaledLimits;
    const server = await startServer({ users: [user], limits: { minimumPartSize, maximumCopySize } });
    const world = new World(server, await mkdtemp(join(tmpdir(), 's3kit-faults-')));
    await world.storage.bucketCreate(bucket);
    return world;
  }

  /** The object of a key; undefined where there is none. */
  async objectOf(key: string): Promise<ObjectState | undefined> {
    const { connection } = this.storage;
    const { error, response } = await connection.send({ method: 'HEAD', bucket, key });
    if (error?.code === 'NotFound') return undefined;
    if (error !== undefined) throw new Error(`HEAD ${key}: ${error.code}`);
    const copy = join(this.folder, `check-${key}`);
    await this.storage.read(key, copy);
    const content = await readFile(copy);
    await rm(copy);
    return { content, headers: response.headers };
  }

  /** The ids of a key's uploads that are neither completed nor aborted. */
  async openUploads(key: string): Promise<string[]> {
    const { connection } = this.storage;
    const { error, response } = await connection.send({
      method: 'GET',
      bucket,
      query: { uploads: '', prefix: key },
    });
    if (error !== undefined) throw new Error(`the uploads of ${key}: ${error.code}`);
    return [...response.body.matchAll(/<UploadId>([^<]+)<\/UploadId>/g)].map(([, id = '']) => id);
  }

  async abort(key: string, uploadId: string): Promise<void> {
    await this.storage.connection.send({ method: 'DELETE', bucket, key, query: { uploadId } });
  }

  async close(): Promise<void> {
    this.storage.connection.close();
    await this.#server.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** What an error says, with all its causes. */
export function textOf(error: unknown): string {
  const texts: string[] = [];
  for (let current = error; current instanceof Error; current = current.cause) texts.push(current.message);
  return texts.length === 0 ? String(error) : texts.join(' <- ');
}

/** Whether a call may end so: with the one error of `Storage`, or with the reason of the caller's signal. */
export function isProperError(error: unknown, signal: AbortSignal | undefined): boolean {
  return isStorageError(error) || (signal?.aborted === true && error === signal.reason);
}
