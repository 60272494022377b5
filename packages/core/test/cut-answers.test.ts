import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Storage } from '../src/index.ts';
import { refuse, reply, ScriptedServer } from './scripted-server.ts';

let server: ScriptedServer;
beforeEach(async () => {
  server = await ScriptedServer.start(reply(200));
});
afterEach(() => server.close());

async function all(items: AsyncIterable<unknown>): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const listings: readonly [string, string, (storage: Storage) => AsyncIterable<unknown>][] = [
  [
    'keys',
    '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>false</IsTruncated><Contents><Key>k</Key><Size>1</Size></Contents></ListBucketResult>',
    (storage) => storage.bucketListKeys('bucket'),
  ],
  [
    'versions',
    '<ListVersionsResult><IsTruncated>false</IsTruncated><Version><Key>k</Key><VersionId>1</VersionId><Size>1</Size></Version></ListVersionsResult>',
    (storage) => storage.bucketListVersions('bucket'),
  ],
  [
    'uploads',
    '<ListMultipartUploadsResult><IsTruncated>false</IsTruncated><Upload><Key>k</Key><UploadId>1</UploadId></Upload></ListMultipartUploadsResult>',
    (storage) => storage.bucketListUploads('bucket'),
  ],
  [
    'buckets',
    '<?xml version="1.0"?>\n<ListAllMyBucketsResult><Buckets><Bucket><Name>b</Name></Bucket></Buckets></ListAllMyBucketsResult>\n',
    (storage) => storage.bucketList(),
  ],
];

const broken: readonly [string, (whole: string) => string][] = [
  ['was cut', (whole) => whole.slice(0, -9)],
  ['was cut behind an element', (whole) => whole.slice(0, whole.lastIndexOf('</List'))],
  ['is empty', () => ''],
  ['is an error', () => '<Error><Code>InternalError</Code><Message>try again</Message></Error>'],
];

test.each(
  listings.flatMap(([name, whole, list]) =>
    broken.map(([how, breaking]) => [`${name} whose page ${how}`, breaking(whole), whole, list] as const),
  ),
)('a listing of %s is asked for again', async (_, first, whole, list) => {
  server.script(reply(200, first), reply(200, whole));
  const storage = server.storage({}, { sleep: async () => undefined });
  expect(await all(list(storage))).toHaveLength(1);
  expect(server.arrived).toHaveLength(2);
  storage.connection.close();
});

test.each(listings)('what is no listing of %s is told of, after some tries', async (_name, _whole, list) => {
  const storage = server.storage({}, { sleep: async () => undefined });
  server.script(reply(200, '<feed><title>hello'));
  await expect(all(list(storage))).rejects.toThrow('the answer is not whole');
  expect(server.arrived).toHaveLength(5);
  server.script(reply(200, '<feed><title>hello</title></feed>'));
  await expect(all(list(storage))).rejects.toThrow('S3 sent no listing');
  storage.connection.close();
});

const acl =
  '<AccessControlPolicy><Owner><ID>1</ID></Owner><AccessControlList><Grant><Grantee><ID>2</ID></Grantee><Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>';

const documents: readonly [string, string, (storage: Storage) => Promise<unknown>, unknown][] = [
  [
    'of a bucket',
    '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>',
    (storage) => storage.bucketGetVersioning('bucket'),
    { VersioningConfiguration: { Status: 'Enabled' } },
  ],
  [
    'of an object',
    '<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>',
    (storage) => storage.objectGetTagging('k'),
    { Tagging: { TagSet: { Tag: [{ Key: 'a', Value: '1' }] } } },
  ],
];

test.each(
  documents.flatMap(([name, whole, get, expected]) =>
    broken.map(([how, breaking]) => [`${name} that ${how}`, breaking(whole), whole, get, expected] as const),
  ),
)('a configuration %s is asked for again', async (_, first, whole, get, expected) => {
  server.script(reply(200, first), reply(200, whole));
  expect(await get(server.storage())).toEqual(expected);
  expect(server.arrived).toHaveLength(2);
});

