import { Agent } from 'node:http';
import type { LookupFunction } from 'node:net';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListDirectoryBucketsCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
  RenameObjectCommand,
  S3Client,
  type S3ClientConfig,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { isDirectoryBucketName } from '../src/directory-buckets.ts';
import { openInProcess, type S3Server, startServer } from '../src/index.ts';
import {
  alice,
  bob,
  codeOf,
  type RawRequest,
  type RawResponse,
  raw,
  refusal,
  testServer,
} from './endpoint.ts';

const Bucket = 'moves--use1-az4--x-s3';
const md5OfHello = '5d41402abc4b2a76b9719d911017c592';
const minute = 60_000;

let server: S3Server;
let s3: S3Client;
/** For what is about a bucket itself: behind its own endpoints the SDK would sign that with a session, too. */
let management: S3Client;
let clock = new Date();

beforeAll(async () => {
  server = await testServer({ buckets: [Bucket, 'plain'], now: () => clock });
  management = client(server, { disableS3ExpressSessionAuth: true });
});

beforeEach(async () => {
  clock = new Date();
  await server.reset();
  s3 = client(server);
});

afterEach(() => s3.destroy());

afterAll(async () => {
  management.destroy();
  await server.close();
});

/**
 * The client of the AWS SDK. Behind an IP address it sends `/bucket//key` to a directory bucket; so it gets a name, and the
 * bucket goes before it.
 */
function client({ port }: S3Server, config: S3ClientConfig = {}): S3Client {
  const lookup: LookupFunction = (_, options, callback) => {
    if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
    else callback(null, '127.0.0.1', 4);
  };
  return new S3Client({
    endpoint: `http://localhost:${port}`,
    region: 'us-east-1',
    credentials: alice,
    maxAttempts: 1,
    requestHandler: { httpAgent: new Agent({ lookup }) },
    ...config,
  });
}

function rename(from: string, to: string, headers: Record<string, string> = {}): Promise<RawResponse> {
  return raw(server, {
    method: 'PUT',
    target: `/${Bucket}/${to}?renameObject`,
    headers: { 'x-amz-rename-source': from, ...headers },
    service: 's3express',
  });
}

async function put(Key: string, Body = 'hello'): Promise<string> {
  const { ETag = '' } = await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
  return ETag;
}

async function keys(): Promise<string[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
  return Contents.map(({ Key = '' }) => Key);
}

async function text(Key: string): Promise<string | undefined> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  return Body?.transformToString();
}

/** Status and code of an answer. */
function outcome(response: RawResponse): string {
  return [response.status, codeOf(response)].filter((part) => part !== undefined).join(' ');
}

function conditionOf({ text: document }: RawResponse): string | undefined {
  return /<Condition>(.*?)<\/Condition>/.exec(document)?.[1];
}

test.each([
  ['moves--use1-az4--x-s3', true],
  ['a--usw2-lax1-az1--x-s3', true],
  ['a--b--usw2-az1--x-s3', true],
  ['moves--x-s3', false],
  ['moves--zone--x-s3', false],
  ['--usw2-az1--x-s3', false],
  ['-a--usw2-az1--x-s3', false],
  ['a.b--usw2-az1--x-s3', false],
  ['A--usw2-az1--x-s3', false],
  ['xn--a--usw2-az1--x-s3', false],
  ['a--usw2-az1--xa-s3', false],
  [`${'a'.repeat(47)}--usw2-az1--x-s3`, true],
  [`${'a'.repeat(48)}--usw2-az1--x-s3`, false],
  ['plain', false],
])('the name %s is that of a directory bucket: %s', (name, expected) => {
  expect(isDirectoryBucketName(name)).toBe(expected);
});

