import { afterAll, beforeAll, expect, test } from 'vitest';
import type { S3Server } from '../src/index.ts';
import { permissions } from '../src/permissions.ts';
import { routes } from '../src/router.ts';
import { alice, bob, codeOf, type RawRequest, raw, testServer } from './endpoint.ts';

const users = [
  { ...alice, accountId: '111111111111' },
  { ...bob, accountId: '222222222222' },
];
let server: S3Server;
let count = 0;

beforeAll(async () => {
  server = await testServer({ users });
});

afterAll(async () => {
  await server.close();
});

/** The status, and the code of a refusal. */
async function told(request: RawRequest): Promise<string> {
  const response = await raw(server, request);
  return [response.status, codeOf(response)].filter(Boolean).join(' ');
}

/** A bucket of alice's with the object `k`, and its policy. */
async function bucketWith(policy?: object | object[], acl = 'private'): Promise<string> {
  count += 1;
  const bucket = `access-${count}`;
  expect(await told({ method: 'PUT', target: `/${bucket}`, headers: { 'x-amz-acl': acl } })).toBe('200');
  expect(await told({ method: 'PUT', target: `/${bucket}/k`, body: 'text' })).toBe('200');
  if (policy === undefined) return bucket;
  const Statement = (Array.isArray(policy) ? policy : [policy]).map((statement) => ({
    Effect: 'Allow',
    Principal: '*',
    Action: 's3:GetObject',
    Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
    ...statement,
  }));
  const body = JSON.stringify({ Version: '2012-10-17', Statement });
  expect(await told({ method: 'PUT', target: `/${bucket}?policy`, body })).toBe('204');
  return bucket;
}

const denied = '403 AccessDenied';
const nobody = { user: null };

test('every operation has a permission, or asks for a known caller only', () => {
  const free = [
    'GET service',
    'PUT bucket',
    'POST bucket',
    'POST bucket ?delete',
    'GET directories',
    'GET bucket ?session',
  ];
  expect([...routes.keys()].filter((name) => !permissions.has(name) && !free.includes(name))).toEqual([]);
});

test('what is private stays so, for other users and for anonymous callers', async () => {
  const bucket = await bucketWith();
  for (const user of [bob, null]) {
    expect(await told({ target: `/${bucket}/k`, user })).toBe(denied);
    expect(await told({ target: `/${bucket}/missing`, user })).toBe(denied);
    expect(await told({ target: `/${bucket}`, user })).toBe(denied);
    expect(await told({ target: `/${bucket}?acl`, user })).toBe(denied);
    expect(await told({ method: 'PUT', target: `/${bucket}/k`, body: 'x', user })).toBe(denied);
    expect(await told({ method: 'DELETE', target: `/${bucket}/k`, user })).toBe(denied);
    expect(await told({ method: 'DELETE', target: `/${bucket}`, user })).toBe(denied);
    expect(await told({ target: '/not-there', user })).toBe('404 NoSuchBucket');
  }
  expect(await told({ target: '/', ...nobody })).toBe(denied);
  expect(await told({ method: 'PUT', target: '/nobodys-bucket', ...nobody })).toBe(denied);
  expect(await told({ target: `/${bucket}/k` })).toBe('200');
});

test.each([
  ['everybody', '*', [true, true]],
  ['everybody, as a list', { AWS: ['*'] }, [true, true]],
  ['an account number', { AWS: '222222222222' }, [true, false]],
  ['the root of an account', { AWS: 'arn:aws:iam::222222222222:root' }, [true, false]],
  ['a user', { AWS: ['arn:aws:iam::222222222222:user/bob'] }, [true, false]],
  ['another user', { AWS: 'arn:aws:iam::222222222222:user/carol' }, [false, false]],
  ['a service', { Service: 'logging.s3.amazonaws.com' }, [false, false]],
])('a policy lets in %s', async (_, Principal, [bobs, anyones]) => {
  const bucket = await bucketWith({ Principal });
  expect(await told({ target: `/${bucket}/k`, user: bob })).toBe(bobs ? '200' : denied);
  expect(await told({ target: `/${bucket}/k`, user: null })).toBe(anyones ? '200' : denied);
});