test('an element that has no content is a whole document', async () => {
  server.script(reply(200, '<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>'));
  expect(await server.storage().bucketGetLocation('bucket')).toEqual({ LocationConstraint: '' });
  expect(server.arrived).toHaveLength(1);
});

test.each(broken)('grants are not lost because the answer that told of them %s', async (_, breaking) => {
  const answers = [breaking(acl), acl];
  server.script((request, response) => {
    if (request.target.endsWith('?acl=')) reply(200, answers.shift() ?? acl)(request, response);
    else if (request.method === 'HEAD') response.writeHead(200, { 'content-length': 1, etag: '"e"' }).end();
    else reply(200, '<CopyObjectResult><ETag>"x"</ETag></CopyObjectResult>')(request, response);
  });
  await server.storage().updateMetadata('k', { 'x-amz-meta-a': '1' });
  const copy = server.arrived.find(({ method }) => method === 'PUT');
  expect(copy?.headers['x-amz-grant-read']).toBe('id="2"');
});

test('an ACL that stays cut keeps the object as it is', async () => {
  server.script((request, response) => {
    if (request.target.endsWith('?acl=')) reply(200, acl.slice(0, 60))(request, response);
    else response.writeHead(200, { 'content-length': 1, etag: '"e"' }).end();
  });
  const update = server.storage().updateMetadata('k', { 'x-amz-meta-a': '1' });
  await expect(update).rejects.toThrow('the ACL of s3://bucket/k cannot be read now');
  expect(server.arrived.some(({ method }) => method === 'PUT')).toBe(false);
});

test.each([
  ['nothing', reply(200)],
  ['a text', reply(200, 'the object itself')],
  ['more than any ACL', reply(200, 'x'.repeat(5 * 1024 * 1024))],
])('a service that answers %s when it is asked for an ACL has none to keep', async (_, acl) => {
  server.script((request, response) => {
    if (request.target.endsWith('?acl=')) acl(request, response);
    else if (request.method === 'HEAD') response.writeHead(200, { 'content-length': 1, etag: '"e"' }).end();
    else reply(200, '<CopyObjectResult><ETag>"x"</ETag></CopyObjectResult>')(request, response);
  });
  await server.storage().updateMetadata('k', { 'x-amz-meta-a': '1' });
  expect(server.arrived.filter(({ method }) => method === 'PUT')).toHaveLength(1);
});

const listedParts =
  '<ListPartsResult><IsTruncated>false</IsTruncated><Part><PartNumber>1</PartNumber><Size>10485760</Size><ETag>"1"</ETag></Part></ListPartsResult>';

