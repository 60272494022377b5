import { once } from 'node:events';
import { open, readFile, rm, truncate } from 'node:fs/promises';
import type { AddressInfo, Socket } from 'node:net';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { S3Connection, type S3ConnectionConfig, type S3ConnectionRuntime, Storage } from '@s3kit/core';
import { startServer } from '@s3kit/server';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';

/** What is read from files by the thread pool; counted from before the package takes hold of `read`. */
const counted = await vi.hoisted(async () => {
  const { default: fs } = await import('node:fs');
  const counts = { bytes: 0 };
  const { read } = fs;
  const counting = (...args: unknown[]): void => {
    const done = args.pop() as (error: unknown, bytes: number, buffer: unknown) => void;
    const count = (error: unknown, bytes: number, buffer: unknown): void => {
      counts.bytes += bytes;
      done(error, bytes, buffer);
    };
    Reflect.apply(read, fs, [...args, count]);
  };
  // How it is made to give a promise is kept beside it.
  fs.read = Object.defineProperties(counting, Object.getOwnPropertyDescriptors(read)) as typeof read;
  return counts;
});

const MiB = 1024 * 1024;
const user = { accessKeyId: 'TRAILING', secretAccessKey: 'trailing-secret' };
const file = join(tmpdir(), `s3kit-trailing-${process.pid}`);
const certificate = new URL('../../../packages/core/test/certificate/', import.meta.url);
const size = 150 * MiB;

let authority: string;
let port: number;
let heads: string[] = [];
/** Bytes of the requests until the connection is cut, once. */
let cutAfter = Number.POSITIVE_INFINITY;
const closings: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  const server = await startServer({ users: [user], buckets: ['bucket'] });
  closings.push(() => server.close());
  authority = await readFile(new URL('certificate.pem', certificate), 'utf8');
  // The endpoint speaks plain HTTP: this takes the encryption off, and sees what is sent.
  const sockets = new Set<Socket>();
  const key = await readFile(new URL('key.pem', certificate));
  const front = tls.createServer({ key, cert: authority }, (socket) => {
    const behind = net.connect(server.port, '127.0.0.1');
    for (const each of [socket, behind]) {
      sockets.add(each);
      each.on('error', () => undefined).on('close', () => sockets.delete(each));
    }
    let received = 0;
    socket.on('data', (chunk: Buffer) => {
      received += chunk.length;
      const text = chunk.toString('latin1');
      if (/^(?:GET|HEAD|PUT|POST|DELETE) /.test(text)) heads.push(text.split('\r\n\r\n', 1)[0] ?? '');
      if (received < cutAfter) return;
      cutAfter = Number.POSITIVE_INFINITY;
      socket.destroy();
      behind.destroy();
    });
    socket.pipe(behind).pipe(socket);
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  port = (front.address() as AddressInfo).port;
  closings.unshift(async () => {
    for (const socket of sockets) socket.destroy();
    front.close();
  });

  const handle = await open(file, 'w');
  await handle.close();
  await truncate(file, size);
  // Not all alike: a mark in each part, and at the end.
  const marked = await open(file, 'r+');
  for (const at of [3, 71 * MiB, 141 * MiB, size - 5]) await marked.write(`at ${at}`.slice(0, 5), at);
  await marked.close();
});
afterAll(async () => {
  for (const close of closings) await close();
  await rm(file, { force: true });
});
beforeEach(() => {
  heads = [];
});

function storage(more: Partial<S3ConnectionConfig> = {}, runtime: S3ConnectionRuntime = {}): Storage {
  const config: S3ConnectionConfig = {
    endpoint: `https://127.0.0.1:${port}`,
    region: 'eu-west-1',
    defaultBucket: 'bucket',
    ...user,
  };
  const connection = new S3Connection(
    { ...config, service: 'aws', addressingStyle: 'path', ...more },
    {
      certificateAuthorities: authority,
      partConcurrency: 2,
      sleep: async () => undefined,
      ...runtime,
    },
  );
  closings.unshift(async () => connection.close());
  return new Storage(connection);
}

const headOfParts = (): string[] =>
  heads.filter((head) => head.includes('partNumber=')).map((head) => head.toLowerCase());