test.each([
  ['its own action', { Action: 's3:GetObject' }, '200'],
  ['a pattern, whatever its case', { Action: 'S3:get*' }, '200'],
  ['all actions', { Action: '*' }, '200'],
  ['another action', { Action: ['s3:PutObject', 's3:GetObjectAcl'] }, denied],
  ['all actions but this', { Action: undefined, NotAction: 's3:GetObject' }, denied],
  ['all actions but another', { Action: undefined, NotAction: 's3:PutObject' }, '200'],
  ['all but this caller', { Principal: undefined, NotPrincipal: { AWS: '222222222222' } }, denied],
])('a statement is for %s', async (_, statement, expected) => {
  const bucket = await bucketWith(statement);
  expect(await told({ target: `/${bucket}/k`, user: bob })).toBe(expected);
});

test('resources have wildcards, and a policy speaks of its own bucket alone', async () => {
  const bucket = await bucketWith();
  const put = (Resource: string) =>
    told({
      method: 'PUT',
      target: `/${bucket}?policy`,
      body: JSON.stringify({
        Statement: { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource },
      }),
    });
  for (const [Resource, expected] of [
    [`arn:aws:s3:::${bucket}/?`, '200'],
    [`arn:aws:s3:::${bucket}/*k`, '200'],
    [`arn:aws:s3:::${bucket}/k`, '200'],
    [`arn:aws:s3:::${bucket}/k/*`, denied],
    ['arn:aws:s3:::*/k', '200'],
  ] as const) {
    expect(await put(Resource)).toBe('204');
    expect(await told({ target: `/${bucket}/k`, user: bob }), Resource).toBe(expected);
  }
  expect(await put('arn:aws:s3:::somebody-elses/*')).toBe('400 MalformedPolicy');
  expect(await put(`arn:aws:s3:::${bucket}`)).toBe('400 MalformedPolicy');
});

test.each([
  [{ IpAddress: { 'aws:SourceIp': '127.0.0.0/8' } }, '200'],
  [{ IpAddress: { 'aws:SourceIp': ['10.0.0.0/8', '127.0.0.1'] } }, '200'],
  [{ IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } }, denied],
  [{ NotIpAddress: { 'aws:SourceIp': '10.0.0.0/8' } }, '200'],
  [{ NotIpAddress: { 'aws:SourceIp': ['10.0.0.0/8', '127.0.0.1'] } }, denied],
  [{ StringEquals: { 'aws:UserAgent': ['x', 'tester'] } }, '200'],
  [{ StringEquals: { 'AWS:useragent': 'Tester' } }, denied],
  [{ StringEqualsIgnoreCase: { 'aws:UserAgent': 'TESTER' } }, '200'],
  [{ StringLike: { 'aws:UserAgent': 'te?t*' } }, '200'],
  [{ StringNotLike: { 'aws:UserAgent': 'te?t*' } }, denied],
  [{ StringEquals: { 'aws:Referer': 'x' } }, denied],
  [{ StringEqualsIfExists: { 'aws:Referer': 'x' } }, '200'],
  [{ StringNotEquals: { 'aws:Referer': 'x' } }, '200'],
  [{ Null: { 'aws:Referer': true } }, '200'],
  [{ Bool: { 'aws:SecureTransport': 'true' } }, denied],
  [{ Bool: { 'aws:SecureTransport': false } }, '200'],
  [{ DateLessThan: { 'aws:CurrentTime': '2100-01-01T00:00:00Z' } }, '200'],
  [{ DateGreaterThan: { 'aws:EpochTime': '4000000000' } }, denied],
  [{ StringEquals: { 's3:ExistingObjectTag/open': 'no' } }, denied],
  [{ StringLike: { 'aws:UserAgent': '*' }, IpAddress: { 'aws:SourceIp': '10.0.0.1' } }, denied],
])('a condition %j', async (Condition, expected) => {
  const bucket = await bucketWith({ Condition });
  expect(await told({ target: `/${bucket}/k`, user: bob, headers: { 'user-agent': 'tester' } })).toBe(
    expected,
  );
});

