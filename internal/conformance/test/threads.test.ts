import { createHash, randomBytes } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Worker } from 'node:worker_threads';
import { crc32 } from 'node:zlib';
import { S3Connection, Storage, type TransferProgress } from '@s3kit/core';
import { startServer } from '@s3kit/server';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

const MiB = 1024 * 1024;
// More than what threads are started for, and no whole number of ranges.
const content = Buffer.concat([...Array.from({ length: 17 }, () => randomBytes(8 * MiB)), randomBytes(4321)]);

let folder = '';
let target = '';
let workers: Worker[] = [];
const onWorker = (message: unknown): void => void workers.push((message as { worker: Worker }).worker);

beforeAll(() => subscribe('worker_threads', onWorker));
afterAll(() => unsubscribe('worker_threads', onWorker));
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 's3kit-threads-'));
  target = join(folder, 'object');
  workers = [];
});
afterEach(() => rm(folder, { recursive: true }));

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

const expected = createHash('sha256').update(content).digest('hex');
const keys = { accessKeyId: 'THREADS', secretAccessKey: 'threads-secret' };

test('what threads fetch is what was put, and who is told of progress is told of each byte once', async () => {
  const server = await startServer({ users: [keys], buckets: ['bucket'] });
  const connection = new S3Connection(
    { ...keys, endpoint: server.endpoint, defaultBucket: 'bucket' },
    { threads: 2 },
  );
  try {
    const storage = new Storage(connection);
    await storage.write(content, 'object');
    let last: TransferProgress | undefined;
    await storage.read('object', target, {
      onProgress: (progress) => {
        last = progress;
      },
    });
    expect(await digestOf(target)).toBe(expected);
    expect(workers).toHaveLength(2);
    expect(last?.transferred).toBe(content.length);
    // What is small needs no thread.
    await storage.write(content.subarray(0, 20 * MiB), 'smaller');
    await storage.read('smaller', target);
    expect(workers).toHaveLength(2);
  } finally {
    connection.close();
    await server.close();
  }
});

