import { randomFillSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ReadOptions, TransferProgress } from '../src/index.ts';
import type { Arrived, Handler } from './scripted-server.ts';
import { refuse, reply, ScriptedServer } from './scripted-server.ts';

const size = 100_000;
const limits = { multipartThreshold: 20_000, minimumPartSize: 10_000 };

let server: ScriptedServer;
let folder: string;
let content: Buffer;
beforeEach(async () => {
  server = await ScriptedServer.start(reply(200));
  folder = await mkdtemp(join(tmpdir(), 's3kit-download-'));
  content = randomFillSync(Buffer.alloc(size));
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

function rangeOf({ headers }: Arrived): { start: number; end: number } | undefined {
  const [, start, end] = /^bytes=(\d+)-(\d*)$/.exec(String(headers['range'])) ?? [];
  return start === undefined ? undefined : { start: Number(start), end: end === '' ? size - 1 : Number(end) };
}

function crcOf(bytes: Uint8Array): string {
  const value = Buffer.alloc(4);
  value.writeUInt32BE(crc32(bytes));
  return value.toString('base64');
}

/** Sends the object, or a range of it. */
function sending(
  range: { start: number; end: number } | undefined,
  headers: Record<string, string> = {},
): Handler {
  return (_, response) => {
    const body = range === undefined ? content : content.subarray(range.start, range.end + 1);
    response.writeHead(range === undefined ? 200 : 206, {
      etag: '"e"',
      'accept-ranges': 'bytes',
      'content-length': body.length,
      ...(range === undefined
        ? { 'x-amz-checksum-crc32': crcOf(content) }
        : { 'content-range': `bytes ${range.start}-${range.end}/${size}` }),
      ...headers,
    });
    response.end(body);
  };
}

/** A service that has the object, and sends ranges of it; `spoil` may do something else with a request. */
function serving(
  spoil: (request: Arrived, index: number) => Handler | undefined = () => undefined,
  headers: Record<string, string> = {},
): void {
  let index = 0;
  server.script((request, response) => {
    const answer = spoil(request, index++) ?? sending(rangeOf(request), headers);
    answer(request, response);
  });
}

/** Sends the beginning of what was asked for, and breaks off. */
function breaking(bytes: number, headers: Record<string, string> = {}): Handler {
  return (request, response) => {
    const { start, end } = rangeOf(request) ?? { start: 0, end: size - 1 };
    const status = rangeOf(request) === undefined ? 200 : 206;
    breakingRange(start, end, bytes, { status, ...headers })(request, response);
  };
}

/** Sends the beginning of a range, and breaks off. */
function breakingRange(
  start: number,
  end: number,
  bytes: number,
  { status = 206, ...headers }: { status?: number; [name: string]: string | number | undefined } = {},
): Handler {
  return (_, response) => {
    response.writeHead(status, {
      etag: '"e"',
      'accept-ranges': 'bytes',
      'content-length': end - start + 1,
      'x-amz-checksum-crc32': crcOf(content),
      'content-range': `bytes ${start}-${end}/${size}`,
      ...headers,
    });
    response.write(content.subarray(start, start + bytes));
    setTimeout(() => response.socket?.destroy(), 10);
  };
}

describe('a body that breaks off', () => {
  test('goes on where it broke, and only for the same object', async () => {
    serving((_, index) => (index < 2 ? breaking(30_000) : undefined));
    await server.storage().read('k', join(folder, 'f'));
    expect((await readFile(join(folder, 'f'))).equals(content)).toBe(true);
    expect(server.arrived.map(({ headers }) => [headers['range'], headers['if-match']])).toEqual([
      [undefined, undefined],
      [`bytes=30000-${size - 1}`, '"e"'],
      [`bytes=60000-${size - 1}`, '"e"'],
    ]);
  });

  test('is an error when the object was changed meanwhile', async () => {
    await writeFile(join(folder, 'f'), 'old');
    serving((_, index) =>
      index === 0 ? breaking(30_000) : reply(412, '<Error><Code>PreconditionFailed</Code></Error>'),
    );
    await expect(server.storage().read('k', join(folder, 'f'))).rejects.toThrow(
      'read: s3://bucket/k was changed while it was being read',
    );
    expect(await readFile(join(folder, 'f'), 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['f']);
  });

  test('is an error when it breaks at the same byte again and again', async () => {
    serving((request) => breaking(rangeOf(request) === undefined ? 30_000 : 0));
    await expect(server.storage({ retry: { limit: 3 } }).read('k', join(folder, 'f'))).rejects.toMatchObject({
      response: null,
    });
    expect(server.arrived).toHaveLength(3);
    expect(await readdir(folder)).toEqual([]);
  });

  test('is an error when the service sends no ranges', async () => {
    serving((_, index) => (index === 0 ? breaking(30_000) : reply(200, 'all of it', { etag: '"e"' })));
    await expect(server.storage().read('k', join(folder, 'f'))).rejects.toThrow(
      /broke off at byte 30000, and the rest cannot be had/,
    );
    expect(await readdir(folder)).toEqual([]);
  });
});

test('a file may have a name of 255 bytes', async () => {
  server.script(reply(200, 'content'));
  const name = `${'\u00e9'.repeat(127)}x`;
  await server.storage().read('key', join(folder, name));
  expect(await readdir(folder)).toEqual([name]);
});

describe('an exclusive file', () => {
  const comesMeanwhile: Handler = (request, response) => {
    writeFileSync(join(folder, 'file'), 'precious');
    sending(rangeOf(request))(request, response);
  };

  test.each([{}, { journal: true }])('is not put over one that comes meanwhile: %j', async (options) => {
    server.script(comesMeanwhile);
    const call = server
      .storage({}, { limits })
      .read('key', join(folder, 'file'), { exclusive: true, ...options });
    await expect(call).rejects.toMatchObject({ name: 'StorageError', code: 'EEXIST' });
    expect(await readdir(folder)).toEqual(['file']);
    expect(await readFile(join(folder, 'file'), 'utf8')).toBe('precious');
  });

  test('is not fetched where there is one', async () => {
    await writeFile(join(folder, 'file'), 'precious');
    const call = server.storage().read('key', join(folder, 'file'), { exclusive: true });
    await expect(call).rejects.toMatchObject({ code: 'EEXIST' });
    expect(server.arrived).toEqual([]);
  });
});

describe('a large object', () => {
  test('comes in ranges, several at a time, pinned to the same object', async () => {
    serving();
    await server.storage({}, { limits }).read('k', join(folder, 'f'));
    expect((await readFile(join(folder, 'f'))).equals(content)).toBe(true);
    const [first, ...others] = server.arrived;
    expect(first?.headers['range']).toBeUndefined();
    expect(others.length).toBeGreaterThan(0);
    for (const { headers } of others) expect(headers['if-match']).toBe('"e"');
  });

  test('comes in one request when it is small, when concurrency is 1, and when the service sends no ranges', async () => {
    serving();
    await server.storage().read('k', join(folder, 'f'));
    await server.storage({}, { limits }).read('k', join(folder, 'f'), { concurrency: 1 });
    expect(server.arrived).toHaveLength(2);
    serving(undefined, { 'accept-ranges': 'none' });
    await server.storage({}, { limits }).read('k', join(folder, 'f'));
    expect(server.arrived).toHaveLength(1);
  });

  test.each<[string, Record<string, string>]>([
    ['CRC, from those of the ranges', { 'x-amz-checksum-crc32': 'AAAAAA==' }],
    ['MD5 digest, from the file', { 'x-amz-checksum-crc32': '', etag: `"${'0'.repeat(32)}"` }],
  ])('is checked as a whole by its %s', async (_, headers) => {
    await writeFile(join(folder, 'f'), 'old');
    serving(undefined, headers);
    await expect(server.storage({}, { limits }).read('k', join(folder, 'f'))).rejects.toMatchObject({
      code: 'ERR_S3KIT_CHECKSUM',
    });
    expect(await readFile(join(folder, 'f'), 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['f']);
  });

  test('survives breaks of its ranges', async () => {
    serving((_, index) => (index === 1 || index === 3 ? breaking(2_000) : undefined));
    await server.storage({}, { limits }).read('k', join(folder, 'f'));
    expect((await readFile(join(folder, 'f'))).equals(content)).toBe(true);
  });

  test('is an error when it is changed between two ranges', async () => {
    serving((request) => (rangeOf(request) === undefined ? undefined : reply(412)));
    await expect(server.storage({}, { limits }).read('k', join(folder, 'f'))).rejects.toThrow(
      's3://bucket/k was changed while it was being read',
    );
    expect(await readdir(folder)).toEqual([]);
  });

  test('is refused as S3 says it, where a range is', async () => {
    serving((request) =>
      rangeOf(request) === undefined ? undefined : refuse(403, 'AccessDenied', 'token has expired'),
    );
    await expect(server.storage({}, { limits }).read('k', join(folder, 'f'))).rejects.toMatchObject({
      msg: 'read',
      code: 'AccessDenied',
      status: 403,
      requestId: 'R1',
      message: expect.stringMatching(/s3:\/\/bucket\/k.*token has expired/),
    });
    expect(await readdir(folder)).toEqual([]);
  });

  test('never tells of more bytes than there are', async () => {
    // Of the first answer, most comes when the ranges have.
    const late: Handler = (_, response) => {
      const headers = { etag: '"e"', 'accept-ranges': 'bytes', 'content-length': size };
      response.writeHead(200, { ...headers, 'x-amz-checksum-crc32': crcOf(content) });
      response.write(content.subarray(0, 10_000));
      setTimeout(() => response.end(content.subarray(10_000)), 300);
    };
    serving((request) => (rangeOf(request) === undefined ? late : undefined));
    const told: number[] = [];
    // It is told of every step: time flies.
    let time = Date.now();
    const now = (): number => {
      time += 200;
      return time;
    };
    await server.storage({}, { limits, now }).read('k', join(folder, 'f'), {
      onProgress: ({ transferred }) => told.push(transferred),
    });
    expect(Math.max(...told)).toBe(size);
  });

  test('stops at once when it is aborted, though the service has gone silent', async () => {
    const stop = new AbortController();
    serving((_, index) => (index === 0 ? undefined : () => stop.abort(new Error('enough'))));
    await expect(
      server.storage({}, { limits }).read('k', join(folder, 'f'), { signal: stop.signal }),
    ).rejects.toThrow('enough');
    expect(await readdir(folder)).toEqual([]);
  });
});

// With one, what is mixed would be found out at the end.
const withoutChecksum = { 'x-amz-checksum-crc32': '' };

/** A range of another object than the one whose ETag is "e". */
function ofAnother(headers: Record<string, string>): Handler {
  return (request, response) => {
    const { start, end } = rangeOf(request) ?? { start: 0, end: size - 1 };
    response.writeHead(206, {
      etag: '"e"',
      'content-length': end - start + 1,
      'content-range': `bytes ${start}-${end}/${size}`,
      ...headers,
    });
    response.end(Buffer.alloc(end - start + 1));
  };
}

// RFC 9110, section 13.1.1: a server may overlook If-Match; some services do.
describe.each<[string, (range: string) => Record<string, string>]>([
  ['another ETag', () => ({ etag: '"f"' })],
  ['another size', (range) => ({ 'content-range': `bytes ${range}/${size + 1}` })],
])('what is not of the object with which the reading began, as it has %s, is an error', (_, other) => {
  const changed = { code: 'ERR_S3KIT_OBJECT_CHANGED' };

  test('as the rest of a body', async () => {
    for (const read of [
      () => server.storage().readBytes('k'),
      () => server.storage().read('k', join(folder, 'f')),
    ]) {
      serving((_, index) => (index === 0 ? breaking(30_000) : ofAnother(other(`30000-${size - 1}`))));
      await expect(read()).rejects.toMatchObject(changed);
    }
    expect(await readdir(folder)).toEqual([]);
  });

  test.each([false, true])('as a range of it, with a journal: %s', async (journal) => {
    serving((request) => {
      const range = rangeOf(request);
      return range && ofAnother(other(`${range.start}-${range.end}`));
    }, withoutChecksum);
    const reading = server.storage({}, { limits }).read('k', join(folder, 'f'), { journal });
    await expect(reading).rejects.toMatchObject(changed);
    expect(await readdir(folder)).toEqual([]);
  });

  test('as what another run goes on with: that begins anew', async () => {
    const read = (): Promise<unknown> =>
      server.storage({}, { limits, partConcurrency: 1 }).read('k', join(folder, 'f'), { journal: true });
    serving((request) => (rangeOf(request) === undefined ? breaking(50_000, withoutChecksum) : reply(403)));
    await expect(read()).rejects.toThrow('broke off at byte 50000');
    expect(await readdir(folder)).toHaveLength(2);
    serving((request) => {
      const range = rangeOf(request);
      return range && ofAnother(other(`${range.start}-${range.end}`));
    }, withoutChecksum);
    content = randomFillSync(Buffer.alloc(size));
    await read();
    expect((await readFile(join(folder, 'f'))).equals(content)).toBe(true);
    expect(await readdir(folder)).toEqual(['f']);
  });
});

// RFC 9110, section 13.2.2, and what they come to by https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
test.each<[string, ReadOptions['headers'], number]>([
  ['If-Match', { 'If-Match': '"f"' }, 412],
  ['If-Unmodified-Since', { 'if-unmodified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' }, 412],
  ['If-None-Match', { 'if-none-match': '"e"' }, 304],
])(
  'what another run goes on with is fetched on the conditions that it has: %s',
  async (name, headers, status) => {
    const read = (headers: ReadOptions['headers'] = {}): Promise<unknown> =>
      server
        .storage({}, { limits, partConcurrency: 1 })
        .read('k', join(folder, 'f'), { journal: true, headers });
    const refusing = (request: Arrived): Handler | undefined =>
      // Beside an If-Match that holds, the others count for nothing.
      request.headers['if-match'] !== '"e"' &&
      request.headers[name.toLowerCase()] === Object.values(headers ?? {})[0]
        ? reply(status)
        : undefined;
    serving((request) => (rangeOf(request) === undefined ? breaking(50_000) : reply(403)));
    await expect(read()).rejects.toThrow('broke off at byte 50000');
    serving(refusing);
    await expect(read(headers)).rejects.toMatchObject({ status });
    expect(await readdir(folder)).toEqual([]);
  },
);

test('what another run goes on with is fetched where its conditions hold', async () => {
  const read = (headers: ReadOptions['headers'] = {}): Promise<unknown> =>
    server
      .storage({}, { limits, partConcurrency: 1 })
      .read('k', join(folder, 'f'), { journal: true, headers });
  serving((request) => (rangeOf(request) === undefined ? breaking(50_000) : reply(403)));
  await expect(read()).rejects.toThrow('broke off at byte 50000');
  serving();
  await read({ 'If-None-Match': '"f"' });
  expect(server.arrived.map(({ headers }) => [headers['range'], headers['if-match']])).toEqual([
    [`bytes=40000-${size - 1}`, undefined],
  ]);
  expect((await readFile(join(folder, 'f'))).equals(content)).toBe(true);
});

describe('a stream', () => {
  test('goes on where it broke', async () => {
    serving((_, index) => (index === 0 ? breaking(30_000) : undefined));
    expect(Buffer.from(await server.storage().readBytes('k')).equals(content)).toBe(true);
    expect(server.arrived).toHaveLength(2);
  });

  test('of a range goes on within the range', async () => {
    serving((_, index) => (index === 0 ? breaking(30_000) : undefined));
    const bytes = await server.storage().readBytes('k', { range: { start: 1_000, end: 50_999 } });
    expect(Buffer.from(bytes).equals(content.subarray(1_000, 51_000))).toBe(true);
    expect(server.arrived.map(({ headers }) => headers['range'])).toEqual([
      'bytes=1000-50999',
      'bytes=31000-50999',
    ]);
  });

  test('is checked at its end', async () => {
    serving(undefined, { 'x-amz-checksum-crc32': 'AAAAAA==' });
    await expect(server.storage().readBytes('k')).rejects.toMatchObject({
      code: 'ERR_S3KIT_CHECKSUM',
      response: null,
    });
    // Of a range, the checksum of the whole says nothing.
    expect(await server.storage().readBytes('k', { range: { start: 0, end: 9 } })).toHaveLength(10);
  });

  test.each([{ start: -1 }, { start: 5, end: 4 }, { start: 0.5 }, { end: Number.NaN }])(
    'of %j is refused',
    async (range) => {
      await expect(server.storage().readBytes('k', { range })).rejects.toThrow(RangeError);
      expect(server.arrived).toHaveLength(0);
    },
  );
});

describe('a part that is asked for in words of S3', () => {
  test('goes on within itself where it broke', async () => {
    serving((_, index) => (index === 0 ? breaking(30_000) : undefined));
    const bytes = await server.storage().readBytes('k', { headers: { Range: 'bytes=1000-50999' } });
    expect(Buffer.from(bytes).equals(content.subarray(1_000, 51_000))).toBe(true);
    expect(server.arrived.map(({ headers }) => headers['range'])).toEqual([
      'bytes=1000-50999',
      'bytes=31000-50999',
    ]);
  });

  // https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html: partNumber cannot be used together with Range.
  test('by its number goes on as a range', async () => {
    serving((_, index) => (index === 0 ? breakingRange(1_000, 50_999, 30_000) : undefined));
    const bytes = await server.storage().readBytes('k', { params: { partNumber: 2, versionId: 'v' } });
    expect(Buffer.from(bytes).equals(content.subarray(1_000, 51_000))).toBe(true);
    expect(server.arrived.map(({ target, headers }) => [target, headers['range']])).toEqual([
      ['/bucket/k?partNumber=2&versionId=v', undefined],
      ['/bucket/k?versionId=v', 'bytes=31000-50999'],
    ]);
  });

  test.each<[string, ReadOptions, number, number]>([
    ['a range', { headers: { Range: 'bytes=1000-90999' } }, 1_000, 90_999],
    ['all of it as a range', { headers: { range: 'bytes=0-' } }, 0, size - 1],
    ['a part', { params: { partNumber: 1 } }, 0, 49_999],
  ])('comes into a file by one request, however large: %s', async (_, options, start, end) => {
    serving(() => sending({ start, end }));
    const told: TransferProgress[] = [];
    for (const journal of [false, true]) {
      server.arrived.length = 0;
      const onProgress = (progress: TransferProgress): void => void told.push(progress);
      await server.storage({}, { limits }).read('k', join(folder, 'f'), { ...options, journal, onProgress });
      expect((await readFile(join(folder, 'f'))).equals(content.subarray(start, end + 1))).toBe(true);
      expect(await readdir(folder)).toEqual(['f']);
      expect(server.arrived).toHaveLength(1);
      expect(told.at(-1)).toMatchObject({ transferred: end + 1 - start, total: end + 1 - start });
    }
  });

  test('in several ranges cannot go on', async () => {
    server.script((_, response) => {
      response.writeHead(206, { etag: '"e"', 'content-length': 99, 'content-type': 'multipart/byteranges' });
      response.write('--');
      setTimeout(() => response.socket?.destroy(), 10);
    });
    await expect(
      server.storage().readBytes('k', { headers: { Range: 'bytes=0-1,5-6' } }),
    ).rejects.toMatchObject({ exception: { name: 'TransportError' } });
    expect(server.arrived).toHaveLength(1);
  });
});
