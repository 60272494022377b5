import {
  CreateBucketCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { S3Server } from '../src/index.ts';
import { codeOf, raw, sdk, testServer } from './endpoint.ts';
import keyEncoding from './vectors/key-encoding.json' with { type: 'json' };

let server: S3Server;
let s3: S3Client;

/** In no order; `𐀀` sorts above `｡` by bytes, and below it in JavaScript. */
const keys = ['b', 'a/2', 'a/1/x', 'a', 'c/', 'ä/1', '｡', '𐀀', 'a/1/y', 'Z', 'c//d', 'c/../e', 'a+b', 'a b'];
const sorted = [
  'Z',
  'a',
  'a b',
  'a+b',
  'a/1/x',
  'a/1/y',
  'a/2',
  'b',
  'c/',
  'c/../e',
  'c//d',
  'ä/1',
  '｡',
  '𐀀',
];

beforeAll(async () => {
  server = await testServer();
  s3 = sdk(server);
  for (const Bucket of ['listed', 'empty-list']) await s3.send(new CreateBucketCommand({ Bucket }));
  for (const Key of keys) await s3.send(new PutObjectCommand({ Bucket: 'listed', Key, Body: Key }));
});

afterAll(async () => {
  s3.destroy();
  await server.close();
});

/** All pages: keys, then common prefixes, in the order in which they came. */
async function all(input: Partial<ListObjectsV2CommandInput> = {}, pageSize = 1000) {
  const found: { keys: string[]; prefixes: string[]; pages: number } = { keys: [], prefixes: [], pages: 0 };
  for await (const page of paginateListObjectsV2({ client: s3, pageSize }, { Bucket: 'listed', ...input })) {
    found.pages += 1;
    expect(page.KeyCount).toBe((page.Contents?.length ?? 0) + (page.CommonPrefixes?.length ?? 0));
    found.keys.push(...(page.Contents ?? []).map(({ Key = '' }) => Key));
    found.prefixes.push(...(page.CommonPrefixes ?? []).map(({ Prefix = '' }) => Prefix));
  }
  return found;
}

test.each([1, 2, 3, 7, 1000])('keys come in the order of their bytes, in pages of %i', async (pageSize) => {
  const found = await all({}, pageSize);
  expect(found.keys).toEqual(sorted);
  expect(found.pages).toBe(Math.ceil(sorted.length / pageSize));
});

test.each([1, 2, 3, 1000])('a delimiter groups, in pages of %i', async (pageSize) => {
  const { keys: plain, prefixes } = await all({ Delimiter: '/' }, pageSize);
  expect(plain).toEqual(['Z', 'a', 'a b', 'a+b', 'b', '｡', '𐀀']);
  expect(prefixes).toEqual(['a/', 'c/', 'ä/']);
});

test('prefix and delimiter work together', async () => {
  const list = async (Prefix: string, Delimiter: string) => {
    const { keys: plain, prefixes } = await all({ Prefix, Delimiter }, 1);
    return [plain, prefixes];
  };
  expect(await list('a/', '/')).toEqual([['a/2'], ['a/1/']]);
  expect(await list('c/', '/')).toEqual([['c/'], ['c/../', 'c//']]);
  expect(await list('a', '1/')).toEqual([['a', 'a b', 'a+b', 'a/2'], ['a/1/']]);
  expect(await list('nothing', '/')).toEqual([[], []]);
});

test('start-after begins behind a key, whether it is there or not', async () => {
  expect((await all({ StartAfter: 'a/2' })).keys).toEqual(sorted.slice(sorted.indexOf('b')));
  expect((await all({ StartAfter: 'a/1/xx' })).keys).toEqual(sorted.slice(sorted.indexOf('a/1/y')));
  expect((await all({ StartAfter: 'a/', Prefix: 'a' })).keys).toEqual(['a/1/x', 'a/1/y', 'a/2']);
  expect((await all({ StartAfter: 'z', Prefix: 'a' })).keys).toEqual([]);
});

test('what an entry tells', async () => {
  const { Contents = [] } = await s3.send(
    new ListObjectsV2Command({ Bucket: 'listed', Prefix: 'a/2', FetchOwner: true }),
  );
  expect(Contents[0]).toMatchObject({
    Key: 'a/2',
    Size: 3,
    ETag: '"08a3a0ab38cac589c7231d171c88091f"',
    StorageClass: 'STANDARD',
    ChecksumAlgorithm: ['CRC32'],
    ChecksumType: 'FULL_OBJECT',
    Owner: { DisplayName: 'alice' },
  });
  const withoutOwner = await s3.send(new ListObjectsV2Command({ Bucket: 'listed', Prefix: 'a/2' }));
  expect(withoutOwner.Contents?.[0]?.Owner).toBeUndefined();
});

test('version 1 gives a next marker only with a delimiter', async () => {
  const plain = await s3.send(new ListObjectsCommand({ Bucket: 'listed', MaxKeys: 2 }));
  expect(plain).toMatchObject({ IsTruncated: true, MaxKeys: 2, Marker: '' });
  expect(plain.NextMarker).toBeUndefined();
  expect(plain.Contents?.[0]?.Owner?.DisplayName).toBe('alice');
  const seen: string[] = [];
  let Marker = '';
  for (;;) {
    const page = await s3.send(
      new ListObjectsCommand({ Bucket: 'listed', Delimiter: '/', MaxKeys: 1, Marker }),
    );
    seen.push(...(page.Contents ?? []).map(({ Key = '' }) => Key));
    seen.push(...(page.CommonPrefixes ?? []).map(({ Prefix = '' }) => Prefix));
    if (!page.IsTruncated) break;
    Marker = page.NextMarker ?? 'missing';
  }
  expect(seen).toEqual(['Z', 'a', 'a b', 'a+b', 'a/', 'b', 'c/', 'ä/', '｡', '𐀀']);
});

test('max-keys is cut to 1,000, may be 0, and must be a number', async () => {
  const many = await s3.send(new ListObjectsV2Command({ Bucket: 'listed', MaxKeys: 5000 }));
  expect(many).toMatchObject({ MaxKeys: 1000, IsTruncated: false });
  const none = await s3.send(new ListObjectsV2Command({ Bucket: 'listed', MaxKeys: 0 }));
  expect(none).toMatchObject({ MaxKeys: 0, KeyCount: 0, IsTruncated: false });
  for (const value of ['-1', 'x', '99999999999']) {
    const response = await raw(server, { target: `/listed?list-type=2&max-keys=${value}` });
    expect([response.status, codeOf(response)]).toEqual([400, 'InvalidArgument']);
  }
});

test('an empty bucket has an empty list', async () => {
  expect(await all({ Bucket: 'empty-list' })).toEqual({ keys: [], prefixes: [], pages: 1 });
});

test.each(['list-type=2&continuation-token=nonsense', 'list-type=3'])('?%s is refused', async (query) => {
  const response = await raw(server, { target: `/listed?${query}` });
  expect([response.status, codeOf(response)]).toEqual([400, 'InvalidArgument']);
});

test('encoding-type=url encodes keys, prefixes and delimiters, and says so', async () => {
  const { text } = await raw(server, {
    target: '/listed?list-type=2&encoding-type=url&prefix=a%20&delimiter=%20',
  });
  expect(text).toContain('<Prefix>a+</Prefix>');
  expect(text).toContain('<Delimiter>+</Delimiter>');
  expect(text).toContain('<Key>a+b</Key>');
  expect(text).toContain('<EncodingType>url</EncodingType>');
  const wrong = await raw(server, { target: '/listed?encoding-type=base64' });
  expect([wrong.status, codeOf(wrong)]).toEqual([400, 'InvalidArgument']);
});

const encodings = keyEncoding.listDecode.filter(({ name }) => !['percent20', 'lower-hex'].includes(name));

test.each(encodings)('listed with encoding-type=url: $name', async ({ encoded, decoded }) => {
  await s3.send(new PutObjectCommand({ Bucket: 'empty-list', Key: decoded, Body: new Uint8Array() }));
  const { text } = await raw(server, { target: '/empty-list?list-type=2&encoding-type=url' });
  expect(text).toContain(`<Key>${encoded}</Key>`);
  await raw(server, { method: 'DELETE', target: `/empty-list/${encodeURIComponent(decoded)}` });
});

test('control characters in keys go out as S3 writes them', async () => {
  await raw(server, { method: 'PUT', target: '/empty-list/a%01b%0D%00', body: '' });
  const { text } = await raw(server, { target: '/empty-list' });
  expect(text).toContain('<Key>a&#x1;b&#xD;&#x0;</Key>');
  await raw(server, { method: 'DELETE', target: '/empty-list/a%01b%0D%00' });
});

test('any keys, any prefix, delimiter and page size: the pages hold each key once, in order, under its prefix', async () => {
  const part = fc.constantFrom('a', 'b', '/', '\u0001', '\0', 'é', '\uffff', '𐀀', 'ab');
  const key = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''));
  let round = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(key, { maxLength: 12 }),
      fc.array(part, { maxLength: 2 }).map((parts) => parts.join('')),
      fc.constantFrom('', '/', 'a', '\0', '𐀀', 'ab'),
      fc.integer({ min: 1, max: 4 }),
      async (names, prefix, delimiter, size) => {
        round += 1;
        const bucket = `property-${round}`;
        await raw(server, { method: 'PUT', target: `/${bucket}` });
        for (const name of names) {
          await raw(server, { method: 'PUT', target: `/${bucket}/${encodeURIComponent(name)}` });
        }
        const expected = new Set<string>();
        const byBytes = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        for (const name of byBytes.filter((one) => one.startsWith(prefix))) {
          const at = delimiter === '' ? -1 : name.indexOf(delimiter, prefix.length);
          expected.add(at < 0 ? name : `${name.slice(0, at)}${delimiter}`);
        }
        const seen: string[] = [];
        let token = '';
        do {
          const query = new URLSearchParams({
            'list-type': '2',
            'encoding-type': 'url',
            'max-keys': String(size),
            prefix,
          });
          if (delimiter !== '') query.set('delimiter', delimiter);
          if (token !== '') query.set('continuation-token', token);
          const { text } = await raw(server, {
            target: `/${bucket}?${query.toString().replaceAll('+', '%20')}`,
          });
          const pageKeys = [...text.matchAll(/<(?:Key|CommonPrefixes><Prefix)>(.*?)</g)].map(
            ([, name = '']) => decodeURIComponent(name.replaceAll('+', '%20')),
          );
          expect(pageKeys.length).toBeLessThanOrEqual(size);
          seen.push(...pageKeys.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
          token = /<NextContinuationToken>(.*?)</.exec(text)?.[1] ?? '';
        } while (token !== '');
        expect(seen).toEqual([...expected]);
      },
    ),
    { numRuns: 60 },
  );
});
