import {
  CopyObjectCommand,
  type CopyObjectCommandInput,
  CreateBucketCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { S3Server } from '../src/index.ts';
import { bob, codeOf, raw, refusal, sdk, testServer } from './endpoint.ts';
import keyEncoding from './vectors/key-encoding.json' with { type: 'json' };

const Bucket = 'copies';
let server: S3Server;
let s3: S3Client;
let etag: string;

beforeAll(async () => {
  server = await testServer({ limits: { minimumPartSize: 1024, maximumCopySize: 1000 } });
  s3 = sdk(server);
  await s3.send(new CreateBucketCommand({ Bucket }));
  const put = await s3.send(
    new PutObjectCommand({
      Bucket,
      Key: 'source',
      Body: 'hello world',
      ContentType: 'text/plain',
      CacheControl: 'no-cache',
      Metadata: { a: '1' },
      StorageClass: 'STANDARD_IA',
      Tagging: 'k=v',
    }),
  );
  etag = put.ETag ?? '';
});

afterAll(async () => {
  s3.destroy();
  await server.close();
});

function copy(options: Partial<CopyObjectCommandInput> = {}) {
  return s3.send(
    new CopyObjectCommand({ Bucket, Key: 'target', CopySource: `${Bucket}/source`, ...options }),
  );
}

async function head(Key = 'target') {
  return s3.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));
}

test('a copy has the bytes, the metadata and the tags of its source, and its own storage class', async () => {
  const { CopyObjectResult } = await copy();
  expect(CopyObjectResult?.ETag).toBe(etag);
  expect(CopyObjectResult?.ChecksumCRC32).toBe('DUoRhQ==');
  expect(await head()).toMatchObject({
    ETag: etag,
    ContentType: 'text/plain',
    CacheControl: 'no-cache',
    Metadata: { a: '1' },
    TagCount: 1,
    ChecksumCRC32: 'DUoRhQ==',
  });
  expect((await head()).StorageClass).toBeUndefined();
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'target' }));
  expect(await got.Body?.transformToString()).toBe('hello world');
});

test('REPLACE takes everything from the request', async () => {
  await copy({
    MetadataDirective: 'REPLACE',
    ContentType: 'text/html',
    Metadata: { b: '2' },
    TaggingDirective: 'REPLACE',
    Tagging: 'x=y',
  });
  const replaced = await head();
  expect(replaced).toMatchObject({ ContentType: 'text/html', Metadata: { b: '2' } });
  expect(replaced.CacheControl).toBeUndefined();
  const { TagSet } = await s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'target' }));
  expect(TagSet).toEqual([{ Key: 'x', Value: 'y' }]);
});

test('metadata given without REPLACE is not taken', async () => {
  await copy({ Metadata: { c: '3' } });
  expect((await head()).Metadata).toEqual({ a: '1' });
});

test('a copy onto itself must change something', async () => {
  await s3.send(new PutObjectCommand({ Bucket, Key: 'self', Body: 'x', Metadata: { a: '1' } }));
  const self = { Key: 'self', CopySource: `${Bucket}/self` };
  expect(await refusal(copy(self))).toBe('400 InvalidRequest');
  await copy({ ...self, MetadataDirective: 'REPLACE', Metadata: { a: '2' } });
  expect((await head('self')).Metadata).toEqual({ a: '2' });
  await copy({ ...self, StorageClass: 'GLACIER_IR' });
  expect(await head('self')).toMatchObject({ StorageClass: 'GLACIER_IR', Metadata: { a: '2' } });
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'self' }));
  expect(await got.Body?.transformToString()).toBe('x');
});

test('conditions on the source decide', async () => {
  await copy({ CopySourceIfMatch: etag });
  expect(await refusal(copy({ CopySourceIfMatch: '"other"' }))).toBe('412 PreconditionFailed');
  expect(await refusal(copy({ CopySourceIfNoneMatch: etag }))).toBe('412 PreconditionFailed');
  const past = new Date('2015-01-01T00:00:00Z');
  expect(await refusal(copy({ CopySourceIfUnmodifiedSince: past }))).toBe('412 PreconditionFailed');
  await copy({ CopySourceIfModifiedSince: past });
  // The ETag outweighs the date.
  await copy({ CopySourceIfMatch: etag, CopySourceIfUnmodifiedSince: past });
});

test('a source above the limit is refused, its size is not the question for a part of it', async () => {
  await s3.send(new PutObjectCommand({ Bucket, Key: 'large', Body: 'x'.repeat(1001) }));
  expect(await refusal(copy({ CopySource: `${Bucket}/large` }))).toBe('400 InvalidRequest');
});

test('a source that is not there, or not named, is refused', async () => {
  expect(await refusal(copy({ CopySource: `${Bucket}/missing` }))).toBe('404 NoSuchKey');
  expect(await refusal(copy({ CopySource: 'missing-bucket/key' }))).toBe('404 NoSuchBucket');
  expect(await refusal(copy({ CopySource: 'only-a-bucket' }))).toBe('400 InvalidArgument');
  const bobs = sdk(server, { credentials: bob });
  await bobs.send(new CreateBucketCommand({ Bucket: 'bobs-copies' }));
  const foreign = new CopyObjectCommand({ Bucket: 'bobs-copies', Key: 'k', CopySource: `${Bucket}/source` });
  expect(await refusal(bobs.send(foreign))).toBe('403 AccessDenied');
  bobs.destroy();
});

test.each(keyEncoding.copySource.filter(({ versionId }) => versionId === null))(
  'the source $header is read',
  async ({ key, header }) => {
    await s3.send(new PutObjectCommand({ Bucket, Key: key, Body: key }));
    const source = header.replace(/^b\//, `${Bucket}/`);
    for (const prefix of ['', '/']) {
      const response = await raw(server, {
        method: 'PUT',
        target: `/${Bucket}/copy-of-key`,
        headers: { 'x-amz-copy-source': prefix + source },
      });
      expect([response.status, codeOf(response)]).toEqual([200, undefined]);
      expect((await raw(server, { target: `/${Bucket}/copy-of-key` })).text).toBe(key);
    }
  },
);
