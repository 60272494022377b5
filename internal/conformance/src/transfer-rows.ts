import { createHash, randomFillSync } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { S3Facts, S3Name, type Storage, type WriteSource } from '@s3kit/core';
import { describe, expect, test } from 'vitest';
import { collect } from './collect.ts';
import type { Suite } from './storage-suite.ts';

const MiB = 1024 * 1024;

function randomBytes(length: number): Buffer {
  return randomFillSync(Buffer.allocUnsafe(length));
}

async function* pieces<T>(list: readonly T[]): AsyncGenerator<T> {
  yield* list;
}

/** How many uploads of a bucket are unfinished. */
export async function unfinishedUploads({ connection }: Storage, bucket: string): Promise<number> {
  const { response } = await connection.send({ method: 'GET', bucket, query: { uploads: '' } });
  return response.body.split('<UploadId>').length - 1;
}

/** S3's ETag of an object that came in parts. */
function eTagOfParts(content: Buffer, partSize: number): string {
  const digests = [];
  for (let offset = 0; offset < content.length; offset += partSize) {
    digests.push(
      createHash('md5')
        .update(content.subarray(offset, offset + partSize))
        .digest(),
    );
  }
  return `"${createHash('md5').update(Buffer.concat(digests)).digest('hex')}-${digests.length}"`;
}

