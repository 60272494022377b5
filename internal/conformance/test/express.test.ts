import { S3Connection, S3Key, S3Name, Storage } from '@s3kit/core';
import { type InProcessServer, openInProcess } from '@s3kit/server';
import { afterEach, beforeEach, expect, test } from 'vitest';

// With Amazon's own addresses, a client goes to the zone of a directory bucket, and uses its sessions.

const mebibyte = 1024 ** 2;
const bucket = 'logs--usw2-az1--x-s3';
const name = new S3Name('a b', bucket);
const keys = { accessKeyId: 's3kit', secretAccessKey: 's3kit-secret', region: 'us-west-2' };

let server: InProcessServer;
let storage: Storage;

beforeEach(async () => {
  server = await openInProcess({ region: keys.region, host: 's3express-usw2-az1.us-west-2.amazonaws.com' });
  const config = { ...keys, endpoint: 's3.us-west-2.amazonaws.com' };
  storage = new Storage(
    new S3Connection(config, {
      transport: server.transport,
      sleep: async () => undefined,
      limits: { multipartThreshold: 5 * mebibyte },
    }),
  );
});

afterEach(() => server.close());

async function operationsOf(work: () => Promise<unknown>): Promise<string[]> {
  const recording = server.record();
  await work();
  recording.stop();
  return recording.requests.map(({ operation, status }) => `${operation} ${status}`);
}

test('a directory bucket is made, used with one session, and deleted', async () => {
  const requests = await operationsOf(async () => {
    await storage.bucketCreate(bucket);
    await storage.write({ text: 'content' }, name);
    await storage.objectRename(name, 'c/d');
    expect(await storage.readText(new S3Name('c/d', bucket))).toBe('content');
    await storage.copy(new S3Name('c/d', bucket), name);
    const parts = new S3Name('parts', bucket);
    await storage.write(new Uint8Array(6 * mebibyte), parts, { partSize: 5 * mebibyte });
    await storage.delete(parts);
    const listed: unknown[] = [];
    for await (const key of storage.bucketListKeys(bucket)) listed.push(key instanceof S3Key ? key.key : key);
    expect(listed).toEqual(['a b', 'c/d']);
    const doomed = [name, new S3Name('c/d', bucket)];
    for await (const { error } of storage.deleteMany(doomed)) expect(error).toBeUndefined();
    await storage.bucketDelete(bucket);
  });
  expect(requests.filter((request) => !/ 20[04]$/.test(request))).toEqual([]);
  const operations = requests.map((request) => request.replace(/ .*/, ''));
  expect(operations.slice(0, 4)).toEqual(['CreateBucket', 'CreateSession', 'PutObject', 'RenameObject']);
  expect(operations.filter((operation) => operation === 'CreateSession')).toHaveLength(1);
  expect(operations).toContain('CompleteMultipartUpload');
  expect(operations.at(-1)).toBe('DeleteBucket');
});

test('a session that the server has forgotten is replaced', async () => {
  await storage.bucketCreate(bucket);
  await storage.write({ text: '1' }, name);
  const first = server;
  try {
    server = await openInProcess({
      region: keys.region,
      host: 's3express-usw2-az1.us-west-2.amazonaws.com',
      buckets: [bucket],
    });
    const { transport } = server;
    const answers: number[] = [];
    const moved = new Storage(
      new S3Connection(
        { ...keys, endpoint: 's3.us-west-2.amazonaws.com' },
        {
          // The first session is of one server, all else goes to the other.
          transport: async (request, signal) => {
            const answer = await (answers.length === 0 ? first.transport : transport)(request, signal);
            answers.push(answer.status);
            return answer;
          },
        },
      ),
    );
    await moved.write({ text: '2' }, name);
    expect(answers).toEqual([200, 403, 200, 200]);
    expect(await moved.readText(name)).toBe('2');
  } finally {
    await first.close();
  }
});

test('a rename whose answer was lost is not done twice', async () => {
  await storage.bucketCreate(bucket);
  await storage.write({ text: 'content' }, name);
  server.inject({ operation: 'RenameObject', reset: 'after' });
  expect(await operationsOf(() => storage.objectRename(name, 'new'))).toEqual([
    'RenameObject 200',
    'RenameObject 200',
  ]);
  expect(await storage.readText(new S3Name('new', bucket))).toBe('content');
});

test('a URL that is presigned carries the session, and is taken', async () => {
  await storage.bucketCreate(bucket);
  await storage.write({ text: 'content' }, name);
  const url = new URL(await storage.presign(name, { expiresIn: 60 }));
  const answer = await server.transport({
    method: 'GET',
    target: url.pathname + url.search,
    headers: { host: url.host },
    hostname: url.hostname,
    port: 443,
    body: { kind: 'bytes', bytes: new Uint8Array() },
  });
  const pieces: Uint8Array[] = [];
  for await (const piece of answer.body) pieces.push(piece);
  expect([answer.status, Buffer.concat(pieces).toString()]).toEqual([200, 'content']);
});
