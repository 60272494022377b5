import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  DeleteObjectTaggingCommand,
  GetObjectAclCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectAclCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { S3Server } from '../src/index.ts';
import { codeOf, raw, refusal, sdk, testServer } from './endpoint.ts';
import keyEncoding from './vectors/key-encoding.json' with { type: 'json' };

const Bucket = 'objects';
let server: S3Server;
let s3: S3Client;

beforeAll(async () => {
  server = await testServer();
  s3 = sdk(server);
  await s3.send(new CreateBucketCommand({ Bucket }));
});

afterAll(async () => {
  s3.destroy();
  await server.close();
});

async function textOf(Key: string): Promise<string | undefined> {
  return (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();
}

test('what was put comes back, with all that describes it', async () => {
  const put = await s3.send(
    new PutObjectCommand({
      Bucket,
      Key: 'whole',
      Body: 'hello world',
      ContentType: 'text/plain; charset=utf-8',
      CacheControl: 'max-age=60',
      ContentDisposition: 'attachment; filename="a.txt"',
      ContentEncoding: 'identity',
      ContentLanguage: 'en',
      Expires: new Date('2030-01-01T00:00:00Z'),
      Metadata: { colour: 'blue', 'two-words': 'a  b' },
      StorageClass: 'STANDARD_IA',
      WebsiteRedirectLocation: '/elsewhere',
      ServerSideEncryption: 'aws:kms',
      SSEKMSKeyId: 'arn:aws:kms:us-east-1:111122223333:key/k',
      Tagging: 'a=1&b=two%20words',
    }),
  );
  // The MD5 of 'hello world', and its CRC32 in Base64.
  expect(put.ETag).toBe('"5eb63bbbe01eeed093cb22bb8f5acdc3"');
  expect(put.ChecksumCRC32).toBe('DUoRhQ==');
  expect(put.ServerSideEncryption).toBe('aws:kms');
  expect(put.VersionId).toBeUndefined();
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'whole', ChecksumMode: 'ENABLED' }));
  expect(await got.Body?.transformToString()).toBe('hello world');
  const expected = {
    ETag: '"5eb63bbbe01eeed093cb22bb8f5acdc3"',
    ContentLength: 11,
    ContentType: 'text/plain; charset=utf-8',
    CacheControl: 'max-age=60',
    ContentDisposition: 'attachment; filename="a.txt"',
    ContentEncoding: 'identity',
    ContentLanguage: 'en',
    ExpiresString: 'Tue, 01 Jan 2030 00:00:00 GMT',
    StorageClass: 'STANDARD_IA',
    WebsiteRedirectLocation: '/elsewhere',
    ServerSideEncryption: 'aws:kms',
    SSEKMSKeyId: 'arn:aws:kms:us-east-1:111122223333:key/k',
    TagCount: 2,
    AcceptRanges: 'bytes',
    ChecksumCRC32: 'DUoRhQ==',
    ChecksumType: 'FULL_OBJECT',
  };
  expect(got).toMatchObject(expected);
  expect(got.Metadata).toEqual({ colour: 'blue', 'two-words': 'a  b' });
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'whole', ChecksumMode: 'ENABLED' }));
  expect(head).toMatchObject(expected);
  expect(Math.abs((head.LastModified?.getTime() ?? 0) - Date.now())).toBeLessThan(10_000);
});

test('without a type an object is a stream of bytes, and has no checksum unless asked for', async () => {
  await raw(server, { method: 'PUT', target: '/objects/untyped', body: 'x' });
  const { headers } = await raw(server, { method: 'HEAD', target: '/objects/untyped' });
  expect(headers['content-type']).toBe('binary/octet-stream');
  await s3.send(new PutObjectCommand({ Bucket, Key: 'untyped', Body: 'x' }));
  const again = await raw(server, { method: 'HEAD', target: '/objects/untyped' });
  expect(Object.keys(again.headers).filter((name) => name.includes('checksum'))).toEqual([]);
});

test('an empty object is an object', async () => {
  await s3.send(new PutObjectCommand({ Bucket, Key: 'empty', Body: new Uint8Array() }));
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'empty' }));
  expect(got.ContentLength).toBe(0);
  expect(got.ETag).toBe('"d41d8cd98f00b204e9800998ecf8427e"');
  expect(await got.Body?.transformToString()).toBe('');
});