test.each(broken)('an upload goes on though the list of its parts %s', async (_, breaking) => {
  const folder = await mkdtemp(join(tmpdir(), 's3kit-cut-answers-'));
  try {
    await writeFile(join(folder, 'f'), Buffer.alloc(20 * 1024 * 1024));
    const lists = [breaking(listedParts), listedParts];
    let denies = true;
    server.script((request, response) => {
      const { method, target } = request;
      const part = /partNumber=(\d)/.exec(target)?.[1];
      if (target.endsWith('?uploads='))
        reply(200, '<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>')(
          request,
          response,
        );
      else if (part === '2' && denies) refuse(403, 'AccessDenied')(request, response);
      else if (method === 'PUT') reply(200, '', { etag: `"${part}"` })(request, response);
      else if (method === 'GET') reply(200, lists.shift() ?? listedParts)(request, response);
      else
        reply(200, '<CompleteMultipartUploadResult><ETag>"3-2"</ETag></CompleteMultipartUploadResult>')(
          request,
          response,
        );
    });
    const storage = server.storage({}, { partConcurrency: 1 });
    const write = (): Promise<unknown> =>
      storage.write(join(folder, 'f'), 'k', { journal: true, partSize: 10 * 1024 * 1024 });
    await expect(write()).rejects.toThrow('the same call goes on with them');
    denies = false;
    server.arrived.length = 0;
    await write();
    expect(server.arrived.map(({ method, target }) => `${method} ${/\?(.*)/.exec(target)?.[1]}`)).toEqual([
      'GET part-number-marker=0&uploadId=1',
      'GET part-number-marker=0&uploadId=1',
      'PUT partNumber=2&uploadId=1',
      'POST uploadId=1',
    ]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

describe('a success that is none of S3’s', () => {
  const page = reply(200, '<html><body>Welcome</body></html>', { 'content-type': 'text/html' });
  const head = reply(200, '', { etag: '"5d41402abc4b2a76b9719d911017c592"' });

  test.each<[string, (storage: Storage) => Promise<unknown>]>([
    ['a write of bytes', (storage) => storage.write({ text: 'x' }, 'k')],
    ['a write of a stream', (storage) => storage.write(new Blob(['x']).stream(), 'k')],
    ['a copy', (storage) => storage.copy('a', 'b')],
    ['an update of metadata', (storage) => storage.updateMetadata('a', { 'x-amz-meta-a': '1' })],
    ['a deletion', (storage) => storage.delete('k')],
    ['an abort', (storage) => storage.uploadAbort('k', '1')],
    ['a restoration', (storage) => storage.objectRestore('k', { days: 1 })],
    ['a new bucket', (storage) => storage.bucketCreate('bucket')],
    ['the deletion of a bucket', (storage) => storage.bucketDelete('bucket')],
    ['a setting of an object', (storage) => storage.objectSetTagging('k', { data: { Tagging: '' } })],
    ['a setting of a bucket', (storage) => storage.bucketSetPolicy('bucket', { data: '{}' })],
    ['the deletion of a setting', (storage) => storage.bucketDeletePolicy('bucket')],
    ['a policy', (storage) => storage.bucketGetPolicy('bucket')],
    ['a listing', (storage) => all(storage.bucketListKeys('bucket'))],
    ['a listing of buckets', (storage) => all(storage.bucketList())],
  ])('does not pass for %s', async (_, call) => {
    server.script((request, response) => (request.method === 'HEAD' ? head : page)(request, response));
    await expect(call(server.storage())).rejects.toThrow(/sent a web page: it is no S3 endpoint/);
    await expect(call(server.storage())).rejects.toMatchObject({ code: 'ERR_S3KIT_NO_S3' });
  });

  test('nor for the deletion of many', async () => {
    server.script(page);
    for await (const { error } of server.storage().deleteMany(['a', 'b']))
      expect(error).toMatchObject({ code: 'ERR_S3KIT_NO_S3' });
    expect(server.arrived).toHaveLength(1);
  });

  test('but an object may be a web page', async () => {
    server.script(page);
    const storage = server.storage();
    expect(await storage.readText('k')).toMatch(/^<html>/);
    expect((await storage.request({ key: 'k' })).body).toMatch(/^<html>/);
  });

  test('nor does any other text for a write', async () => {
    server.script(reply(200, 'hello'));
    const writing = server.storage().write({ text: 'x' }, 'k');
    await expect(writing).rejects.toMatchObject({ code: 'ERR_S3KIT_NO_S3' });
  });

  test('nor for the end of an upload, which is then aborted', async () => {
    server.script((request, response) => {
      const { method, target } = request;
      if (target.includes('uploads'))
        return reply(
          200,
          '<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>',
        )(request, response);
      if (method === 'PUT')
        return reply(200, '', { etag: '"5d41402abc4b2a76b9719d911017c592"' })(request, response);
      (method === 'DELETE' ? reply(204) : page)(request, response);
    });
    const storage = server.storage({}, { limits: { multipartThreshold: 5 * 1024 * 1024 } });
    await expect(storage.write(new Uint8Array(6 * 1024 * 1024), 'k')).rejects.toThrow(/a web page/);
    expect(server.arrived.at(-1)?.method).toBe('DELETE');
  });
});