export function transferRows(suite: Suite): void {
  test.each([0, 1, 5 * MiB, S3Facts.multipartThreshold - 1])(
    'a file of %i bytes goes up in one request and comes down the same',
    async (size) => {
      const { at } = suite;
      const name = new S3Name('whole', await at.bucket());
      const content = randomBytes(size);
      await writeFile(at.path('f'), content);
      await at.storage.write(at.path('f'), name);
      const { response } = await at.storage.exists(name).withResponse();
      expect(response?.headers).toMatchObject({
        'content-length': String(size),
        etag: `"${createHash('md5').update(content).digest('hex')}"`,
      });
      await at.storage.read(name, at.path('g'));
      expect((await readFile(at.path('g'))).equals(content)).toBe(true);
    },
  );

  test.each([S3Facts.multipartThreshold, 21 * MiB + 1])(
    'a file of %i bytes goes up in parts, with its headers, and comes down the same',
    async (size) => {
      const { at } = suite;
      const bucket = await at.bucket();
      const name = new S3Name('in parts', bucket);
      const content = randomBytes(size);
      await writeFile(at.path('f'), content);
      await at.storage.write(at.path('f'), name, {
        headers: { 'x-amz-meta-n': '1', 'content-type': 'text/x-example' },
      });
      const { value, response } = await at.storage.exists(name).withResponse();
      expect(value).toEqual([true, { 'x-amz-meta-n': '1' }]);
      expect(response?.headers).toMatchObject({
        'content-type': 'text/x-example',
        etag: eTagOfParts(content, S3Facts.minimumPartSize),
      });
      await at.storage.read(name, at.path('g'));
      expect((await readFile(at.path('g'))).equals(content)).toBe(true);
      expect(await unfinishedUploads(at.storage, bucket)).toBe(0);
    },
  );

  describe.each([4, 17 * MiB + 3])('%i bytes', (size) => {
    const content = randomBytes(size);
    const cut = (length: number): Uint8Array[] =>
      Array.from({ length: Math.ceil(size / length) }, (_, index) =>
        content.subarray(index * length, (index + 1) * length),
      );

    test.each<[string, () => WriteSource, number]>([
      ['bytes', () => new Uint8Array(content), 4],
      ['an ArrayBuffer', () => new Uint8Array(content).buffer, 4],
      ['a Blob', () => new Blob([new Uint8Array(content)]), 4],
      ['a Node stream', () => Readable.from(cut(100_000)), 3],
      ['a web stream', () => new Blob([new Uint8Array(content)]).stream(), 3],
      ['an async generator of large pieces', () => pieces(cut(7 * MiB)), 3],
    ])('from %s go up and come down the same', async (_, source, parts) => {
      const { at } = suite;
      const name = new S3Name('k', await at.bucket());
      await at.storage.write(source(), name, { headers: { 'x-amz-meta-n': '1' } });
      const { value, response } = await at.storage.exists(name).withResponse();
      expect(value).toEqual([true, { 'x-amz-meta-n': '1' }]);
      // Parts of 5 MiB where the size is known, of 8 MiB where it is not.
      expect(response?.headers['etag']).toMatch(size > MiB ? new RegExp(`-${parts}"$`) : /^"[0-9a-f]{32}"$/);
      await at.storage.read(name, at.path('g'));
      expect((await readFile(at.path('g'))).equals(content)).toBe(true);
    });
  });

  test('text and a stream of text are written in UTF-8', async () => {
    const { at } = suite;
    const name = new S3Name('k', await at.bucket());
    for (const source of [{ text: 'naïve 日本' }, pieces(['naïve ', '日本'])]) {
      await at.storage.write(source, name);
      await at.storage.read(name, at.path('g'));
      expect(await readFile(at.path('g'), 'utf8')).toBe('naïve 日本');
    }
  });

  test('an empty stream is an empty object', async () => {
    const { at } = suite;
    const name = new S3Name('k', await at.bucket());
    await at.storage.write(Readable.from([]), name);
    const { response } = await at.storage.exists(name).withResponse();
    expect(response?.headers['content-length']).toBe('0');
  });

  test('partSize and concurrency can be chosen', async () => {
    const { at } = suite;
    const name = new S3Name('k', await at.bucket());
    const content = randomBytes(17 * MiB);
    await at.storage.write(content, name, { partSize: 6 * MiB, concurrency: 1 });
    const { response } = await at.storage.exists(name).withResponse();
    expect(response?.headers['etag']).toBe(eTagOfParts(content, 6 * MiB));
  });

  test('a stream that fails midway leaves no object and no part', async () => {
    const { at } = suite;
    const bucket = await at.bucket();
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield randomBytes(9 * MiB);
      throw new Error('the source has dried up');
    }
    const write = at.storage.write(failing(), new S3Name('k', bucket));
    await expect(write).rejects.toMatchObject({ msg: 'write: the source has dried up', response: null });
    expect(await at.storage.exists(new S3Name('k', bucket))).toEqual([false, {}]);
    expect(await unfinishedUploads(at.storage, bucket)).toBe(0);
  });

  test.each([0, 9 * MiB])('a stream that hangs after %i bytes is let go at an abort', async (given) => {
    const { at } = suite;
    const bucket = await at.bucket();
    async function* hanging(): AsyncGenerator<Uint8Array> {
      yield randomBytes(given);
      await new Promise(() => undefined);
    }
    const signal = AbortSignal.timeout(300);
    await expect(at.storage.write(hanging(), new S3Name('k', bucket), { signal })).rejects.toMatchObject({
      response: null,
    });
    expect(await unfinishedUploads(at.storage, bucket)).toBe(0);
  });

  test('an object is read as a stream, as bytes, as text and as JSON, whole or in part', async () => {
    const { at } = suite;
    const { storage } = at;
    const name = new S3Name('k', await at.bucket());
    const text = '{"naïve":["日本"]}';
    await storage.write({ text }, name, {
      headers: { 'content-type': 'application/json', 'x-amz-meta-n': '1' },
    });
    const object = await storage.readStream(name);
    expect(object).toMatchObject({
      size: Buffer.byteLength(text),
      metadata: { 'x-amz-meta-n': '1' },
      headers: { 'content-type': 'application/json' },
    });
    expect(Buffer.concat(await collect(object.body)).toString()).toBe(text);
    expect(Buffer.from(await storage.readBytes(name)).toString()).toBe(text);
    expect(await storage.readText(name)).toBe(text);
    expect(await storage.readJson(name)).toEqual({ naïve: ['日本'] });
    expect(await storage.readText(name, { range: { start: 2, end: 3 } })).toBe('na');
    expect(
      (await storage.readBytes(name, { range: { start: Buffer.byteLength(text) - 1 } })).byteLength,
    ).toBe(1);
    expect((await storage.readStream(name, { range: { end: 0 } })).size).toBe(Buffer.byteLength(text));
    await expect(storage.readBytes(name, { range: { start: 1000 } })).rejects.toMatchObject({ status: 416 });
    await expect(storage.readText(new S3Name('none', name.bucket))).rejects.toMatchObject({
      msg: 'readText',
      code: 'NoSuchKey',
    });
  });

  test('a stream that is not read to its end lets its connection go', async () => {
    const { at } = suite;
    const name = new S3Name('k', await at.bucket());
    await at.storage.write(randomBytes(12 * MiB), name);
    const storage = at.connect({}, { maximumConnections: 1 });
    for (let round = 0; round < 3; round++) {
      for await (const chunk of (await storage.readStream(name)).body) {
        expect(chunk.byteLength).toBeGreaterThan(0);
        break;
      }
    }
    expect((await storage.readBytes(name)).byteLength).toBe(12 * MiB);
  });

  test('an upload that fails midway is aborted: no part stays behind', async () => {
    const { at } = suite;
    const bucket = await at.bucket();
    const name = new S3Name('never', bucket);
    await writeFile(at.path('f'), randomBytes(17 * MiB));
    const stop = new AbortController();
    const storage = at.connect();
    const send = storage.connection.send.bind(storage.connection);
    let parts = 0;
    storage.connection.send = async (call) => {
      const answer = await send(call);
      if (call.method === 'PUT' && ++parts === 2) stop.abort(new Error('enough'));
      return answer;
    };
    await expect(storage.write(at.path('f'), name, { signal: stop.signal })).rejects.toMatchObject({
      msg: 'write: enough',
      response: null,
    });
    expect(parts).toBeGreaterThanOrEqual(2);
    expect(await unfinishedUploads(at.storage, bucket)).toBe(0);
    expect(await at.storage.exists(name)).toEqual([false, {}]);
  });

  test('an object above the limit of one copy is copied in parts, with all that belongs to it', async () => {
    const { at } = suite;
    const bucket = await at.bucket();
    const source = new S3Name('a source', bucket);
    const content = randomBytes(11 * MiB);
    await writeFile(at.path('f'), content);
    const headers = { 'x-amz-meta-n': '1', 'content-type': 'text/x-example', 'cache-control': 'no-cache' };
    await at.storage.write(at.path('f'), source, { headers: { ...headers, 'x-amz-tagging': 'a=b%20c' } });

    const limited = at.connect({}, { limits: { maximumCopySize: 10 * MiB, copyPartSize: 5 * MiB } });
    // Our own limit decides where the metadata is replaced; S3's refusal, which no test can afford, where it is not.
    await limited.copy(source, new S3Name('copy', bucket), { headers: { 'cache-control': 'max-age=1' } });
    const { response } = await at.storage.exists(new S3Name('copy', bucket)).withResponse();
    expect(response?.headers).toMatchObject({
      ...headers,
      'cache-control': 'max-age=1',
      etag: eTagOfParts(content, 5 * MiB),
    });
    if (suite.differences.lacks?.['tags of multipart uploads'] === undefined) {
      const tags = await at.storage.connection.send({
        method: 'GET',
        bucket,
        key: 'copy',
        query: { tagging: '' },
      });
      expect(tags.response.body).toContain('<Key>a</Key><Value>b c</Value>');
    }

    await limited.updateMetadata(source, { 'x-amz-meta-n': '2' });
    expect(await at.storage.exists(source)).toEqual([true, { 'x-amz-meta-n': '2' }]);
    await at.storage.read(source, at.path('g'));
    expect((await readFile(at.path('g'))).equals(content)).toBe(true);
  });

  test.each(['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256', 'md5', 'when-required', 'off'] as const)(
    'with checksum: %s, a small and a large file come back as they went',
    async (checksum) => {
      const { at } = suite;
      const bucket = await at.bucket();
      const storage = at.connect({ checksum }, { limits: { multipartThreshold: 6 * MiB } });
      for (const size of [3, 11 * MiB]) {
        const name = new S3Name(`of ${size}`, bucket);
        const content = randomBytes(size);
        await writeFile(at.path('f'), content);
        await storage.write(at.path('f'), name);
        await storage.read(name, at.path('g'));
        expect((await readFile(at.path('g'))).equals(content)).toBe(true);
      }
    },
  );

  if (suite.differences.lacks?.['checksums'] === undefined) {
    test.each([
      // Of "abc": CRC-32, CRC-32C and CRC-64/NVME as their catalogues' check routines give them, SHA-1 and SHA-256 of FIPS 180-4.
      ['crc32', 'NSRBwg=='],
      ['crc32c', 'Nks/tw=='],
      ['crc64nvme', 'BeXKuz/B+us='],
      ['sha1', 'qZk+NkcGgWq6PiVxeFDCbJzQ2J0='],
      ['sha256', 'ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='],
    ] as const)('with checksum: %s, S3 stores it', async (checksum, value) => {
      const { at } = suite;
      const bucket = await at.bucket();
      await writeFile(at.path('f'), 'abc');
      await at.connect({ checksum }).write(at.path('f'), new S3Name('k', bucket));
      const head = await at.storage.connection.send({
        method: 'HEAD',
        bucket,
        key: 'k',
        headers: { 'x-amz-checksum-mode': 'ENABLED' },
      });
      expect(head.response.headers[`x-amz-checksum-${checksum}`]).toBe(value);
    });

    test('S3 stores the checksum of all bytes of a file that went up in parts', async () => {
      const { at } = suite;
      const bucket = await at.bucket();
      const content = randomBytes(11 * MiB);
      await writeFile(at.path('f'), content);
      await at
        .connect({}, { limits: { multipartThreshold: 6 * MiB } })
        .write(at.path('f'), new S3Name('k', bucket));
      const head = await at.storage.connection.send({
        method: 'HEAD',
        bucket,
        key: 'k',
        headers: { 'x-amz-checksum-mode': 'ENABLED' },
      });
      const expected = Buffer.alloc(4);
      expected.writeUInt32BE(crc32(content));
      expect(head.response.headers).toMatchObject({
        'x-amz-checksum-crc32': expected.toString('base64'),
        'x-amz-checksum-type': 'FULL_OBJECT',
      });
    });
  }

  test('a read that fails leaves the old file, and nothing beside it', async () => {
    const { at } = suite;
    const bucket = await at.bucket();
    await writeFile(at.path('old'), 'old');
    await expect(at.storage.read(new S3Name('missing', bucket), at.path('old'))).rejects.toMatchObject({
      code: 'NoSuchKey',
    });
    expect(await readFile(at.path('old'), 'utf8')).toBe('old');
    expect(await readdir(at.folder)).toEqual(['old']);
  });
}
