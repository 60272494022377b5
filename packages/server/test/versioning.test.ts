import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandInput,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { S3Server } from '../src/index.ts';
import { codeOf, raw, refusal, sdk, testServer } from './endpoint.ts';

let server: S3Server;
let s3: S3Client;
let Bucket = 'versions-0';

beforeAll(async () => {
  server = await testServer();
  s3 = sdk(server);
});

afterAll(async () => {
  s3.destroy();
  await server.close();
});

beforeEach(async () => {
  Bucket = `versions-${Number(Bucket.slice(9)) + 1}`;
  await s3.send(new CreateBucketCommand({ Bucket }));
});

async function versioning(Status: 'Enabled' | 'Suspended'): Promise<void> {
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
}

async function put(Key: string, Body: string): Promise<string> {
  return (await s3.send(new PutObjectCommand({ Bucket, Key, Body }))).VersionId ?? 'no version id';
}

async function get(Key: string, VersionId?: string): Promise<string | undefined> {
  const command = new GetObjectCommand({ Bucket, Key, ...(VersionId ? { VersionId } : {}) });
  return (await s3.send(command)).Body?.transformToString();
}

async function remove(Key: string, VersionId?: string) {
  return s3.send(new DeleteObjectCommand({ Bucket, Key, ...(VersionId ? { VersionId } : {}) }));
}

