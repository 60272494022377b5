import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  BucketS3Request,
  CopyS3Request,
  DeleteS3Request,
  ExistsS3Request,
  getContentMd5,
  ReadS3Request,
  type S3Connection,
  S3Part,
  S3Request,
  S3Response,
  UpdateMetadataS3Request,
  WriteS3Request,
} from '../src/index.ts';
import { refuse, reply, ScriptedServer } from './scripted-server.ts';

let server: ScriptedServer;
let folder: string;
beforeEach(async () => {
  server = await ScriptedServer.start(reply(200));
  folder = await mkdtemp(join(tmpdir(), 's3kit-requests-'));
  await writeFile(join(folder, 'up'), 'content');
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

const copied = '<CopyObjectResult><ETag>"x"</ETag></CopyObjectResult>';

describe('each kind resolves to an S3Response, whether S3 does it or refuses', () => {
  test.each<[string, (connection: S3Connection) => S3Request, string]>([
    [
      'BucketS3Request',
      (connection) =>
        new BucketS3Request(connection, { method: 'GET', bucket: 'bucket', subresource: 'acl' }),
      'GET /bucket?acl=',
    ],
    [
      'CopyS3Request',
      (connection) => new CopyS3Request(connection, 'source', 'a', 'bucket', 'b'),
      'PUT /bucket/b',
    ],
    ['DeleteS3Request', (connection) => new DeleteS3Request(connection, 'bucket', 'k'), 'DELETE /bucket/k'],
    ['ExistsS3Request', (connection) => new ExistsS3Request(connection, 'bucket', 'k'), 'HEAD /bucket/k'],
    [
      'ReadS3Request',
      (connection) => new ReadS3Request(connection, 'bucket', 'k', join(folder, 'down')),
      'GET /bucket/k',
    ],
    [
      'UpdateMetadataS3Request',
      (connection) => new UpdateMetadataS3Request(connection, 'bucket', 'k', { 'x-amz-meta-a': '1' }),
      'PUT /bucket/k',
    ],
    [
      'WriteS3Request',
      (connection) => new WriteS3Request(connection, join(folder, 'up'), 'bucket', 'k'),
      'PUT /bucket/k',
    ],
  ])('%s', async (_, make, line) => {
    const { connection } = server.storage();
    server.script((request, response) =>
      reply(200, request.headers['x-amz-copy-source'] === undefined ? '' : copied)(request, response),
    );
    const request = make(connection);
    expect(request).toBeInstanceOf(S3Request);
    const done = await request.send();
    expect(done).toBeInstanceOf(S3Response);
    expect(done).toMatchObject({ ok: true, error: '', response: { status: 200 } });
    expect(server.arrived.map(({ method, target }) => `${method} ${target}`)).toContain(line);

    server.script(refuse(403, 'AccessDenied', 'no'));
    const refused = await make(connection).send();
    expect(refused).toMatchObject({ ok: false, response: { status: 403 } });
    expect(refused.error).toMatch(/^s3:\/\/(bucket|source)/);
  });
});

test('a read gives the metadata, and the raw response without the body', async () => {
  server.script(reply(200, 'content', { 'x-amz-meta-a': '1', etag: '"e"' }));
  const result = await new ReadS3Request(
    server.storage().connection,
    'bucket',
    'k',
    join(folder, 'down'),
  ).send();
  expect(result.metadata).toEqual({ 'x-amz-meta-a': '1' });
  expect(result.response).toMatchObject({ body: '', headers: { etag: '"e"' } });
  expect(await readFile(join(folder, 'down'), 'utf8')).toBe('content');
});

test('a failed abort is told, with the id of the upload that is left behind', async () => {
  await writeFile(join(folder, 'large'), Buffer.alloc(16 * 1024 * 1024));
  server.script((request, response) => {
    if (request.target.endsWith('?uploads=')) {
      reply(
        200,
        '<InitiateMultipartUploadResult><UploadId>upload-1</UploadId></InitiateMultipartUploadResult>',
      )(request, response);
    } else if (request.method === 'DELETE') refuse(403, 'AccessDenied')(request, response);
    else refuse(400, 'InvalidRequest', 'no parts today')(request, response);
  });
  const result = await new WriteS3Request(
    server.storage().connection,
    join(folder, 'large'),
    'bucket',
    'k',
  ).send();
  expect(result.ok).toBe(false);
  expect(result.error).toContain('no parts today');
  expect(result.error).toContain(
    'the unfinished upload upload-1 is still there, and its parts are billed until it is aborted (the abort was refused: AccessDenied)',
  );
});

test('a digest of the whole cannot go with parts', async () => {
  await writeFile(join(folder, 'large'), Buffer.alloc(16 * 1024 * 1024));
  const request = new WriteS3Request(server.storage().connection, join(folder, 'large'), 'bucket', 'k', {
    'content-md5': 'x',
  });
  await expect(request.send()).rejects.toThrow(
    /content-md5 cannot be checked by S3 for an object that is sent in parts/,
  );
  expect(server.arrived).toHaveLength(0);
});

test('S3Part has a number and an ETag', () => {
  expect(new S3Part(3, '"e"')).toMatchObject({ partNumber: 3, eTag: '"e"' });
});

test.each([
  // RFC 1321, A.5, in Base64.
  ['', '1B2M2Y8AsgTpgAmY7PhCfg=='],
  ['abc', 'kAFQmDzST7DWlj99KOF/cg=='],
])('getContentMd5 gives the digests of RFC 1321', (text, digest) => {
  expect(getContentMd5(text)).toBe(digest);
  expect(getContentMd5(new TextEncoder().encode(text))).toBe(digest);
});