describe('buckets', () => {
  const name = 'made--use1-az5--x-s3';
  const configuration = {
    Location: { Type: 'AvailabilityZone', Name: 'use1-az5' },
    Bucket: { Type: 'Directory', DataRedundancy: 'SingleAvailabilityZone' },
  } as const;

  function create(Name: string, CreateBucketConfiguration: object | undefined): Promise<unknown> {
    return management.send(
      new CreateBucketCommand({
        Bucket: Name,
        ...(CreateBucketConfiguration && { CreateBucketConfiguration }),
      }),
    );
  }

  test('are made by what AWS documents, told, and deleted', async () => {
    await create(name, configuration);
    expect(await s3.send(new HeadBucketCommand({ Bucket: name }))).toMatchObject({
      BucketLocationType: 'AvailabilityZone',
      BucketLocationName: 'use1-az5',
      BucketRegion: 'us-east-1',
    });
    expect(await refusal(create(name, configuration))).toBe('409 BucketAlreadyOwnedByYou');
    await management.send(new DeleteBucketCommand({ Bucket: name }));
    expect(await refusal(management.send(new HeadBucketCommand({ Bucket: name })))).toMatch(/^404/);
  });

  test.each<[string, string, object | undefined, string]>([
    ['without a configuration', name, undefined, '400 InvalidBucketName'],
    ['for another zone', 'made--use1-az6--x-s3', configuration, '400 InvalidBucketName'],
    ['by another name', 'general', configuration, '400 InvalidBucketName'],
    ['without a location', name, { Bucket: configuration.Bucket }, '400 MalformedXML'],
    ['of another type', name, { ...configuration, Bucket: { Type: 'General' } }, '400 MalformedXML'],
    [
      'with the redundancy of another place',
      name,
      { ...configuration, Bucket: { Type: 'Directory', DataRedundancy: 'SingleLocalZone' } },
      '400 MalformedXML',
    ],
    ['with a region', name, { ...configuration, LocationConstraint: 'eu-west-1' }, '400 MalformedXML'],
  ])('are not made %s', async (_, Name, asked, expected) => {
    expect(await refusal(create(Name, asked))).toBe(expected);
  });

  test('are listed by a request of their own, and by no other', async () => {
    await create(name, configuration);
    const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
    expect(Buckets.map(({ Name }) => Name)).toEqual(['plain']);
    const first = await s3.send(new ListDirectoryBucketsCommand({ MaxDirectoryBuckets: 1 }));
    expect(first.Buckets).toMatchObject([{ Name: name, CreationDate: expect.any(Date) }]);
    const { ContinuationToken } = first;
    const second = await s3.send(new ListDirectoryBucketsCommand({ ContinuationToken }));
    expect(second.Buckets?.map(({ Name }) => Name)).toEqual([Bucket]);
    expect(second.ContinuationToken).toBeUndefined();
    const none = await raw(server, { target: '/', service: 's3express', user: bob });
    expect([none.status, none.text]).toEqual([200, expect.stringContaining('<Buckets/>')]);
    expect(outcome(await raw(server, { target: '/?max-directory-buckets=1001', service: 's3express' }))).toBe(
      '400 InvalidArgument',
    );
  });

  test('that hold an upload are not deleted', async () => {
    await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'k' }));
    expect(await refusal(management.send(new DeleteBucketCommand({ Bucket })))).toBe('409 BucketNotEmpty');
  });

  test.each([
    ['PUT', '?versioning'],
    ['GET', '?acl'],
    ['GET', '?tagging'],
    ['GET', '?versions'],
    ['GET', '?location'],
    ['PUT', '/k?tagging'],
    ['GET', '/k?acl'],
    ['PUT', '/k?retention'],
    ['GET', ''],
    ['GET', '?list-type=2&start-after=a'],
    ['POST', ''],
  ])('do not have %s %s', async (method, rest) => {
    expect(outcome(await raw(server, { method, target: `/${Bucket}${rest}` }))).toBe('501 NotImplemented');
  });

  test.each([
    ['x-amz-acl', 'private'],
    ['x-amz-tagging', 'a=b'],
    ['x-amz-grant-read', 'uri="http://acs.amazonaws.com/groups/global/AllUsers"'],
    ['x-amz-object-lock-legal-hold', 'ON'],
  ])('do not take the header %s', async (header, value) => {
    const request: RawRequest = { method: 'PUT', target: `/${Bucket}/k`, headers: { [header]: value } };
    expect(outcome(await raw(server, request))).toBe('501 NotImplemented');
    expect(await keys()).toEqual([]);
  });

  test('are listed by directories', async () => {
    for (const key of ['a/1', 'a/2', 'b']) await put(key);
    const listed = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'a/', Delimiter: '/' }));
    expect(listed.Contents?.map(({ Key }) => Key)).toEqual(['a/1', 'a/2']);
    for (const input of [{ Prefix: 'a' }, { Delimiter: '-' }]) {
      expect(await refusal(s3.send(new ListObjectsV2Command({ Bucket, ...input })))).toBe(
        '400 InvalidRequest',
      );
    }
  });

  test('are there from the start of a server that was asked for them', async () => {
    const other = await openInProcess({ buckets: [Bucket] });
    await other.close();
    await expect(startServer({ buckets: ['moves--x-s3'] })).rejects.toThrow(/no name that S3 allows/);
  });
});