/** All versions, then all delete markers of each page: `key version [marker] [latest]`. */
async function versions(options: Partial<ListObjectVersionsCommandInput> = {}): Promise<string[]> {
  const lines: string[] = [];
  let markers = {};
  for (;;) {
    const page = await s3.send(new ListObjectVersionsCommand({ Bucket, ...options, ...markers }));
    for (const { Key, VersionId, IsLatest } of page.Versions ?? []) {
      lines.push(`${Key} ${VersionId}${IsLatest ? ' latest' : ''}`);
    }
    for (const { Key, VersionId, IsLatest } of page.DeleteMarkers ?? []) {
      lines.push(`${Key} ${VersionId} marker${IsLatest ? ' latest' : ''}`);
    }
    if (!page.IsTruncated) return lines;
    markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
  }
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html: prefix selects only keys that begin with it.
test('a marker before the prefix brings in no other keys', async () => {
  await versioning('Enabled');
  const older = await put('a', '1');
  await put('a', '2');
  const version = await put('b', '1');
  const listed = await s3.send(
    new ListObjectVersionsCommand({ Bucket, Prefix: 'b', KeyMarker: 'a', VersionIdMarker: older }),
  );
  expect(listed.Versions?.map(({ Key, VersionId }) => [Key, VersionId])).toEqual([['b', version]]);
  const empty = { Bucket, Prefix: 'b', KeyMarker: 'a', VersionIdMarker: 'null' };
  expect((await s3.send(new ListObjectVersionsCommand(empty))).Versions).toHaveLength(1);
});

test('without versioning a version is null, and no answer names it', async () => {
  expect(await put('k', '1')).toBe('no version id');
  expect(await put('k', '2')).toBe('no version id');
  expect(await versions()).toEqual(['k null latest']);
  expect(await get('k', 'null')).toBe('2');
  await remove('k');
  expect(await versions()).toEqual([]);
});

test('enabled: every version stays until it is deleted by its id', async () => {
  await versioning('Enabled');
  const one = await put('k', '1');
  const two = await put('k', '2');
  expect(one).not.toBe(two);
  expect(await get('k')).toBe('2');
  expect(await get('k', one)).toBe('1');
  const marker = await remove('k');
  expect(marker.DeleteMarker).toBe(true);
  expect(await refusal(get('k'))).toBe('404 NoSuchKey');
  expect(await get('k', two)).toBe('2');
  expect((await s3.send(new ListObjectsV2Command({ Bucket }))).KeyCount).toBe(0);
  expect(await versions()).toEqual([`k ${two}`, `k ${one}`, `k ${marker.VersionId} marker latest`]);
  expect(await refusal(s3.send(new DeleteBucketCommand({ Bucket })))).toBe('409 BucketNotEmpty');

  const undone = await remove('k', marker.VersionId);
  expect([undone.DeleteMarker, undone.VersionId]).toEqual([true, marker.VersionId]);
  expect(await get('k')).toBe('2');
  await remove('k', two);
  expect(await get('k')).toBe('1');
  await remove('k', one);
  expect(await versions()).toEqual([]);
  await s3.send(new DeleteBucketCommand({ Bucket }));
});

test('an older version is deleted from the middle', async () => {
  await versioning('Enabled');
  const [one, two, three] = [await put('k', '1'), await put('k', '2'), await put('k', '3')];
  await remove('k', two);
  expect(await refusal(get('k', two))).toBe('404 NoSuchVersion');
  expect(await versions()).toEqual([`k ${three} latest`, `k ${one}`]);
  await remove('k', three);
  expect(await versions()).toEqual([`k ${one} latest`]);
});

test('what was there before versioning is the null version', async () => {
  await put('k', 'before');
  await versioning('Enabled');
  const one = await put('k', '1');
  expect(await versions()).toEqual([`k ${one} latest`, 'k null']);
  expect(await get('k', 'null')).toBe('before');
  await versioning('Suspended');
  expect(await put('k', 'suspended')).toBe('null');
  // The old null version gave way to the new one.
  expect(await versions()).toEqual(['k null latest', `k ${one}`]);
  expect(await get('k', 'null')).toBe('suspended');
  const marker = await remove('k');
  expect([marker.DeleteMarker, marker.VersionId]).toEqual([true, 'null']);
  expect(await versions()).toEqual([`k ${one}`, 'k null marker latest']);
  await remove('k', 'null');
  expect(await get('k')).toBe('1');
  expect(await versions()).toEqual([`k ${one} latest`]);
});

test('a null version in the middle is found, and deleted', async () => {
  await put('k', 'null body');
  await versioning('Enabled');
  const one = await put('k', '1');
  await versioning('Suspended');
  await versioning('Enabled');
  const two = await put('k', '2');
  await remove('k', 'null');
  expect(await refusal(get('k', 'null'))).toBe('404 NoSuchVersion');
  expect(await versions()).toEqual([`k ${two} latest`, `k ${one}`]);
});

test('deleting what never was leaves a marker', async () => {
  await versioning('Enabled');
  const { DeleteMarker, VersionId } = await remove('never');
  expect(DeleteMarker).toBe(true);
  expect(await versions()).toEqual([`never ${VersionId} marker latest`]);
});

test('a delete marker answers as one', async () => {
  await versioning('Enabled');
  await put('k', '1');
  const { VersionId } = await remove('k');
  const latest = await raw(server, { target: `/${Bucket}/k` });
  expect([latest.status, codeOf(latest), latest.headers['x-amz-delete-marker']]).toEqual([
    404,
    'NoSuchKey',
    'true',
  ]);
  const named = await raw(server, { target: `/${Bucket}/k?versionId=${VersionId}` });
  expect([named.status, codeOf(named), named.headers['allow']]).toEqual([405, 'MethodNotAllowed', 'DELETE']);
});

test('a new version is written only if the latest is missing, also behind a marker', async () => {
  await versioning('Enabled');
  await put('k', '1');
  const create = new PutObjectCommand({ Bucket, Key: 'k', Body: '2', IfNoneMatch: '*' });
  expect(await refusal(s3.send(create))).toBe('412 PreconditionFailed');
  await remove('k');
  await s3.send(create);
  expect(await get('k')).toBe('2');
});

test('versions are copied, tagged and deleted many at a time by their ids', async () => {
  await versioning('Enabled');
  const one = await put('k', '1');
  const two = await put('k', '2');
  const copy = await s3.send(
    new CopyObjectCommand({ Bucket, Key: 'k', CopySource: `${Bucket}/k?versionId=${one}` }),
  );
  expect(copy.CopySourceVersionId).toBe(one);
  expect(await get('k')).toBe('1');
  const TagSet = [{ Key: 'a', Value: 'b' }];
  await s3.send(new PutObjectTaggingCommand({ Bucket, Key: 'k', VersionId: one, Tagging: { TagSet } }));
  const tagCount = async (VersionId: string) =>
    (await s3.send(new HeadObjectCommand({ Bucket, Key: 'k', VersionId }))).TagCount;
  expect([await tagCount(one), await tagCount(two)]).toEqual([1, undefined]);
  const { Deleted = [] } = await s3.send(
    new DeleteObjectsCommand({
      Bucket,
      Delete: { Objects: [{ Key: 'k', VersionId: one }, { Key: 'k', VersionId: two }, { Key: 'other' }] },
    }),
  );
  expect(Deleted.map(({ Key, VersionId, DeleteMarker }) => [Key, VersionId, DeleteMarker])).toEqual([
    ['k', one, undefined],
    ['k', two, undefined],
    ['other', undefined, true],
  ]);
  expect((await versions()).filter((line) => !line.startsWith('other'))).toEqual([
    `k ${copy.VersionId} latest`,
  ]);
});

test('versions are listed in pages of any size, with prefix and delimiter', async () => {
  await versioning('Enabled');
  const expected: string[] = [];
  for (const key of ['a', 'b/1', 'b/2', 'c']) {
    const ids = [await put(key, '1'), await put(key, '2'), await put(key, '3')].reverse();
    expected.push(...ids.map((id, index) => `${key} ${id}${index === 0 ? ' latest' : ''}`));
  }
  for (const MaxKeys of [1, 2, 3, 4, 5, 12, 1000]) expect(await versions({ MaxKeys })).toEqual(expected);
  expect(await versions({ MaxKeys: 2, Prefix: 'b/' })).toEqual(expected.slice(3, 9));
  const grouped = await s3.send(new ListObjectVersionsCommand({ Bucket, Delimiter: '/' }));
  expect(grouped.CommonPrefixes).toEqual([{ Prefix: 'b/' }]);
  expect(grouped.Versions).toHaveLength(6);
});

// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html: by key, and of each the one stored last comes first.
test('versions and delete markers stand among each other, the newest first, though all are of one moment', async () => {
  await versioning('Enabled');
  const expected: string[] = [];
  // U+FFFD is before U+1F600 in UTF-8, and after it in UTF-16.
  for (const key of ['a', '\ufffd', '\u{1f600}']) {
    const ids: string[] = [];
    for (let count = 0; count < 2; count++) {
      ids.unshift(`Version ${await put(key, String(count))}`);
      ids.unshift(`DeleteMarker ${(await remove(key)).VersionId}`);
    }
    expected.push(...ids);
  }
  for (const query of ['versions', 'versions&max-keys=12', 'versions&max-keys=3&prefix=a']) {
    const { body } = await raw(server, { target: `/${Bucket}?${query}` });
    const found = body.toString().matchAll(/<(Version|DeleteMarker)><Key>[^<]*<\/Key><VersionId>([^<]*)/g);
    const lines = Array.from(found, ([, tag, id]) => `${tag} ${id}`);
    expect(lines).toEqual(query.includes('prefix') ? expected.slice(0, 3) : expected);
  }
});

test('a bucket can be emptied page by page', async () => {
  await versioning('Enabled');
  for (let count = 0; count < 5; count += 1) await put('k', String(count));
  await remove('k');
  let markers = {};
  let deleted = 0;
  for (;;) {
    const page = await s3.send(new ListObjectVersionsCommand({ Bucket, MaxKeys: 2, ...markers }));
    for (const { Key = '', VersionId = '' } of [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])]) {
      await remove(Key, VersionId);
      deleted += 1;
    }
    if (!page.IsTruncated) break;
    markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
  }
  expect(deleted).toBe(6);
  await s3.send(new DeleteBucketCommand({ Bucket }));
});