test('a large stream goes through, framed as aws-chunked by the SDK, and is stored without the framing', async () => {
  const bytes = Buffer.alloc(3_000_000, 'stream of bytes ');
  await s3.send(
    new PutObjectCommand({
      Bucket,
      Key: 'stream',
      Body: Readable.from([bytes]),
      ContentLength: bytes.length,
    }),
  );
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'stream', ChecksumMode: 'ENABLED' }));
  expect(got.ContentEncoding).toBeUndefined();
  expect(got.ChecksumCRC32).toBeDefined();
  expect(got.ETag).toBe(`"${createHash('md5').update(bytes).digest('hex')}"`);
  expect(bytes.equals((await got.Body?.transformToByteArray()) ?? new Uint8Array())).toBe(true);
});

test.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)(
  'the SDK sends %s and gets it back',
  async (ChecksumAlgorithm) => {
    const put = await s3.send(
      new PutObjectCommand({ Bucket, Key: 'sum', Body: 'hello world', ChecksumAlgorithm }),
    );
    const expected = {
      CRC32: 'DUoRhQ==',
      CRC32C: 'yZRlqg==',
      CRC64NVME: 'jSnVw/bqjr4=',
      SHA1: 'Kq5sNclPz7QV2+lfQIuc6R7oRu0=',
      SHA256: 'uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=',
    }[ChecksumAlgorithm];
    expect(put[`Checksum${ChecksumAlgorithm}`]).toBe(expected);
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'sum', ChecksumMode: 'ENABLED' }));
    expect(got[`Checksum${ChecksumAlgorithm}`]).toBe(expected);
    // The SDK compares what it reads with the checksum.
    expect(await got.Body?.transformToString()).toBe('hello world');
  },
);

const digestCases: [string, Record<string, string>, string][] = [
  ['MD5', { 'content-md5': '1B2M2Y8AsgTpgAmY7PhCfg==' }, '400 BadDigest'],
  ['MD5 that is none', { 'content-md5': 'abc' }, '400 InvalidDigest'],
  ['CRC32', { 'x-amz-checksum-crc32': 'AAAAAA==' }, '400 BadDigest'],
  ['CRC32 that is none', { 'x-amz-checksum-crc32': 'AAAA' }, '400 InvalidRequest'],
  ['CRC64NVME', { 'x-amz-checksum-crc64nvme': 'AAAAAAAAAAA=' }, '400 BadDigest'],
  ['SHA-512', { 'x-amz-checksum-sha512': Buffer.alloc(64).toString('base64') }, '400 BadDigest'],
  [
    'two checksums',
    { 'x-amz-checksum-crc32': 'DUoRhQ==', 'x-amz-checksum-crc32c': 'yZRlqg==' },
    '400 InvalidRequest',
  ],
  ['an algorithm without its value', { 'x-amz-sdk-checksum-algorithm': 'CRC32' }, '400 InvalidRequest'],
  ['a checksum that is not here', { 'x-amz-checksum-xxhash64': 'AAAAAAAAAAA=' }, '501 NotImplemented'],
];

test.each(digestCases)('a wrong digest refuses the object: %s', async (_, headers, expected) => {
  const response = await raw(server, {
    method: 'PUT',
    target: '/objects/digest',
    headers,
    body: 'hello world',
  });
  expect(`${response.status} ${codeOf(response)}`).toBe(expected);
  expect(await refusal(s3.send(new HeadObjectCommand({ Bucket, Key: 'digest' })))).toBe('404 NotFound');
});

test('a body that is not what was signed is refused, and nothing of it stays', async () => {
  const payloadHash = createHash('sha256').update('signed').digest('hex');
  const response = await raw(server, {
    method: 'PUT',
    target: '/objects/tampered',
    body: 'tamper',
    payloadHash,
  });
  expect([response.status, codeOf(response)]).toEqual([400, 'XAmzContentSHA256Mismatch']);
  expect((await raw(server, { target: '/objects/tampered' })).status).toBe(404);
});

test.each(['partNumber=1', 'versionId=null'])('PUT ?%s is refused', async (query) => {
  const response = await raw(server, { method: 'PUT', target: `/objects/misplaced?${query}`, body: 'x' });
  expect([response.status, codeOf(response)]).toEqual([400, 'InvalidArgument']);
  expect((await raw(server, { target: '/objects/misplaced' })).status).toBe(404);
});

test('framing is never stored as data', async () => {
  const framed = { 'content-encoding': 'aws-chunked', 'x-amz-decoded-content-length': '1' };
  const unsigned = await raw(server, {
    method: 'PUT',
    target: '/objects/framed',
    headers: framed,
    body: '1\r\na\r\n0\r\n\r\n',
    payloadHash: 'UNSIGNED-PAYLOAD',
  });
  expect([unsigned.status, codeOf(unsigned)]).toEqual([400, 'InvalidArgument']);
  const signed = await raw(server, {
    method: 'PUT',
    target: '/objects/framed',
    headers: framed,
    body: 'not read',
    payloadHash: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
  });
  expect([signed.status, codeOf(signed)]).toEqual([400, 'IncompleteBody']);
  expect((await raw(server, { target: '/objects/framed' })).status).toBe(404);
});