test('conditions on tags, on prefixes and on headers', async () => {
  const bucket = await bucketWith([
    { Condition: { StringEquals: { 's3:ExistingObjectTag/open': 'yes' } } },
    { Action: 's3:ListBucket', Condition: { StringEquals: { 's3:prefix': 'a/' } } },
    { Action: 's3:PutObject', Condition: { StringEquals: { 's3:x-amz-storage-class': 'STANDARD_IA' } } },
  ]);
  const headers = { 'x-amz-tagging': 'open=yes' };
  await raw(server, { method: 'PUT', target: `/${bucket}/tagged`, body: 'x', headers });
  expect(await told({ target: `/${bucket}/tagged`, ...nobody })).toBe('200');
  expect(await told({ target: `/${bucket}/k`, ...nobody })).toBe(denied);
  expect(await told({ target: `/${bucket}?prefix=a/`, ...nobody })).toBe('200');
  expect(await told({ target: `/${bucket}?prefix=b/`, ...nobody })).toBe(denied);
  const put = { method: 'PUT', target: `/${bucket}/by-bob`, body: 'x', user: bob };
  expect(await told(put)).toBe(denied);
  expect(await told({ ...put, headers: { 'x-amz-storage-class': 'STANDARD_IA' } })).toBe('200');
});

test('deny outweighs allow, the owner too; but the owner can always change the policy', async () => {
  const bucket = await bucketWith([{ Action: 's3:*' }, { Effect: 'Deny', Action: 's3:*' }]);
  for (const user of [alice, bob, null]) expect(await told({ target: `/${bucket}/k`, user })).toBe(denied);
  expect(await told({ method: 'DELETE', target: `/${bucket}?policy`, user: bob })).toBe(denied);
  expect(await told({ method: 'DELETE', target: `/${bucket}?policy` })).toBe('204');
  expect(await told({ target: `/${bucket}/k` })).toBe('200');
});

test('a key that is not there is said only to who may list', async () => {
  const bucket = await bucketWith([{ Action: 's3:GetObject' }]);
  expect(await told({ target: `/${bucket}/none`, user: bob })).toBe(denied);
  const open = await bucketWith([{ Action: ['s3:GetObject', 's3:ListBucket'] }]);
  expect(await told({ target: `/${open}/none`, user: bob })).toBe('404 NoSuchKey');
});