test('a version id that is none', async () => {
  await versioning('Enabled');
  await put('k', '1');
  const unknown = await raw(server, { target: `/${Bucket}/k?versionId=${'z'.repeat(32)}` });
  expect([unknown.status, codeOf(unknown)]).toEqual([404, 'NoSuchVersion']);
  const empty = await raw(server, { target: `/${Bucket}/k?versionId=` });
  expect([empty.status, codeOf(empty)]).toEqual([400, 'InvalidArgument']);
  const deleted = await raw(server, { method: 'DELETE', target: `/${Bucket}/k?versionId=${'z'.repeat(32)}` });
  expect([deleted.status, deleted.headers['x-amz-version-id']]).toEqual([204, 'z'.repeat(32)]);
});

// Ids are "URL-ready", and "no more than 1,024 bytes long":
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html
test.each(['%00', '%E6%97%A5', 'a%0Ab', 'a%20b', 'v'.repeat(1025)])('%s is no version id', async (id) => {
  await versioning('Enabled');
  const told = async (method: string, subresource = '') => {
    const response = await raw(server, { method, target: `/${Bucket}/k?versionId=${id}${subresource}` });
    return [response.status, method === 'HEAD' ? undefined : codeOf(response)];
  };
  expect(await told('DELETE')).toEqual([400, 'InvalidArgument']);
  expect(await told('GET')).toEqual([400, 'InvalidArgument']);
  expect(await told('HEAD')).toEqual([400, undefined]);
  expect(await told('DELETE', '&tagging')).toEqual([400, 'InvalidArgument']);
  const headers = { 'x-amz-copy-source': `${Bucket}/k?versionId=${id}` };
  const copy = await raw(server, { method: 'PUT', target: `/${Bucket}/copy`, headers });
  expect([copy.status, codeOf(copy)]).toEqual([400, 'InvalidArgument']);
});

test('one of many keys that are deleted has no version id', async () => {
  await versioning('Enabled');
  const Objects = [{ Key: 'k', VersionId: 'a b' }, { Key: 'other' }];
  const { Deleted = [], Errors = [] } = await s3.send(
    new DeleteObjectsCommand({ Bucket, Delete: { Objects } }),
  );
  expect(Errors).toMatchObject([
    { Key: 'k', Code: 'InvalidArgument', Message: 'Invalid version id specified' },
  ]);
  expect(Deleted).toMatchObject([{ Key: 'other' }]);
});