describe('objects', () => {
  test('have their own storage class, and ETags that are no digests', async () => {
    const ETag = await put('k');
    expect(ETag).toMatch(/^"[0-9a-f]{32}"$/);
    expect(ETag).not.toContain(md5OfHello);
    expect(await put('k')).not.toBe(ETag);
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key: 'k' }))).toMatchObject({
      StorageClass: 'EXPRESS_ONEZONE',
      ContentLength: 5,
    });
    const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket }));
    expect(Contents).toMatchObject([{ Key: 'k', StorageClass: 'EXPRESS_ONEZONE' }]);
    const other = new PutObjectCommand({ Bucket, Key: 'k', Body: '', StorageClass: 'STANDARD_IA' });
    expect(await refusal(s3.send(other))).toBe('400 InvalidStorageClass');
    const elsewhere = { Bucket: 'plain', Key: 'k', Body: '', StorageClass: 'EXPRESS_ONEZONE' } as const;
    expect(await refusal(s3.send(new PutObjectCommand(elsewhere)))).toBe('400 InvalidStorageClass');
  });

  test('are made of parts, and copied, there and back', async () => {
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'parts' }));
    const upload = { Bucket, Key: 'parts', UploadId };
    await put('source', 'x'.repeat(1024));
    const one = await s3.send(
      new UploadPartCopyCommand({ ...upload, PartNumber: 1, CopySource: `${Bucket}/source` }),
    );
    const two = await s3.send(new UploadPartCommand({ ...upload, PartNumber: 2, Body: 'end' }));
    const Parts = [
      { PartNumber: 1, ETag: one.CopyPartResult?.ETag },
      { PartNumber: 2, ETag: two.ETag },
    ];
    const done = await s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
    expect(done.ETag).toMatch(/^"[0-9a-f]{32}"$/);
    await s3.send(new CopyObjectCommand({ Bucket: 'plain', Key: 'copy', CopySource: `${Bucket}/parts` }));
    await s3.send(new CopyObjectCommand({ Bucket, Key: 'back', CopySource: 'plain/copy' }));
    expect(await text('back')).toBe(`${'x'.repeat(1024)}end`);
    const heads = await Promise.all([
      s3.send(new HeadObjectCommand({ Bucket: 'plain', Key: 'copy' })),
      s3.send(new HeadObjectCommand({ Bucket, Key: 'back' })),
    ]);
    expect(heads.map(({ StorageClass }) => StorageClass)).toEqual([undefined, 'EXPRESS_ONEZONE']);
    await s3.send(new PutObjectCommand({ Bucket: 'plain', Key: 'tagged', Body: '', Tagging: 'a=b' }));
    const tagged = new CopyObjectCommand({ Bucket, Key: 'tagged', CopySource: 'plain/tagged' });
    expect(await refusal(s3.send(tagged))).toBe('501 NotImplemented');
  });
});

