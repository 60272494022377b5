import { createHash, randomFillSync } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { S3Connection, S3Name, Storage } from '@s3kit/core';
import { type S3Server, startServer } from '@s3kit/server';
import { afterAll, beforeAll, expect, test } from 'vitest';

const MiB = 1024 * 1024;
const user = { accessKeyId: 'LARGECOPY', secretAccessKey: 'large-copy-secret' };

// S3 refuses to copy more than 5 GiB in one request. Here it is 6 MiB, for both sides, and the refusal is the endpoint's.
let server: S3Server;
let folder: string;
let storage: Storage;
beforeAll(async () => {
  server = await startServer({ users: [user], limits: { maximumCopySize: 6 * MiB } });
  folder = await mkdtemp(join(tmpdir(), 's3kit-large-copy-'));
  storage = new Storage(
    new S3Connection(
      { ...user, endpoint: server.endpoint, defaultBucket: 'large-copy' },
      { limits: { maximumCopySize: 6 * MiB, copyPartSize: 5 * MiB } },
    ),
  );
  await storage.bucketCreate('large-copy');
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

test('a copy that S3 refuses for its size is made in parts, with metadata, headers and tags', async () => {
  const content = randomFillSync(Buffer.alloc(11 * MiB));
  await writeFile(join(folder, 'f'), content);
  const headers = { 'x-amz-meta-n': '1', 'content-type': 'text/x-example', 'cache-control': 'no-cache' };
  await storage.write(join(folder, 'f'), 'source', { headers: { ...headers, 'x-amz-tagging': 'a=b%20c' } });

  await storage.copy('source', new S3Name('copy', 'large-copy'));
  const { response } = await storage.exists('copy').withResponse();
  const parts = [0, 5, 10].map((start) =>
    createHash('md5')
      .update(content.subarray(start * MiB, (start + 5) * MiB))
      .digest(),
  );
  const eTag = createHash('md5').update(Buffer.concat(parts)).digest('hex');
  expect(response?.headers).toMatchObject({
    ...headers,
    'content-length': String(11 * MiB),
    etag: `"${eTag}-3"`,
  });
  const tags = await storage.connection.send({
    method: 'GET',
    bucket: 'large-copy',
    key: 'copy',
    query: { tagging: '' },
  });
  expect(tags.response.body).toContain('<Key>a</Key><Value>b c</Value>');
  await storage.read('copy', join(folder, 'g'));
  expect((await readFile(join(folder, 'g'))).equals(content)).toBe(true);
});

test('a copy that is refused for another reason stays refused', async () => {
  await expect(storage.copy('none', 'copy')).rejects.toMatchObject({ code: 'NoSuchKey', status: 404 });
  await writeFile(join(folder, 'small'), 'x');
  await storage.write(join(folder, 'small'), 'small');
  const onto = storage.copy('small', 'small');
  await expect(onto).rejects.toMatchObject({ msg: 'copy', code: 'InvalidRequest', status: 400 });
});

test('a copy in parts is kept as its source is: storage class, encryption, checksum', async () => {
  const content = randomFillSync(Buffer.alloc(11 * MiB));
  await storage.write(content, 'kept', {
    headers: { 'x-amz-storage-class': 'STANDARD_IA', 'x-amz-server-side-encryption': 'AES256' },
  });
  await storage.copy('kept', 'kept-copy');
  const head = await storage.connection.send({
    method: 'HEAD',
    bucket: 'large-copy',
    key: 'kept-copy',
    headers: { 'x-amz-checksum-mode': 'ENABLED' },
  });
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32(content));
  expect(head.response.headers).toMatchObject({
    'x-amz-storage-class': 'STANDARD_IA',
    'x-amz-server-side-encryption': 'AES256',
    'x-amz-checksum-crc32': crc.toString('base64'),
    'x-amz-checksum-type': 'FULL_OBJECT',
  });
});

test('a copy in parts is kept otherwise where the caller says so', async () => {
  await storage.write(randomFillSync(Buffer.alloc(11 * MiB)), 'moved', {
    headers: { 'x-amz-storage-class': 'STANDARD_IA' },
  });
  await storage.copy('moved', 'moved-copy', { headers: { 'x-amz-storage-class': 'ONEZONE_IA' } });
  const { response } = await storage.exists('moved-copy').withResponse();
  expect(response?.headers['x-amz-storage-class']).toBe('ONEZONE_IA');
});