const ranges: [string, number, string, string | undefined][] = [
  ['bytes=0-0', 206, '0', 'bytes 0-0/10'],
  ['bytes=2-5', 206, '2345', 'bytes 2-5/10'],
  ['bytes=7-', 206, '789', 'bytes 7-9/10'],
  ['bytes=-3', 206, '789', 'bytes 7-9/10'],
  ['bytes=-30', 206, '0123456789', 'bytes 0-9/10'],
  ['bytes=5-100', 206, '56789', 'bytes 5-9/10'],
  ['bytes=0-1,4-5', 200, '0123456789', undefined],
  ['bytes=5-2', 200, '0123456789', undefined],
  ['bytes=-', 200, '0123456789', undefined],
  ['lines=1-2', 200, '0123456789', undefined],
];

test.each(ranges)('Range: %s gives %i %s', async (range, status, text, contentRange) => {
  await s3.send(new PutObjectCommand({ Bucket, Key: 'digits', Body: '0123456789' }));
  const response = await raw(server, { target: '/objects/digits', headers: { range } });
  expect([response.status, response.text, response.headers['content-range']]).toEqual([
    status,
    text,
    contentRange,
  ]);
});

// RFC 9110 section 13.1.5: a range counts only with the strong ETag, or exactly the date, of what is there.
test('a range of an object that If-Range does not name is not given', async () => {
  await s3.send(new PutObjectCommand({ Bucket, Key: 'resumed', Body: '0123456789' }));
  const range = 'bytes=4-5';
  const told = async (ifRange: string, asked = range) => {
    const { status, text } = await raw(server, {
      target: '/objects/resumed',
      headers: { range: asked, 'if-range': ifRange },
    });
    return `${status} ${text}`;
  };
  const { headers } = await raw(server, { method: 'HEAD', target: '/objects/resumed' });
  const { etag = '', 'last-modified': date = '' } = headers;
  expect(await told(etag)).toBe('206 45');
  expect(await told(date)).toBe('206 45');
  const later = new Date(Date.parse(date) + 60_000).toUTCString();
  for (const other of [`W/${etag}`, '"0123"', '"*"', '*', `${etag}, ${etag}`, later, 'yesterday'])
    expect(await told(other)).toBe('200 0123456789');
  expect(await told('"0123"', 'bytes=10-')).toBe('200 0123456789');
});

test.each(['bytes=10-', 'bytes=10-20', 'bytes=-0'])('Range: %s lies outside', async (range) => {
  const response = await raw(server, { target: '/objects/digits', headers: { range } });
  expect([response.status, codeOf(response)]).toEqual([416, 'InvalidRange']);
  expect(response.text).toContain('<ActualObjectSize>10</ActualObjectSize>');
});

const etag = '"781e5e245d69b566979b86e28d23f2c7"';
const past = 'Wed, 21 Oct 2015 07:28:00 GMT';
const future = 'Fri, 01 Jan 2100 00:00:00 GMT';
const conditions: [Record<string, string>, number][] = [
  [{ 'if-match': etag }, 200],
  [{ 'if-match': etag.slice(1, -1) }, 200],
  [{ 'if-match': '*' }, 200],
  [{ 'if-match': `"other", ${etag}` }, 200],
  [{ 'if-match': '"other"' }, 412],
  [{ 'if-none-match': etag }, 304],
  [{ 'if-none-match': `W/${etag}` }, 304],
  [{ 'if-none-match': '"other"' }, 200],
  [{ 'if-modified-since': past }, 200],
  [{ 'if-modified-since': future }, 304],
  [{ 'if-unmodified-since': past }, 412],
  [{ 'if-unmodified-since': future }, 200],
  // S3's user guide: If-Match that holds outweighs If-Unmodified-Since that does not, and the other way round.
  [{ 'if-match': etag, 'if-unmodified-since': past }, 200],
  [{ 'if-none-match': etag, 'if-modified-since': past }, 304],
  [{ 'if-none-match': '"other"', 'if-modified-since': future }, 200],
  [{ 'if-match': '"other"', 'if-none-match': etag }, 412],
  [{ 'if-modified-since': 'yesterday' }, 200],
];

