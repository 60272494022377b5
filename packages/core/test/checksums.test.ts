import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { S3Answer } from '../src/connection.ts';
import { expectedChecksum } from '../src/expected-checksum.ts';
import { trailedPiece } from '../src/node/trailing-checksum.ts';
import { refuse, reply, ScriptedServer } from './scripted-server.ts';

let server: ScriptedServer;
let folder: string;
beforeEach(async () => {
  server = await ScriptedServer.start(reply(200));
  folder = await mkdtemp(join(tmpdir(), 's3kit-checksums-'));
  await writeFile(join(folder, 'abc'), 'abc');
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

// Of "abc": CRC-32; MD5 of RFC 1321; SHA-256 of FIPS 180-4.
const crc32 = 'NSRBwg==';
const md5 = 'kAFQmDzST7DWlj99KOF/cg==';
const sha256 = 'ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=';

describe('sending', () => {
  test.each([
    ['crc32', { 'x-amz-checksum-crc32': crc32 }],
    ['sha256', { 'x-amz-checksum-sha256': sha256 }],
    ['md5', { 'content-md5': md5 }],
    ['when-required', {}],
    ['off', {}],
  ] as const)('checksum: %s', async (checksum, expected) => {
    await server.storage({ checksum }).write(join(folder, 'abc'), 'k');
    const headers: Record<string, unknown> = { ...server.arrived[0]?.headers };
    expect(
      Object.fromEntries(
        Object.entries(headers).filter(([name]) => /^content-md5$|^x-amz-checksum-/.test(name)),
      ),
    ).toEqual(expected);
    // Over plain HTTP the content is signed.
    expect(headers['x-amz-content-sha256']).toBe(Buffer.from(sha256, 'base64').toString('hex'));
  });

  test('a checksum that the caller gives is the only one', async () => {
    await server.storage().write(join(folder, 'abc'), 'k', { headers: { 'content-md5': md5 } });
    expect(server.arrived[0]?.headers).toMatchObject({ 'content-md5': md5 });
    expect(server.arrived[0]?.headers['x-amz-checksum-crc32']).toBeUndefined();
  });

  test('what is not an object’s content has none', async () => {
    await server.storage().delete('k');
    await server.storage().bucketSetTagging('bucket', { data: '<Tagging/>' });
    for (const { headers } of server.arrived) expect(headers['x-amz-checksum-crc32']).toBeUndefined();
  });
});

describe('receiving', () => {
  test.each<[string, Record<string, string>]>([
    ['a checksum', { 'x-amz-checksum-crc32': crc32 }],
    ['a checksum of the whole', { 'x-amz-checksum-crc32': crc32, 'x-amz-checksum-type': 'FULL_OBJECT' }],
    ['an ETag that is an MD5 digest', { etag: '"900150983cd24fb0d6963f7d28e17f72"' }],
  ])('%s is checked', async (_, headers) => {
    server.script(reply(200, 'abc', headers), reply(200, 'abd', headers));
    const storage = server.storage({ retry: { limit: 1 } });
    await storage.read('k', join(folder, 'down'));
    expect(server.arrived[0]?.headers['x-amz-checksum-mode']).toBe('ENABLED');
    await expect(storage.read('k', join(folder, 'down'))).rejects.toMatchObject({
      code: 'ERR_S3KIT_CHECKSUM',
      response: null,
    });
    // The file is still the good one, and nothing is beside it.
    expect(await readFile(join(folder, 'down'), 'utf8')).toBe('abc');
    expect(await readdir(folder)).toEqual(['abc', 'down']);
  });

  test.each<[string, Record<string, string>]>([
    ['a composite checksum', { 'x-amz-checksum-crc32': `${crc32}-2`, 'x-amz-checksum-type': 'COMPOSITE' }],
    ['a composite checksum that is not called so', { 'x-amz-checksum-crc32': 'NSRBwg==-2' }],
    ['the ETag of an object of several parts', { etag: '"900150983cd24fb0d6963f7d28e17f72-2"' }],
    [
      'the ETag of an object that is encrypted by a key',
      { etag: `"${'0'.repeat(32)}"`, 'x-amz-server-side-encryption': 'aws:kms' },
    ],
    [
      'the ETag of an object with a customer’s key',
      { etag: `"${'0'.repeat(32)}"`, 'x-amz-server-side-encryption-customer-algorithm': 'AES256' },
    ],
    ['a checksum of an unknown algorithm', { 'x-amz-checksum-xxhash64': 'AAAAAAAAAAA=' }],
    ['nothing', {}],
  ])('%s is never compared with the body', async (_, headers) => {
    server.script(reply(200, 'abc', headers));
    await server.storage().read('k', join(folder, 'down'));
    expect(await readFile(join(folder, 'down'), 'utf8')).toBe('abc');
    expect(expectedChecksum(headers)).toBeUndefined();
  });

  describe('a composite checksum is compared part by part, where S3 says where the parts end', () => {
    const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
    const composite = createHash('sha256')
      .update(Buffer.concat([sha256('abc'), sha256('de')]))
      .digest('base64');
    const headers = {
      etag: '"x-2"',
      'x-amz-checksum-sha256': `${composite}-2`,
      'x-amz-checksum-type': 'COMPOSITE',
    };
    const attributes = (sizes: readonly number[], eTag = 'x-2'): string =>
      `<GetObjectAttributesResponse><ETag>${eTag}</ETag><ObjectParts><IsTruncated>false</IsTruncated>${sizes
        .map((size, index) => `<Part><PartNumber>${index + 1}</PartNumber><Size>${size}</Size></Part>`)
        .join('')}</ObjectParts></GetObjectAttributesResponse>`;

    test.each([
      ['is right', 'abcde', attributes([3, 2]), undefined],
      ['is wrong', 'abcdX', attributes([3, 2]), /what came is not what S3 stores: its sha256/],
      ['of another object', 'abcdX', attributes([3, 2], 'y-2'), undefined],
      ['sizes that are not those of the object', 'abcdX', attributes([3, 3]), undefined],
    ])('%s', async (_, body, document, problem) => {
      server.script((request, response) =>
        (request.target.includes('attributes') ? reply(200, document) : reply(200, body, headers))(
          request,
          response,
        ),
      );
      const read = server.storage().read('k', join(folder, 'down'));
      if (problem === undefined) await read;
      else await expect(read).rejects.toThrow(problem);
      expect(server.arrived.at(-1)?.headers['x-amz-object-attributes']).toBe('ETag,ObjectParts');
    });

    test.each([
      ['does not let these keys know', refuse(403, 'AccessDenied')],
      ['answers with the object itself', reply(200, 'abcdX', headers)],
    ])('and not at all where S3 %s', async (_, answer) => {
      server.script((request, response) =>
        (request.target.includes('attributes') ? answer : reply(200, 'abcdX', headers))(request, response),
      );
      await server.storage().read('k', join(folder, 'down'));
      expect(await readFile(join(folder, 'down'), 'utf8')).toBe('abcdX');
    });
  });

  test('what was changed on its way is fetched once more', async () => {
    const right = { 'x-amz-checksum-crc32': crc32 };
    server.script(reply(200, 'abX', right), reply(200, 'abc', right));
    await server.storage().read('k', join(folder, 'down'));
    expect(await readFile(join(folder, 'down'), 'utf8')).toBe('abc');
    expect(server.arrived).toHaveLength(2);
  });

  test('checksum: off asks for none, and checks none', async () => {
    server.script(reply(200, 'abc', { 'x-amz-checksum-crc32': 'AAAAAA==' }));
    await server.storage({ checksum: 'off' }).read('k', join(folder, 'down'));
    expect(server.arrived[0]?.headers['x-amz-checksum-mode']).toBeUndefined();
  });
});

describe('a stored checksum that is another than the one sent is a failure', () => {
  const wrong = {
    code: 'ERR_S3KIT_CHECKSUM',
    message: expect.stringContaining('what S3 stores is not what was sent'),
  };
  /** A service that makes an object of parts, and tells such checksums of them and of the whole. */
  function storing(ofPart: string, ofWhole: string): void {
    server.script((request, response) => {
      const answer = request.target.endsWith('?uploads=')
        ? '<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>'
        : request.method === 'POST'
          ? `<CompleteMultipartUploadResult><ETag>"x-4"</ETag>${ofWhole}</CompleteMultipartUploadResult>`
          : '';
      reply(200, answer, {
        etag: `"${createHash('md5').update(request.body).digest('hex')}"`,
        ...(request.method === 'PUT' && {
          'x-amz-checksum-crc32': ofPart || request.headers['x-amz-checksum-crc32'],
        }),
      })(request, response);
    });
  }

  test('of an object', async () => {
    storing('AAAAAA==', '');
    await expect(server.storage().write(join(folder, 'abc'), 'k')).rejects.toMatchObject(wrong);
    await expect(server.storage().write({ text: 'abc' }, 'k')).rejects.toMatchObject(wrong);
    storing(crc32, '');
    await server.storage().write({ text: 'abc' }, 'k');
    // What was not computed is not compared.
    storing('AAAAAA==', '');
    await server.storage({ checksum: 'off' }).write({ text: 'abc' }, 'k');
  });

  test.each([
    ['of a part', 'AAAAAA==', ''],
    ['of a whole in parts', '', '<ChecksumCRC32>AAAAAA==</ChecksumCRC32>'],
  ])('%s, whose upload is then aborted, and its journal removed', async (_, ofPart, ofWhole) => {
    await writeFile(join(folder, 'large'), Buffer.alloc(16 * 1024 * 1024));
    for (const journal of [false, true]) {
      storing(ofPart, ofWhole);
      const writing = server.storage().write(join(folder, 'large'), 'k', { journal });
      await expect(writing).rejects.toMatchObject(wrong);
      expect(server.arrived.map(({ method }) => method)).toContain('DELETE');
      expect(await readdir(folder)).toEqual(['abc', 'large']);
    }
  });

  test('of a part whose checksum goes behind it', async () => {
    async function* read(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('abc');
    }
    const piece = { kind: 'file', file: { path: 'f', read }, offset: 0, length: 3 } as const;
    const { body, trailed } = await trailedPiece(piece, 'crc32');
    if (body?.kind !== 'file') throw new Error('it is read as it is sent');
    for await (const _ of body.file.read(0, body.length));
    const storedAs = (checksum: string) => () =>
      trailed?.({ response: { headers: { 'x-amz-checksum-crc32': checksum } } } as unknown as S3Answer);
    expect(storedAs(crc32)()).toBe(crc32);
    expect(storedAs('AAAAAA==')).toThrow('what S3 stores is not what was sent');
  });
});
