import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { Client } from 'minio';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { S3Server } from '../src/index.ts';
import { alice, sdk, testServer } from './endpoint.ts';

let server: S3Server;
let minio: Client;

beforeAll(async () => {
  server = await testServer();
  minio = new Client({
    endPoint: '127.0.0.1',
    port: server.port,
    useSSL: false,
    accessKey: alice.accessKeyId,
    secretKey: alice.secretAccessKey,
  });
  await minio.makeBucket('clients', 'us-east-1');
});

afterAll(async () => {
  await server.close();
});

async function read(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test('presigned URLs put and get, with nothing but fetch', async () => {
  const s3 = sdk(server);
  const target = { Bucket: 'clients', Key: 'dir/presigned é' };
  const put = await getSignedUrl(s3, new PutObjectCommand({ ...target, ContentType: 'text/plain' }), {
    expiresIn: 60,
  });
  const sent = await fetch(put, { method: 'PUT', body: 'by url', headers: { 'content-type': 'text/plain' } });
  expect(sent.status).toBe(200);
  const command = new GetObjectCommand({ ...target, ResponseContentType: 'text/x' });
  const got = await fetch(await getSignedUrl(s3, command, { expiresIn: 60 }));
  expect([got.status, await got.text(), got.headers.get('content-type')]).toEqual([200, 'by url', 'text/x']);
  const other = await fetch((await getSignedUrl(s3, command)).replace('presigned', 'other'));
  expect([other.status, await other.text()]).toEqual([403, expect.stringContaining('SignatureDoesNotMatch')]);
  s3.destroy();
});

test('minio: objects, metadata, copies, listings', async () => {
  await minio.putObject('clients', 'm/1', 'one', 3, { 'x-amz-meta-a': 'b' });
  await minio.putObject('clients', 'm/2', Buffer.from('two'));
  expect(await read(await minio.getObject('clients', 'm/1'))).toBe('one');
  expect(await read(await minio.getPartialObject('clients', 'm/1', 1, 1))).toBe('n');
  expect((await minio.statObject('clients', 'm/1')).metaData['a']).toBe('b');
  const names: string[] = [];
  for await (const item of minio.listObjectsV2('clients', 'm/', true)) names.push(item.name);
  expect(names).toEqual(['m/1', 'm/2']);
  await minio.removeObjects('clients', names);
  await expect(minio.statObject('clients', 'm/1')).rejects.toMatchObject({ code: 'NotFound' });
});

test('minio: a large object goes up in parts', async () => {
  const bytes = Buffer.alloc(12 * 1024 ** 2, 'minio');
  minio.setRequestOptions({});
  await minio.putObject('clients', 'large', bytes, bytes.length);
  const stat = await minio.statObject('clients', 'large');
  expect(stat.size).toBe(bytes.length);
  expect(await read(await minio.getPartialObject('clients', 'large', bytes.length - 5, 5))).toBe(
    bytes.subarray(-5).toString(),
  );
}, 20_000);