test.each(conditions)('%o on a GET and a HEAD: %i', async (headers, status) => {
  await s3.send(new PutObjectCommand({ Bucket, Key: 'digits', Body: '0123456789' }));
  for (const method of ['GET', 'HEAD']) {
    const response = await raw(server, { method, target: '/objects/digits', headers });
    expect(response.status).toBe(status);
    if (status === 304) expect([response.headers['etag'], response.body.length]).toEqual([etag, 0]);
  }
});

test('response-* parameters replace headers of the answer', async () => {
  const got = await s3.send(
    new GetObjectCommand({
      Bucket,
      Key: 'digits',
      ResponseContentType: 'text/x',
      ResponseContentDisposition: 'inline',
      ResponseCacheControl: 'no-store',
      ResponseContentLanguage: 'de',
      ResponseContentEncoding: 'br',
    }),
  );
  expect(got).toMatchObject({
    ContentType: 'text/x',
    ContentDisposition: 'inline',
    CacheControl: 'no-store',
    ContentLanguage: 'de',
    ContentEncoding: 'br',
  });
  const split = await raw(server, { target: '/objects/digits?response-content-type=a%0D%0Ab' });
  expect([split.status, codeOf(split)]).toEqual([400, 'InvalidArgument']);
});

test('If-None-Match: * lets exactly one of many racers win', async () => {
  const racers = Array.from({ length: 16 }, (_, index) =>
    refusal(s3.send(new PutObjectCommand({ Bucket, Key: 'race', Body: `racer ${index}`, IfNoneMatch: '*' }))),
  );
  const results = await Promise.all(racers);
  expect(results.filter((result) => result === 'no refusal')).toHaveLength(1);
  expect(results.filter((result) => result === '412 PreconditionFailed')).toHaveLength(15);
  expect(await textOf('race')).toBe(`racer ${results.indexOf('no refusal')}`);
});

test('If-Match on a PUT replaces that object and no other', async () => {
  const first = await s3.send(new PutObjectCommand({ Bucket, Key: 'swap', Body: '1' }));
  const put = (Body: string) =>
    s3.send(new PutObjectCommand({ Bucket, Key: 'swap', Body, IfMatch: first.ETag ?? '' }));
  await put('2');
  expect(await refusal(put('3'))).toBe('412 PreconditionFailed');
  expect(await textOf('swap')).toBe('2');
  const missing = new PutObjectCommand({ Bucket, Key: 'never', Body: new Uint8Array(), IfMatch: '"x"' });
  expect(await refusal(s3.send(missing))).toBe('404 NoSuchKey');
});

test('deleting is done once it is asked, whatever was there', async () => {
  await s3.send(new PutObjectCommand({ Bucket, Key: 'gone', Body: 'x' }));
  for (let time = 0; time < 2; time += 1) {
    const { $metadata } = await s3.send(new DeleteObjectCommand({ Bucket, Key: 'gone' }));
    expect($metadata.httpStatusCode).toBe(204);
  }
  expect(await refusal(s3.send(new GetObjectCommand({ Bucket, Key: 'gone' })))).toBe('404 NoSuchKey');
  await s3.send(new PutObjectCommand({ Bucket, Key: 'kept', Body: 'x' }));
  const other = new DeleteObjectCommand({ Bucket, Key: 'kept', IfMatch: '"other"' });
  expect(await refusal(s3.send(other))).toBe('412 PreconditionFailed');
  expect(await textOf('kept')).toBe('x');
});

test('a thousand keys are deleted at once, 1,001 are refused', async () => {
  await s3.send(new PutObjectCommand({ Bucket, Key: 'many/7', Body: 'x' }));
  const keys = (count: number) => Array.from({ length: count }, (_, index) => ({ Key: `many/${index}` }));
  const deleted = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: keys(1000) } }));
  expect(deleted.Deleted).toHaveLength(1000);
  expect(deleted.Errors).toBeUndefined();
  expect(await refusal(s3.send(new HeadObjectCommand({ Bucket, Key: 'many/7' })))).toBe('404 NotFound');
  const quiet = await s3.send(
    new DeleteObjectsCommand({ Bucket, Delete: { Objects: keys(2), Quiet: true } }),
  );
  expect(quiet.Deleted).toBeUndefined();
  const tooMany = new DeleteObjectsCommand({ Bucket, Delete: { Objects: keys(1001) } });
  expect(await refusal(s3.send(tooMany))).toBe('400 MalformedXML');
});