describe('when something fails', () => {
  /**
   * Gives the object and its ranges; `spoil` may answer in its place. Of the whole, most comes only when so many ranges have been asked
   * for: however busy the machine is, the caller does not have all before the thread has begun.
   */
  async function service(
    spoil: (range: number, response: http.ServerResponse, length: number, first: number) => boolean,
    wholeAfter = 4,
  ): Promise<{ storage: Storage; close: () => Promise<void> }> {
    let ranges = 0;
    let goOn: () => unknown = () => undefined;
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(content));
    const server = http.createServer((request, response) => {
      const [, first, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
      const common = { etag: '"one"', 'accept-ranges': 'bytes', 'last-modified': new Date(0).toUTCString() };
      if (first === undefined || end === undefined) {
        response.writeHead(200, {
          ...common,
          'content-length': content.length,
          'x-amz-checksum-crc32': sum.toString('base64'),
        });
        response.write(content.subarray(0, 8 * MiB));
        goOn = () => response.end(content.subarray(8 * MiB));
        if (ranges >= wholeAfter) goOn();
        return;
      }
      if (++ranges === wholeAfter) goOn();
      if (spoil(ranges, response, Number(end) + 1 - Number(first), Number(first))) return;
      const piece = content.subarray(Number(first), Number(end) + 1);
      response.writeHead(206, {
        ...common,
        'content-length': piece.length,
        'content-range': `bytes ${first}-${end}/${content.length}`,
      });
      response.end(piece);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const connection = new S3Connection(
      { ...keys, endpoint: `http://127.0.0.1:${port}`, defaultBucket: 'bucket' },
      { threads: 1, sleep: async () => undefined },
    );
    return {
      storage: new Storage(connection),
      close: async () => {
        connection.close();
        server.closeAllConnections();
        server.close();
        await once(server, 'close');
      },
    };
  }

  const leftBehind = async (): Promise<string[]> => readdir(folder);

  test('a range that breaks off, and one that is refused for now, are fetched again', async () => {
    const spoilt: number[] = [];
    const { storage, close } = await service((range, response) => {
      if (range === 2) {
        response.writeHead(206, { etag: '"one"', 'content-length': 8 * MiB });
        response.write(randomBytes(MiB), () => response.socket?.resetAndDestroy());
      } else if (range === 4) {
        response.writeHead(503).end('<Error><Code>SlowDown</Code><Message>less</Message></Error>');
      } else return false;
      spoilt.push(range);
      return true;
    });
    try {
      await storage.read('object', target);
      expect(spoilt).toEqual([2, 4]);
      expect(await digestOf(target)).toBe(expected);
      expect(workers).toHaveLength(1);
    } finally {
      await close();
    }
  });

  test('an object that was changed meanwhile is an error, and nothing is left behind', async () => {
    const { storage, close } = await service((range, response) => {
      if (range < 3) return false;
      response.writeHead(412).end('<Error><Code>PreconditionFailed</Code></Error>');
      return true;
    });
    try {
      await expect(storage.read('object', target)).rejects.toThrow('changed while it was being read');
      expect(await leftBehind()).toEqual([]);
    } finally {
      await close();
    }
  });

  test('so it is where the service takes no notice of If-Match', async () => {
    const { storage, close } = await service((range, response, length, first) => {
      if (range < 3) return false;
      response.writeHead(206, {
        etag: '"two"',
        'content-length': length,
        'content-range': `bytes ${first}-${first + length - 1}/${content.length}`,
      });
      response.end(Buffer.alloc(length));
      return true;
    });
    try {
      await expect(storage.read('object', target)).rejects.toMatchObject({
        code: 'ERR_S3KIT_OBJECT_CHANGED',
      });
      expect(await leftBehind()).toEqual([]);
    } finally {
      await close();
    }
  });

  test('bytes that were changed on their way are not taken for the object', async () => {
    const { storage, close } = await service((range, response, length) => {
      if (range % 3 !== 0) return false;
      response.writeHead(206, { etag: '"one"', 'content-length': length });
      response.end(Buffer.alloc(length));
      return true;
    });
    try {
      await expect(storage.read('object', target)).rejects.toThrow(/checksum|CRC32/i);
      expect(await leftBehind()).toEqual([]);
    } finally {
      await close();
    }
  });

  test('a thread that dies leaves its ranges to the caller’s own', async () => {
    const { storage, close } = await service((range) => {
      if (range === 3) void workers[0]?.terminate();
      return false;
    });
    try {
      await storage.read('object', target);
      expect(workers).toHaveLength(1);
      expect(await digestOf(target)).toBe(expected);
    } finally {
      await close();
    }
  });

  test('a thread that is closed meanwhile first does what it was given: no range is fetched twice', async () => {
    const asked: number[] = [];
    const { storage, close } = await service((range, _response, _length, first) => {
      asked.push(first);
      if (range === 3) storage.connection.close();
      return false;
    });
    try {
      await storage.read('object', target);
      expect(asked.length).toBeGreaterThan(3);
      expect(new Set(asked).size).toBe(asked.length);
      expect(await digestOf(target)).toBe(expected);
    } finally {
      await close();
    }
  });

  test('who aborts waits for no range, and nothing is left behind', async () => {
    const control = new AbortController();
    const { storage, close } = await service((range) => {
      if (range === 3) control.abort(new Error('enough'));
      return false;
    });
    try {
      const reading = storage.read('object', target, { signal: control.signal });
      await expect(reading).rejects.toThrow('enough');
      expect(await leftBehind()).toEqual([]);
    } finally {
      await close();
    }
  });

  test('with a journal, what threads have written is not fetched again', async () => {
    let served = 0;
    let isBroken = true;
    const { storage, close } = await service((range, response) => {
      if (isBroken && range >= 8) {
        // Those before it are written by then.
        setTimeout(() => response.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>'), 500);
        return true;
      }
      served++;
      return false;
    }, 9);
    try {
      await expect(storage.read('object', target, { journal: true })).rejects.toThrow('AccessDenied');
      const before = served;
      expect(before).toBeGreaterThan(3);
      isBroken = false;
      served = 0;
      await storage.read('object', target, { journal: true });
      expect(await digestOf(target)).toBe(expected);
      // Some of those that were under way may not have been, on a machine that is busy.
      expect(served).toBeLessThan(18 - before + 4);
      expect((await readFile(target)).length).toBe(content.length);
    } finally {
      await close();
    }
  });
});