describe('RenameObject', () => {
  test('gives an object another key, with all that it has, and takes the old one away', async () => {
    const from = 'a b/ü+.txt';
    await s3.send(
      new PutObjectCommand({
        Bucket,
        Key: from,
        Body: 'hello',
        ContentType: 'text/x-example',
        CacheControl: 'no-cache',
        Metadata: { colour: 'red' },
        ChecksumAlgorithm: 'SHA256',
      }),
    );
    const before = await s3.send(new HeadObjectCommand({ Bucket, Key: from, ChecksumMode: 'ENABLED' }));
    clock = new Date(clock.getTime() + 2 * minute);
    const command = new RenameObjectCommand({ Bucket, Key: 'b/ß', RenameSource: encodeURIComponent(from) });
    const recording = server.record();
    await s3.send(command);
    recording.stop();
    expect(recording.requests).toMatchObject([
      { operation: 'RenameObject', bucket: Bucket, key: 'b/ß', caller: 'alice', status: 200 },
    ]);
    expect(await keys()).toEqual(['b/ß']);
    const after = await s3.send(new HeadObjectCommand({ Bucket, Key: 'b/ß', ChecksumMode: 'ENABLED' }));
    const { $metadata: _, ...kept } = before;
    expect(after).toMatchObject(kept);
    expect(kept).toMatchObject({
      ChecksumSHA256: 'LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=',
      Metadata: { colour: 'red' },
      ContentType: 'text/x-example',
      CacheControl: 'no-cache',
    });
    expect(await text('b/ß')).toBe('hello');
  });

  test('takes the place of what is there, also where that is made of parts', async () => {
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'there' }));
    const upload = { Bucket, Key: 'there', UploadId };
    const { ETag } = await s3.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: 'old' }));
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    await s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload }));
    await put('new', 'new');
    expect(outcome(await rename('there', 'parts'))).toBe('200');
    expect(await text('parts')).toBe('old');
    expect(outcome(await rename('new', 'parts'))).toBe('200');
    expect(await keys()).toEqual(['parts']);
    expect(await text('parts')).toBe('new');
  });

  test('of the same source by many at once is done once', async () => {
    await put('source');
    const targets = Array.from({ length: 8 }, (_, index) => `target-${index}`);
    const outcomes = await Promise.all(targets.map(async (to) => outcome(await rename('source', to))));
    expect(outcomes.toSorted()).toEqual(['200', ...Array<string>(7).fill('404 NoSuchKey')]);
    expect(await keys()).toEqual([targets[outcomes.indexOf('200')]]);
  });

  test.each<[string, string, string, string]>([
    ['a source that is not there', 'missing', 'to', '404 NoSuchKey'],
    ['itself', 'from', 'from', '400 InvalidRequest'],
    ['a source that ends in a slash', 'from/', 'to', '400 InvalidRequest'],
    ['a target that ends in a slash', 'from', 'to/', '400 InvalidRequest'],
    ['no source', '', 'to', '400 InvalidArgument'],
    ['a source of more than 1,024 bytes', 'k'.repeat(1025), 'to', '400 KeyTooLongError'],
    ['a source that is no UTF-8', '%ff', 'to', '400 InvalidURI'],
    ['a source of another bucket', `/${Bucket}/from`, 'to', '404 NoSuchKey'],
  ])('refuses %s, and nothing changes', async (_, from, to, expected) => {
    await put('from', 'content');
    expect(outcome(await rename(from, to))).toBe(expected);
    expect(await keys()).toEqual(['from']);
    expect(await text('from')).toBe('content');
  });

  const early = 'Mon, 01 Jan 2024 00:00:00 GMT';
  const late = 'Fri, 01 Jan 2100 00:00:00 GMT';

  // SOURCE and TARGET stand for the two objects' ETags.
  test.each<[string, boolean, Record<string, string>, string | undefined]>([
    ['a target that is not there', false, { 'if-none-match': '*' }, undefined],
    ['a target that is there', true, { 'if-none-match': '*' }, 'If-None-Match'],
    ['the target’s ETag', true, { 'if-match': 'TARGET' }, undefined],
    ['another ETag', true, { 'if-match': 'SOURCE' }, 'If-Match'],
    ['another ETag, and none', true, { 'if-match': 'SOURCE', 'if-none-match': '*' }, 'If-Match'],
    ['an ETag where no target is', false, { 'if-match': 'TARGET' }, 'If-Match'],
    ['a target changed since long', true, { 'if-modified-since': early }, undefined],
    ['a target changed lately', true, { 'if-modified-since': late }, 'If-Modified-Since'],
    ['a change where no target is', false, { 'if-modified-since': early }, 'If-Modified-Since'],
    ['a target unchanged lately', true, { 'if-unmodified-since': late }, undefined],
    ['a target unchanged since long', true, { 'if-unmodified-since': early }, 'If-Unmodified-Since'],
    ['no change where no target is', false, { 'if-unmodified-since': early }, undefined],
    ['the source’s ETag', true, { 'x-amz-rename-source-if-match': 'SOURCE' }, undefined],
    ['another ETag of the source', true, { 'x-amz-rename-source-if-match': 'TARGET' }, 'If-Match'],
    ['not the source’s ETag', true, { 'x-amz-rename-source-if-none-match': 'SOURCE' }, 'If-None-Match'],
    ['no source at all', true, { 'x-amz-rename-source-if-none-match': '*' }, 'If-None-Match'],
    ['not an ETag of another', true, { 'x-amz-rename-source-if-none-match': 'TARGET' }, undefined],
    ['a source changed lately', true, { 'x-amz-rename-source-if-modified-since': late }, 'If-Modified-Since'],
    ['a source changed since long', true, { 'x-amz-rename-source-if-modified-since': early }, undefined],
    [
      'a source unchanged since long',
      true,
      { 'x-amz-rename-source-if-unmodified-since': early },
      'If-Unmodified-Since',
    ],
    ['a source unchanged lately', true, { 'x-amz-rename-source-if-unmodified-since': late }, undefined],
  ])('on condition of %s (target there: %s)', async (_, isThere, conditions, unmet) => {
    const etags: Record<string, string> = { SOURCE: await put('source', 'source') };
    etags['TARGET'] = isThere ? await put('target', 'target') : '"0"';
    const headers = Object.fromEntries(
      Object.entries(conditions).map(([name, value]) => [name, etags[value] ?? value]),
    );
    const response = await rename('source', 'target', headers);
    expect([outcome(response), conditionOf(response)]).toEqual(
      unmet === undefined ? ['200', undefined] : ['412 PreconditionFailed', unmet],
    );
    const untouched = isThere ? ['source', 'target'] : ['source'];
    expect(await keys()).toEqual(unmet === undefined ? ['target'] : untouched);
    expect(await text('target').catch(() => 'nothing')).toBe(
      unmet === undefined ? 'source' : isThere ? 'target' : 'nothing',
    );
  });

  test('takes no ETag for If-None-Match', async () => {
    await put('source');
    expect(outcome(await rename('source', 'target', { 'if-none-match': '"0"' }))).toBe('501 NotImplemented');
  });

  test('with a token is done once, and is not taken for another', async () => {
    const token = { 'x-amz-client-token': 'token-1' };
    await put('a', 'first');
    expect(outcome(await rename('a', 'b', token))).toBe('200');
    await put('a', 'second');
    expect(outcome(await rename('a', 'b', token))).toBe('200');
    expect([await text('a'), await text('b')]).toEqual(['second', 'first']);
    expect(outcome(await rename('a', 'c', token))).toBe('400 IdempotencyParameterMismatch');
    expect(outcome(await rename('a', 'b', { ...token, 'if-none-match': '*' }))).toBe(
      '400 IdempotencyParameterMismatch',
    );
    expect(outcome(await rename('a', 'b', { 'x-amz-client-token': 'x'.repeat(65) }))).toBe(
      '400 InvalidArgument',
    );
    // What was refused can be asked for again.
    const other = { 'x-amz-client-token': 'token-2' };
    expect(outcome(await rename('missing', 'd', other))).toBe('404 NoSuchKey');
    expect(outcome(await rename('a', 'd', other))).toBe('200');
    // A day later the token is a new one.
    await put('a', 'third');
    await server.advanceClock(25 * 60 * minute);
    const forgetting = { 'x-amz-client-token': 'token-3' };
    expect(outcome(await rename('d', 'e', forgetting))).toBe('200');
    expect(outcome(await rename('a', 'b', token))).toBe('200');
    expect(await text('b')).toBe('third');
  });

  test('is for directory buckets alone, and changes nothing in others', async () => {
    await s3.send(new PutObjectCommand({ Bucket: 'plain', Key: 'from', Body: 'content' }));
    const response = await raw(server, {
      method: 'PUT',
      target: '/plain/to?renameObject',
      headers: { 'x-amz-rename-source': 'from' },
    });
    expect(outcome(response)).toBe('501 NotImplemented');
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'plain' }));
    expect(Contents.map(({ Key }) => Key)).toEqual(['from']);
    const gone = { 'x-amz-rename-source': 'from' };
    const missing = { method: 'PUT', target: '/no--use1-az4--x-s3/to?renameObject', headers: gone };
    expect(outcome(await raw(server, missing))).toBe('404 NoSuchBucket');
  });
});