test.each(['crc32', 'crc64nvme', 'sha256'] as const)(
  'of a part that is not held in memory, the %s goes behind it, and S3 keeps that of the whole',
  async (checksum) => {
    const s3 = storage({ checksum });
    await s3.write(file, `with-${checksum}`, { partSize: 70 * MiB });
    expect(headOfParts()).toHaveLength(3);
    const large = headOfParts().filter((head) => head.includes('x-amz-decoded-content-length: 73400320'));
    expect(large).toHaveLength(2);
    for (const head of large) {
      expect(head).toContain('x-amz-content-sha256: streaming-unsigned-payload-trailer');
      expect(head).toContain(`x-amz-trailer: x-amz-checksum-${checksum}`);
      expect(head).toContain('content-encoding: aws-chunked');
      expect(head).not.toContain(`x-amz-checksum-${checksum}:`);
    }
    // The last one is small, and held.
    expect(headOfParts().filter((head) => head.includes(`x-amz-checksum-${checksum}:`))).toHaveLength(1);
    // What comes back is compared with the checksum of the whole, or of the parts.
    await s3.read(`with-${checksum}`, `${file}.back`);
    const [sent, came] = await Promise.all([readFile(file), readFile(`${file}.back`)]);
    expect(sent.equals(came)).toBe(true);
    await rm(`${file}.back`);
    await s3.exists(`with-${checksum}`);
    expect(s3.response?.headers).not.toHaveProperty('content-encoding');
  },
);

test.each([
  ['with its checksum behind it', 'aws'],
  ['from memory', 'seaweedfs'],
] as const)('a part that breaks off is sent again, %s', async (_, service) => {
  cutAfter = 30 * MiB;
  const progress: number[] = [];
  const s3 = storage({ service });
  await s3.write(file, 'broken', {
    partSize: 70 * MiB,
    onProgress: ({ transferred }) => progress.push(transferred),
  });
  expect(cutAfter).toBe(Number.POSITIVE_INFINITY);
  expect(headOfParts().length).toBeGreaterThan(3);
  expect(progress.at(-1)).toBe(size);
  await s3.read('broken', `${file}.back`);
  expect((await readFile(`${file}.back`)).equals(await readFile(file))).toBe(true);
  await rm(`${file}.back`);
});

test.each<[string, Partial<S3ConnectionConfig>]>([
  ['the service is not known to take one', { service: 'seaweedfs' }],
  ['contents are signed', { payloadSigning: 'always' }],
  ['MD5 is asked for', { checksum: 'md5' }],
  ['no checksum is asked for', { checksum: 'off' }],
])('there is no trailer where %s', async (_, more) => {
  await storage(more).write(file, 'without', { partSize: 70 * MiB });
  expect(headOfParts()).toHaveLength(3);
  for (const head of headOfParts()) expect(head).not.toContain('x-amz-trailer');
});

async function bytesRead(work: () => Promise<unknown>): Promise<number> {
  const before = counted.bytes;
  await work();
  return counted.bytes - before;
}

const inParts = { partSize: 70 * MiB };
const twice = 2 * inParts.partSize;

test.each<[string, number, Partial<S3ConnectionConfig>, S3ConnectionRuntime]>([
  ['once where the service takes the checksum behind it', size, {}, {}],
  ['once elsewhere, and held', size, { service: 'seaweedfs' }, {}],
  ['once where contents are signed', size, { payloadSigning: 'always' }, {}],
  [
    'once where the chosen memory has room for as many as are under way',
    size,
    { service: 'seaweedfs' },
    { transferMemory: 140 * MiB },
  ],
  ['twice where it has not', size + twice, { service: 'seaweedfs' }, { transferMemory: 139 * MiB }],
])('a large part is read %s', async (_, expected, more, runtime) => {
  const s3 = storage(more, runtime);
  expect(await bytesRead(() => s3.write(file, 'counted', inParts))).toBe(expected);
});

test('a large file that goes by one request is read once too, and keeps its content encoding', async () => {
  const s3 = storage({}, { limits: { multipartThreshold: 1024 * MiB } });
  const headers = { 'content-encoding': 'br' };
  const progress: number[] = [];
  const onProgress = ({ transferred }: { transferred: number }): number => progress.push(transferred);
  expect(await bytesRead(() => s3.write(file, 'whole', { headers, onProgress }))).toBe(size);
  expect(progress.at(-1)).toBe(size);
  const [head] = heads.map((each) => each.toLowerCase());
  expect(head).toContain('content-encoding: aws-chunked,br');
  expect(head).toContain('x-amz-trailer: x-amz-checksum-crc32');
  await s3.exists('whole');
  expect(s3.response?.headers['content-encoding']).toBe('br');
  await s3.read('whole', `${file}.back`);
  expect((await readFile(`${file}.back`)).equals(await readFile(file))).toBe(true);
  await rm(`${file}.back`);
});