test('a multi-delete tells the error of each key, and must carry a digest', async () => {
  const long = 'k'.repeat(1025);
  const result = await s3.send(
    new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'fine' }, { Key: long }] } }),
  );
  expect(result.Deleted).toEqual([{ Key: 'fine' }]);
  expect(result.Errors).toMatchObject([{ Key: long, Code: 'KeyTooLongError' }]);
  const body = '<Delete><Object><Key>a</Key></Object></Delete>';
  const bare = await raw(server, { method: 'POST', target: '/objects?delete', body });
  expect([bare.status, codeOf(bare)]).toEqual([400, 'InvalidRequest']);
  const md5 = createHash('md5').update(body).digest('base64');
  const done = await raw(server, {
    method: 'POST',
    target: '/objects?delete',
    headers: { 'content-md5': md5 },
    body,
  });
  expect(done.text).toContain('<Deleted><Key>a</Key></Deleted>');
});

test('tags are set, read, counted and deleted', async () => {
  await s3.send(new PutObjectCommand({ Bucket, Key: 'tagged', Body: 'x' }));
  const read = async () => (await s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'tagged' }))).TagSet;
  expect(await read()).toEqual([]);
  const TagSet = [
    { Key: 'colour', Value: 'blue = green / +' },
    { Key: 'Größe', Value: '' },
  ];
  await s3.send(new PutObjectTaggingCommand({ Bucket, Key: 'tagged', Tagging: { TagSet } }));
  expect(await read()).toEqual(TagSet);
  expect((await s3.send(new HeadObjectCommand({ Bucket, Key: 'tagged' }))).TagCount).toBe(2);
  await s3.send(new DeleteObjectTaggingCommand({ Bucket, Key: 'tagged' }));
  expect(await read()).toEqual([]);
  const tooMany = Array.from({ length: 11 }, (_, index) => ({ Key: `k${index}`, Value: '' }));
  const refused = new PutObjectTaggingCommand({ Bucket, Key: 'tagged', Tagging: { TagSet: tooMany } });
  expect(await refusal(s3.send(refused))).toBe('400 BadRequest');
  const twice = [TagSet[0], TagSet[0]].flatMap((tag) => tag ?? []);
  const doubled = new PutObjectTaggingCommand({ Bucket, Key: 'tagged', Tagging: { TagSet: twice } });
  expect(await refusal(s3.send(doubled))).toBe('400 InvalidTag');
});

test('an ACL is kept as it was set', async () => {
  await s3.send(new PutObjectCommand({ Bucket, Key: 'shared', Body: 'x', ACL: 'public-read' }));
  const read = () => s3.send(new GetObjectAclCommand({ Bucket, Key: 'shared' }));
  const { Grants, Owner } = await read();
  const everyone = 'http://acs.amazonaws.com/groups/global/AllUsers';
  expect(Grants).toEqual(
    [
      {
        Grantee: { Type: 'CanonicalUser', ID: Owner?.ID, DisplayName: undefined },
        Permission: 'FULL_CONTROL',
      },
      { Grantee: { Type: 'Group', URI: everyone }, Permission: 'READ' },
    ].map((grant) => JSON.parse(JSON.stringify(grant))),
  );
  await s3.send(new PutObjectAclCommand({ Bucket, Key: 'shared', ACL: 'private' }));
  expect((await read()).Grants).toHaveLength(1);
});

test('metadata has a limit of 2 KB', async () => {
  const put = (length: number) =>
    new PutObjectCommand({
      Bucket,
      Key: 'metadata',
      Body: new Uint8Array(),
      Metadata: { k: 'v'.repeat(length) },
    });
  await s3.send(put(2047));
  expect(await refusal(s3.send(put(2048)))).toBe('400 MetadataTooLarge');
});

test.each(keyEncoding.keys.filter(({ key }) => Buffer.byteLength(key) <= 1024))(
  'a key stays exactly as it is: $name',
  async ({ key, path }) => {
    const target = `/${Bucket}${path}`;
    const body = `body of ${key}`;
    expect((await raw(server, { method: 'PUT', target, body })).status).toBe(200);
    expect((await raw(server, { target })).text).toBe(body);
    const listed = await raw(server, {
      target: `/${Bucket}?list-type=2&encoding-type=url&prefix=${encodeURIComponent(key)}`,
    });
    const names = [...listed.text.matchAll(/<Key>(.*?)<\/Key>/g)].map(([, name = '']) =>
      decodeURIComponent(name.replaceAll('+', ' ')),
    );
    expect(names).toContain(key);
    expect((await raw(server, { method: 'DELETE', target })).status).toBe(204);
    expect((await raw(server, { target })).status).toBe(404);
  },
);