test('multi-delete and copies ask for each key', async () => {
  const bucket = await bucketWith();
  const policy = {
    Statement: [
      {
        Effect: 'Allow',
        Principal: '*',
        Action: 's3:DeleteObject',
        Resource: `arn:aws:s3:::${bucket}/open/*`,
      },
      { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${bucket}/open/*` },
    ],
  };
  await raw(server, { method: 'PUT', target: `/${bucket}/open/1`, body: 'x' });
  await raw(server, { method: 'PUT', target: `/${bucket}?policy`, body: JSON.stringify(policy) });
  await raw(server, { method: 'PUT', target: '/bobs-own', user: bob });
  const copy = (key: string) =>
    told({
      method: 'PUT',
      target: '/bobs-own/copy',
      user: bob,
      headers: { 'x-amz-copy-source': `${bucket}/${key}` },
    });
  expect([await copy('open/1'), await copy('k')]).toEqual(['200', denied]);
  const body = '<Delete><Object><Key>k</Key></Object><Object><Key>open/1</Key></Object></Delete>';
  const { createHash } = await import('node:crypto');
  const headers = { 'content-md5': createHash('md5').update(body).digest('base64') };
  const result = await raw(server, { method: 'POST', target: `/${bucket}?delete`, body, headers, user: bob });
  expect(result.text).toMatch(
    /<Deleted><Key>open\/1<\/Key><\/Deleted><Error><Key>k<\/Key><Code>AccessDenied/,
  );
});

test.each([
  ['private', denied, denied, denied],
  ['public-read', '200', '200', denied],
  ['public-read-write', '200', '200', '200'],
  ['authenticated-read', '200', denied, denied],
])('a bucket with the ACL %s', async (acl, bobLists, anybodyLists, anybodyWrites) => {
  const bucket = await bucketWith(undefined, acl);
  expect(await told({ target: `/${bucket}`, user: bob })).toBe(bobLists);
  expect(await told({ target: `/${bucket}`, ...nobody })).toBe(anybodyLists);
  expect(await told({ method: 'PUT', target: `/${bucket}/new`, body: 'x', ...nobody })).toBe(anybodyWrites);
  expect(await told({ target: `/${bucket}/k`, ...nobody })).toBe(denied);
});

test('an object of somebody else: its writer owns it, and reads it', async () => {
  const bucket = await bucketWith(undefined, 'public-read-write');
  await raw(server, { method: 'PUT', target: `/${bucket}/bobs`, body: 'x', user: bob });
  expect(await told({ target: `/${bucket}/bobs`, user: bob })).toBe('200');
  expect(await told({ target: `/${bucket}/bobs` })).toBe(denied);
  const headers = { 'x-amz-acl': 'bucket-owner-full-control' };
  expect(await told({ method: 'PUT', target: `/${bucket}/bobs?acl`, user: bob, headers })).toBe('200');
  expect(await told({ target: `/${bucket}/bobs` })).toBe('200');
  expect(await told({ method: 'DELETE', target: `/${bucket}/bobs` })).toBe('204');
});

test('an object ACL by grants', async () => {
  const bucket = await bucketWith();
  const owner = await raw(server, { target: '/', user: bob });
  const id = /<ID>(.*?)</.exec(owner.text)?.[1] ?? '';
  const headers = {
    'x-amz-grant-read': `id="${id}"`,
    'x-amz-grant-read-acp': 'uri="http://acs.amazonaws.com/groups/global/AllUsers"',
  };
  expect(await told({ method: 'PUT', target: `/${bucket}/k?acl`, headers })).toBe('200');
  expect(await told({ target: `/${bucket}/k`, user: bob })).toBe('200');
  expect(await told({ target: `/${bucket}/k`, ...nobody })).toBe(denied);
  expect(await told({ target: `/${bucket}/k?acl`, ...nobody })).toBe('200');
  expect(await told({ method: 'PUT', target: `/${bucket}/k?acl`, headers, user: bob })).toBe(denied);
});

test('BucketOwnerEnforced switches ACLs off, and gives the owner all that others write', async () => {
  const bucket = await bucketWith({ Action: ['s3:PutObject', 's3:PutObjectAcl'] }, 'public-read');
  const body =
    '<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule></OwnershipControls>';
  const set = { method: 'PUT', target: `/${bucket}?ownershipControls`, body };
  expect(await told(set)).toBe('400 InvalidBucketAclWithObjectOwnership');
  await raw(server, { method: 'PUT', target: `/${bucket}?acl`, headers: { 'x-amz-acl': 'private' } });
  expect(await told(set)).toBe('200');
  const put = { method: 'PUT', target: `/${bucket}/bobs`, body: 'x', user: bob };
  expect(await told({ ...put, headers: { 'x-amz-acl': 'public-read' } })).toBe(
    '400 AccessControlListNotSupported',
  );
  expect(await told({ ...put, headers: { 'x-amz-acl': 'bucket-owner-full-control' } })).toBe('200');
  expect(await told({ target: `/${bucket}/bobs` })).toBe('200');
  expect(await told({ target: `/${bucket}/bobs`, user: bob })).toBe(denied);
  const acl = { method: 'PUT', target: `/${bucket}?acl`, headers: { 'x-amz-acl': 'public-read' } };
  expect(await told(acl)).toBe('400 AccessControlListNotSupported');
});

test('the public access block shuts the public out, whatever else says', async () => {
  const bucket = await bucketWith({}, 'public-read');
  const block = (name: string) =>
    told({
      method: 'PUT',
      target: `/${bucket}?publicAccessBlock`,
      body: `<PublicAccessBlockConfiguration><${name}>true</${name}></PublicAccessBlockConfiguration>`,
    });
  const policy = JSON.stringify({
    Statement: {
      Effect: 'Allow',
      Principal: '*',
      Action: 's3:GetObject',
      Resource: `arn:aws:s3:::${bucket}/*`,
    },
  });
  expect(await told({ target: `/${bucket}/k`, ...nobody })).toBe('200');
  expect(await block('RestrictPublicBuckets')).toBe('200');
  expect(await told({ target: `/${bucket}/k`, ...nobody })).toBe(denied);
  expect(await told({ target: `/${bucket}`, ...nobody })).toBe('200');
  await block('IgnorePublicAcls');
  expect(await told({ target: `/${bucket}`, ...nobody })).toBe(denied);
  await block('BlockPublicPolicy');
  expect(await told({ method: 'PUT', target: `/${bucket}?policy`, body: policy })).toBe(denied);
  await block('BlockPublicAcls');
  const headers = { 'x-amz-acl': 'public-read' };
  expect(await told({ method: 'PUT', target: `/${bucket}/k`, body: 'x', headers })).toBe(denied);
  expect(await told({ method: 'PUT', target: `/${bucket}?acl`, headers })).toBe(denied);
  const status = await raw(server, { target: `/${bucket}?policyStatus` });
  expect(status.text).toContain('<IsPublic>true</IsPublic>');
});

test('a policy for everybody with a fixed address is not public', async () => {
  const bucket = await bucketWith({ Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/24' } } });
  const status = await raw(server, { target: `/${bucket}?policyStatus` });
  expect(status.text).toContain('<IsPublic>false</IsPublic>');
});

test('requester pays: others must say that they will', async () => {
  const bucket = await bucketWith({});
  const body = '<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>';
  await raw(server, { method: 'PUT', target: `/${bucket}?requestPayment`, body });
  const headers = { 'x-amz-request-payer': 'requester' };
  expect(await told({ target: `/${bucket}/k`, user: bob })).toBe(denied);
  expect(await told({ target: `/${bucket}/k`, user: bob, headers })).toBe('200');
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/ObjectsinRequesterPaysBuckets.html
  const charged = async (user: typeof bob) =>
    (await raw(server, { target: `/${bucket}/k`, user, headers })).headers['x-amz-request-charged'];
  expect([await charged(bob), await charged(alice)]).toEqual(['requester', undefined]);
  // Of a presigned URL, it is a parameter.
  expect(await told({ target: `/${bucket}/k?x-amz-request-payer=requester`, user: bob })).toBe('200');
  expect(await told({ target: `/${bucket}/k`, ...nobody })).toBe(denied);
  expect(await told({ target: `/${bucket}/k` })).toBe('200');
});

test('the expected owner is an account number', async () => {
  const bucket = await bucketWith();
  const ask = (account: string) =>
    told({ target: `/${bucket}/k`, headers: { 'x-amz-expected-bucket-owner': account } });
  expect([await ask('111111111111'), await ask('222222222222')]).toEqual(['200', denied]);
});

test.each([
  ['no JSON', 'x'],
  ['no statement', '{}'],
  ['an empty list', '{"Statement":[]}'],
  ['an unknown effect', '{"Statement":{"Effect":"Maybe","Principal":"*","Action":"s3:*","Resource":"*"}}'],
  ['no principal', '{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}'],
  [
    'a principal that is a text',
    '{"Statement":{"Effect":"Allow","Principal":"me","Action":"s3:*","Resource":"*"}}',
  ],
  [
    'an action of another service',
    '{"Statement":{"Effect":"Allow","Principal":"*","Action":"ec2:*","Resource":"*"}}',
  ],
  [
    'an unknown operator',
    '{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"Sounds":{"a":"b"}}}}',
  ],
  ['null', '{"Statement":[null]}'],
])('a policy with %s is malformed', async (_, body) => {
  const bucket = await bucketWith();
  expect(await told({ method: 'PUT', target: `/${bucket}?policy`, body })).toBe('400 MalformedPolicy');
});
