import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Storage } from '../src/index.ts';
import { reply, ScriptedServer } from './scripted-server.ts';

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
  server.script(reply(200, '<html><body>hello'));
  await expect(all(list(storage))).rejects.toThrow('the answer is not whole');
  expect(server.arrived).toHaveLength(5);
  server.script(reply(200, '<html><body>hello</body></html>'));
  await expect(all(list(storage))).rejects.toThrow('S3 sent no listing');
  storage.connection.close();
});