describe('sessions', () => {
  interface Keys {
    accessKeyId: string;
    secretAccessKey: string;
    token: string;
    expires: number;
  }

  async function open(mode?: string, user = alice, bucket = Bucket): Promise<RawResponse> {
    const headers = mode === undefined ? {} : { 'x-amz-create-session-mode': mode };
    return raw(server, { target: `/${bucket}?session`, headers, user, service: 's3express', date: clock });
  }

  function keysOf({ text: document }: RawResponse): Keys {
    const member = (name: string): string => new RegExp(`<${name}>(.*?)</${name}>`).exec(document)?.[1] ?? '';
    return {
      accessKeyId: member('AccessKeyId'),
      secretAccessKey: member('SecretAccessKey'),
      token: member('SessionToken'),
      expires: Date.parse(member('Expiration')),
    };
  }

  function withSession({ token, ...user }: Keys, request: RawRequest): Promise<RawResponse> {
    const headers = { 'x-amz-s3session-token': token, ...request.headers };
    return raw(server, { service: 's3express', date: clock, ...request, user, headers });
  }

  test('have keys for five minutes, and let their bucket be used', async () => {
    const response = await open();
    expect([response.status, response.headers['x-amz-server-side-encryption']]).toEqual([200, 'AES256']);
    const session = keysOf(response);
    expect(session.expires).toBe(clock.getTime() + 5 * minute);
    const recording = server.record();
    const write = await withSession(session, { method: 'PUT', target: `/${Bucket}/k`, body: 'content' });
    expect(outcome(write)).toBe('200');
    recording.stop();
    expect(recording.requests).toMatchObject([{ operation: 'PutObject', caller: 'alice' }]);
    expect((await withSession(session, { target: `/${Bucket}/k` })).text).toBe('content');
    const move = { 'x-amz-rename-source': 'k' };
    const moved = await withSession(session, {
      method: 'PUT',
      target: `/${Bucket}/l?renameObject`,
      headers: move,
    });
    expect(outcome(moved)).toBe('200');
    expect((await withSession(session, { target: `/${Bucket}?list-type=2` })).text).toContain('<Key>l</Key>');
    expect(outcome(await withSession(session, { method: 'DELETE', target: `/${Bucket}/l` }))).toBe('204');
  });

  test('end', async () => {
    const session = keysOf(await open());
    clock = new Date(clock.getTime() + 5 * minute);
    expect(outcome(await withSession(session, { target: `/${Bucket}/k` }))).toBe('400 ExpiredToken');
    clock = new Date(clock.getTime() + 61 * minute);
    await open();
    expect(outcome(await withSession(session, { target: `/${Bucket}/k` }))).toBe('403 InvalidAccessKeyId');
  });

  test('are for one bucket, for what is in it, and not for copies', async () => {
    const session = keysOf(await open());
    await put('k');
    const copy = { 'x-amz-copy-source': `${Bucket}/k` };
    const requests: RawRequest[] = [
      { target: '/other--use1-az4--x-s3/k' },
      { target: '/' },
      { target: `/${Bucket}?session` },
      { target: `/${Bucket}?policy` },
      { method: 'DELETE', target: `/${Bucket}` },
      { method: 'PUT', target: `/${Bucket}/copy`, headers: copy },
    ];
    for (const request of requests) {
      expect(outcome(await withSession(session, request)), request.target).toBe('403 AccessDenied');
    }
    expect(outcome(await withSession(session, { target: '/plain/k' }))).toBe(
      '400 AuthorizationHeaderMalformed',
    );
    expect(outcome(await withSession(session, { target: '/plain/k', service: 's3' }))).toBe(
      '403 AccessDenied',
    );
  });

  test('need their token, and their keys need theirs', async () => {
    const session = keysOf(await open());
    const target = `/${Bucket}/k`;
    expect(outcome(await raw(server, { target, user: session, service: 's3express' }))).toBe(
      '400 InvalidToken',
    );
    expect(outcome(await withSession({ ...session, token: 'other' }, { target }))).toBe('400 InvalidToken');
    expect(outcome(await withSession({ ...session, ...alice }, { target }))).toBe('400 InvalidToken');
    const wrong = { ...session, secretAccessKey: 'wrong' };
    expect(outcome(await withSession(wrong, { target }))).toBe('403 SignatureDoesNotMatch');
  });

  test('that only read do not write', async () => {
    await put('k');
    const session = keysOf(await open('ReadOnly'));
    expect((await withSession(session, { target: `/${Bucket}/k` })).text).toBe('hello');
    for (const [method, target] of [
      ['PUT', `/${Bucket}/l`],
      ['DELETE', `/${Bucket}/k`],
      ['POST', `/${Bucket}?delete`],
      ['POST', `/${Bucket}/l?uploads`],
      ['PUT', `/${Bucket}/l?renameObject`],
    ] as const) {
      expect(outcome(await withSession(session, { method, target })), target).toBe('403 AccessDenied');
    }
    expect(outcome(await open('WriteOnly'))).toBe('400 InvalidArgument');
  });

  test('are for the owner, and for whom the policy lets have one, in the mode that it lets', async () => {
    expect(outcome(await open(undefined, bob))).toBe('403 AccessDenied');
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: {
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::111122223333:root' },
        Action: 's3express:CreateSession',
        Resource: `arn:aws:s3express:us-east-1:*:bucket/${Bucket}`,
        Condition: { StringEquals: { 's3express:SessionMode': 'ReadOnly' } },
      },
    });
    const users = [alice, { ...bob, accountId: '111122223333' }];
    const shared = await startServer({ users, buckets: [Bucket] });
    const [owner, visitor] = [
      client(shared, { disableS3ExpressSessionAuth: true }),
      client(shared, { credentials: bob }),
    ];
    try {
      await owner.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'shared' }));
      await owner.send(new PutBucketPolicyCommand({ Bucket, Policy }));
      const read = await visitor.send(new GetObjectCommand({ Bucket, Key: 'k' }));
      expect(await read.Body?.transformToString()).toBe('shared');
      expect(await refusal(visitor.send(new PutObjectCommand({ Bucket, Key: 'k', Body: '' })))).toBe(
        '403 AccessDenied',
      );
      const asked = { target: `/${Bucket}?session`, user: bob, service: 's3express' };
      const writing = { ...asked, headers: { 'x-amz-create-session-mode': 'ReadWrite' } };
      expect(outcome(await raw(shared, writing))).toBe('403 AccessDenied');
      const general = Policy.replaceAll('s3express:', 's3:');
      expect(await refusal(owner.send(new PutBucketPolicyCommand({ Bucket, Policy: general })))).toBe(
        '400 MalformedPolicy',
      );
    } finally {
      owner.destroy();
      visitor.destroy();
      await shared.close();
    }
  });

  test('are no thing of other buckets', async () => {
    expect(outcome(await raw(server, { target: '/plain?session' }))).toBe('501 NotImplemented');
    expect(outcome(await open(undefined, alice, 'no--use1-az4--x-s3'))).toBe('404 NoSuchBucket');
  });

  test('are opened by the AWS SDK unasked, and sign its URLs', async () => {
    const recording = server.record();
    const fresh = client(server);
    await fresh.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'content' }));
    await fresh.send(new RenameObjectCommand({ Bucket, Key: 'l', RenameSource: 'k' }));
    expect(recording.requests.map(({ operation }) => operation)).toEqual([
      'CreateSession',
      'PutObject',
      'RenameObject',
    ]);
    const url = await getSignedUrl(fresh, new GetObjectCommand({ Bucket, Key: 'l' }));
    expect(url).toContain('X-Amz-S3session-Token=');
    const { pathname, search, host } = new URL(url);
    expect((await raw(server, { target: pathname + search, host, user: null })).text).toBe('content');
    expect(recording.requests.at(-1)?.target).toContain('X-Amz-S3session-Token=...');
    recording.stop();
    fresh.destroy();
  });

  test('are those of their user where nothing is verified', async () => {
    const open_ = await startServer({ users: [alice, bob], verify: false, buckets: [Bucket] });
    const bobs = client(open_, { credentials: bob });
    const recording = open_.record();
    expect(await refusal(bobs.send(new PutObjectCommand({ Bucket, Key: 'k', Body: '' })))).toBe(
      '403 AccessDenied',
    );
    expect(recording.requests).toMatchObject([{ operation: 'CreateSession', caller: 'bob' }]);
    bobs.destroy();
    await open_.close();
  });
});
