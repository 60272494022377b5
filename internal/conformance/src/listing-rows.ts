import { writeFile } from 'node:fs/promises';
import { S3Key, S3Name } from '@s3kit/core';
import { expect, test } from 'vitest';
import { collect } from './collect.ts';
import type { Suite } from './storage-suite.ts';
import type { Workplace } from './target.ts';

async function put(at: Workplace, bucket: string, keys: readonly string[]): Promise<void> {
  const file = at.path('small');
  await writeFile(file, 'small');
  await Promise.all(keys.map((key) => at.storage.write(file, new S3Name(key, bucket))));
}

async function keysOf(listing: AsyncIterable<S3Key | string>): Promise<string[]> {
  const keys = [];
  for await (const entry of listing) keys.push(entry instanceof S3Key ? entry.key : `prefix ${entry}`);
  return keys;
}

export function listingRows(suite: Suite): void {
  test('bucketListKeys gives each key with the documented attributes', async () => {
    const { at } = suite;
    const bucket = await at.bucket();
    await put(at, bucket, ['one']);
    const [key] = await collect(at.storage.bucketListKeys(bucket));
    if (!(key instanceof S3Key)) throw new Error('not a key');
    expect(key.key).toBe('one');
    expect(key.size).toBe('5');
    expect(key.bytes).toBe(5);
    // The MD5 of "small", in S3's double quotes.
    expect(key.eTag).toBe('"eb5c1399a871211c7e7ed732d15e3a8b"');
    expect(key.storageClass).toBe('STANDARD');
    expect(Math.abs(key.modifiedAt.getTime() - Date.now())).toBeLessThan(60_000);
    expect(key.owner.id).not.toBe('');
  });

  test('bucketListKeys lists an empty bucket as nothing', async () => {
    const bucket = await suite.at.bucket();
    expect(await keysOf(suite.at.storage.bucketListKeys(bucket))).toEqual([]);
  });

  test('bucketListKeys goes on from page to page, in the order of UTF-8 bytes', async () => {
    const { at } = suite;
    const bucket = await at.bucket();
    // U+FF5E sorts before U+1F600 by UTF-8 bytes, and after it by UTF-16 units.
    const keys = ['A', 'B/1', 'a', 'a b', 'a+b', 'a/1', 'a/2', 'é', '～', '😀'];
    await put(at, bucket, keys);
    const sorted = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect(await keysOf(at.storage.bucketListKeys(bucket, { params: { 'max-keys': 3 } }))).toEqual(sorted);
    expect(await keysOf(at.storage.bucketListKeys(bucket, { params: 'max-keys=4' }))).toEqual(sorted);
  });

  test('bucketListKeys takes a marker, and then lists by the first version', async () => {
    const { at } = suite;
    const bucket = await at.bucket();
    await put(at, bucket, ['a', 'b', 'c', 'd', 'e']);
    expect(
      await keysOf(at.storage.bucketListKeys(bucket, { params: { marker: 'b', 'max-keys': 2 } })),
    ).toEqual(['c', 'd', 'e']);
  });

  test('bucketListKeys with a delimiter gives the keys first, then the common prefixes, over all pages', async () => {
    const { at } = suite;
    const bucket = await at.bucket();
    await put(at, bucket, ['a', 'b/1', 'b/2', 'c', 'd/e/f', 'd/g', 'h']);
    const expected = ['a', 'c', 'h', 'prefix b/', 'prefix d/'];
    expect(await keysOf(at.storage.bucketListKeys(bucket, { delimiter: '/' }))).toEqual(expected);
    expect(
      await keysOf(at.storage.bucketListKeys(bucket, { delimiter: '/', params: { 'max-keys': 2 } })),
    ).toEqual(expected);
    expect(await keysOf(at.storage.bucketListKeys(bucket, { delimiter: '/', prefix: 'd/' }))).toEqual([
      'd/g',
      'prefix d/e/',
    ]);
  });

  test('delimiter and prefix override those in params, and the caller’s object stays as it is', async () => {
    const { at } = suite;
    const bucket = await at.bucket();
    await put(at, bucket, ['x/1', 'y/1', 'y/2/3']);
    const params = Object.freeze({ prefix: 'x/', delimiter: '-', 'max-keys': 1 });
    expect(await keysOf(at.storage.bucketListKeys(bucket, { prefix: 'y/', delimiter: '/', params }))).toEqual(
      ['y/1', 'prefix y/2/'],
    );
    expect(await keysOf(at.storage.bucketListKeys(bucket, { params }))).toEqual(['x/1']);
  });

  test('bucketListKeys asks for a page only when it is wanted, and for none after the consumer has stopped', async () => {
    const { at } = suite;
    const bucket = await at.bucket();
    await put(at, bucket, ['a', 'b', 'c', 'd', 'e', 'f']);
    let requests = 0;
    const storage = at.connect();
    const send = storage.connection.send.bind(storage.connection);
    storage.connection.send = (call) => {
      requests++;
      return send(call);
    };
    const seen = [];
    for await (const entry of storage.bucketListKeys(bucket, { params: { 'max-keys': 2 } })) {
      seen.push(entry);
      if (seen.length === 3) break;
    }
    expect(seen).toHaveLength(3);
    expect(requests).toBe(2);
  });

  test('bucketGet gives one page as an object, in which lists are lists for none, one and many', async () => {
    const { at } = suite;
    const bucket = await at.bucket();
    const contents = async (): Promise<unknown> => {
      const { ListBucketResult: result } = await at.storage.bucketGet(bucket, { params: { 'max-keys': 2 } });
      return Object(result).Contents;
    };
    expect(await contents()).toEqual([]);
    await put(at, bucket, ['a']);
    expect(await contents()).toMatchObject([{ Key: 'a', Size: '5' }]);
    await put(at, bucket, ['b', 'c']);
    expect(await contents()).toMatchObject([{ Key: 'a' }, { Key: 'b' }]);
  });

  test('bucketGetVersions gives the versions of the bucket', async () => {
    const { at } = suite;
    const bucket = await at.bucket();
    await put(at, bucket, ['a']);
    const { ListVersionsResult: result } = await at.storage.bucketGetVersions(bucket, {
      params: { prefix: 'a' },
    });
    expect(result).toMatchObject({ Name: bucket, Version: [{ Key: 'a', IsLatest: 'true', Size: '5' }] });
  });
}
