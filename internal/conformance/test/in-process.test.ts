import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { S3Connection, type S3ConnectionConfig, type S3ConnectionRuntime, Storage } from '@s3kit/core';
import { type InProcessServer, openInProcess } from '@s3kit/server';
import { afterEach, beforeEach, expect, test } from 'vitest';

// Faults without a socket must be to the client what they are over one: tried again where that can help.

let server: InProcessServer;
let folder: string;
let file: string;
// Above the bytes that are read at once, so that a body comes in pieces.
const content = randomBytes(3_000_000);

beforeEach(async () => {
  server = await openInProcess({ buckets: ['box'] });
  folder = await mkdtemp(join(tmpdir(), 's3kit-in-process-'));
  file = join(folder, 'file');
  await writeFile(file, content);
});

afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

function storage(config: Partial<S3ConnectionConfig> = {}, runtime: S3ConnectionRuntime = {}): Storage {
  const settings = {
    accessKeyId: 's3kit',
    secretAccessKey: 's3kit-secret',
    endpoint: 'http://localhost',
    defaultBucket: 'box',
  };
  return new Storage(
    new S3Connection(
      { ...settings, ...config },
      { transport: server.transport, sleep: async () => undefined, ...runtime },
    ),
  );
}

async function statusesOf(work: () => Promise<unknown>): Promise<string[]> {
  const recording = server.record();
  await work();
  recording.stop();
  return recording.requests.map(({ operation, status }) => `${operation} ${status}`);
}

test.each(['before', 'after'] as const)('a reset %s a write is tried again', async (reset) => {
  server.inject({ operation: 'PutObject', reset, times: 2 });
  const requests = await statusesOf(() => storage().write(file, 'k'));
  expect(requests).toHaveLength(3);
  await storage().read('k', join(folder, 'copy'));
  expect(content.equals(await readFile(join(folder, 'copy')))).toBe(true);
});

test('a body that breaks off is read on from there', async () => {
  await storage().write(file, 'k');
  server.inject({ operation: 'GetObject', truncate: 1_234_567 });
  const requests = await statusesOf(() => storage().read('k', join(folder, 'copy')));
  expect(requests).toEqual(['GetObject 200', 'GetObject 206']);
  expect(content.equals(await readFile(join(folder, 'copy')))).toBe(true);
});

test('a listing that breaks off is asked for again', async () => {
  await storage().write(file, 'k');
  server.inject({ operation: 'ListObjectsV2', truncate: 20 });
  server.inject({ operation: 'ListObjects', truncate: 20 });
  const keys: unknown[] = [];
  for await (const key of storage().bucketListKeys('box')) keys.push(typeof key === 'string' ? key : key.key);
  expect(keys).toEqual(['k']);
});

test('503 is tried again', async () => {
  server.inject({ operation: 'PutObject', error: { status: 503, code: 'SlowDown' }, times: 2 });
  const requests = await statusesOf(() => storage().write(file, 'k'));
  expect(requests).toEqual(['PutObject 503', 'PutObject 503', 'PutObject 200']);
});

test('when it goes on for too long, the error is that of a broken connection', async () => {
  server.inject({ operation: 'HeadObject', reset: 'before', times: 100 });
  const failed = storage({ retry: { limit: 3 } }).exists('k');
  await expect(failed).rejects.toMatchObject({
    name: 'StorageError',
    code: 'ECONNRESET',
    response: null,
    exception: { name: 'TransportError', hostname: 'localhost', port: 80 },
  });
});

test('an error is shown by the name that it has', async () => {
  const error = await storage()
    .readText('no-such-key')
    .catch((failure: unknown) => failure);
  expect(inspect(error)).toMatch(/^StorageError: readText: /);
});

test('an abort ends a request at once, however long the answer takes', async () => {
  server.inject({ delay: 500 });
  const started = performance.now();
  const sent = server.transport(
    {
      method: 'GET',
      target: '/box',
      headers: {},
      hostname: 'localhost',
      port: 80,
      body: { kind: 'bytes', bytes: new Uint8Array() },
    },
    AbortSignal.timeout(20),
  );
  await expect(sent).rejects.toMatchObject({ name: 'TimeoutError' });
  expect(performance.now() - started).toBeLessThan(400);
});

test("a file that cannot be read is the client's trouble, not an answer", async () => {
  await using open = await openInProcess({ buckets: ['box'], verify: false });
  const trouble = Object.assign(new Error('the disk is gone'), { code: 'EIO' });
  const file = {
    // biome-ignore lint/correctness/useYield: it fails before it has any bytes
    async *read(): AsyncGenerator<Uint8Array> {
      throw trouble;
    },
  };
  const sent = open.transport({
    method: 'PUT',
    target: '/box/k',
    headers: {},
    hostname: 'localhost',
    port: 80,
    body: { kind: 'file', offset: 0, length: 10, file },
  });
  await expect(sent).rejects.toBe(trouble);
});
