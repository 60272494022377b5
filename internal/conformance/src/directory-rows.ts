import { randomBytes } from 'node:crypto';
import { type ObjectHead, S3Key, S3Name, type Storage } from '@s3kit/core';
import { afterEach, expect, test } from 'vitest';
import { collect } from './collect.ts';
import type { Suite } from './storage-suite.ts';

const mebibyte = 1024 ** 2;

/** What of an object's head is the object's, and not the answer's. */
function lasting(head: ObjectHead): ObjectHead {
  const { 'x-amz-request-id': _, 'x-amz-id-2': __, date: ___, ...headers } = head.headers;
  return { ...head, headers };
}

export function directoryRows(suite: Suite): void {
  if (suite.differences.lacks?.['directory buckets'] !== undefined) {
    test('of a bucket that only has such a name, objectRename changes nothing', async () => {
      const { at } = suite;
      const bucket = `${at.bucketName()}--use1-az4--x-s3`;
      await at.storage.request({ method: 'PUT', bucket });
      const kept = new S3Name('kept', bucket);
      await at.storage.write({ text: 'kept' }, kept);
      const rename = at.storage.objectRename(kept, 'new');
      await expect(rename).rejects.toMatchObject({ code: 'NotImplemented' });
      expect(await at.storage.readText(kept)).toBe('kept');
      expect(await at.storage.exists(new S3Name('new', bucket))).toEqual([false, {}]);
      await at.storage.delete(kept);
      await at.storage.bucketDelete(bucket);
    });
    return;
  }
  const made: string[] = [];

  async function newBucket(storage: Storage): Promise<string> {
    const bucket = `s3kit-${randomBytes(6).toString('hex')}--use1-az4--x-s3`;
    await storage.bucketCreate(bucket);
    made.push(bucket);
    return bucket;
  }

  /** What is large goes up in parts. */
  function inParts(): Storage {
    return suite.at.connect({}, { limits: { multipartThreshold: 5 * mebibyte } });
  }

  async function keysIn(bucket: string): Promise<string[]> {
    const entries = await collect(suite.at.storage.bucketListKeys(bucket));
    return entries.map((entry) => (entry instanceof S3Key ? entry.key : entry));
  }

  // Such buckets have no versions to be removed, as the workplace would.
  afterEach(async () => {
    for (const bucket of made.splice(0)) {
      for (const key of await keysIn(bucket)) await suite.at.storage.delete(new S3Name(key, bucket));
      await suite.at.storage.bucketDelete(bucket);
    }
  });

  test('a directory bucket is made, found, and deleted', async () => {
    const { storage } = suite.at;
    const bucket = await newBucket(storage);
    expect(await storage.bucketExists(bucket)).toBe(true);
    expect(await keysIn(bucket)).toEqual([]);
    await storage.bucketDelete(bucket);
    made.pop();
    expect(await storage.bucketExists(bucket)).toBe(false);
  });

  test('objects are written, in parts too, read, copied and deleted', async () => {
    const { storage } = suite.at;
    const bucket = await newBucket(storage);
    const content = randomBytes(6 * mebibyte);
    await inParts().write(content, new S3Name('large', bucket), { partSize: 5 * mebibyte });
    await storage.write({ text: 'small' }, new S3Name('d/small', bucket));
    await storage.copy(new S3Name('large', bucket), new S3Name('d/copy', bucket));
    expect(content.equals(await storage.readBytes(new S3Name('d/copy', bucket)))).toBe(true);
    const head = await storage.head(new S3Name('d/small', bucket));
    expect([head.size, head.storageClass]).toEqual([5, 'EXPRESS_ONEZONE']);
    // The MD5 of the content: an ETag there is no digest.
    expect(head.eTag).not.toBe('"eb5c1399a871211c7e7ed732d15e3a8b"');
    expect(new Set(await keysIn(bucket))).toEqual(new Set(['d/copy', 'd/small', 'large']));
    await storage.delete(new S3Name('large', bucket));
    expect(await storage.exists(new S3Name('large', bucket))).toEqual([false, {}]);
  });

  test.each([
    ['one piece', Buffer.from('content')],
    ['parts', randomBytes(6 * mebibyte)],
  ])('objectRename gives an object of %s another key, with all that it has', async (_, content) => {
    const { storage } = suite.at;
    const bucket = await newBucket(storage);
    const [from, to] = [new S3Name('a b/ü+.txt', bucket), new S3Name('c/d?e', bucket)];
    await inParts().write(content, from, {
      contentType: 'text/x-example',
      cacheControl: 'no-cache',
      metadata: { colour: 'red' },
      partSize: 5 * mebibyte,
    });
    const before = await storage.head(from);
    expect(content.equals(await storage.readBytes(from))).toBe(true);
    expect(await keysIn(bucket)).toEqual([from.key]);

    await storage.objectRename(from, to.key);
    expect(await keysIn(bucket)).toEqual([to.key]);
    expect(await storage.exists(from)).toEqual([false, {}]);
    expect(lasting(await storage.head(to))).toEqual(lasting(before));
    expect(before).toMatchObject({ contentType: 'text/x-example', metadata: { 'x-amz-meta-colour': 'red' } });
    expect(content.equals(await storage.readBytes(to))).toBe(true);
  });

  test('objectRename takes the place of what is there, unless it is told not to', async () => {
    const { storage } = suite.at;
    const bucket = await newBucket(storage);
    const [one, other] = [new S3Name('one', bucket), new S3Name('other', bucket)];
    await storage.write({ text: '1' }, one);
    await storage.write({ text: '2' }, other);
    const { eTag } = await storage.head(other);
    const refused = { status: 412, code: 'PreconditionFailed' };
    await expect(storage.objectRename(one, 'other', { ifNoneMatch: '*' })).rejects.toMatchObject(refused);
    await expect(storage.objectRename(one, 'other', { ifMatch: '"no"' })).rejects.toMatchObject(refused);
    const headers = { 'x-amz-rename-source-if-match': '"no"' };
    await expect(storage.objectRename(one, 'other', { headers })).rejects.toMatchObject(refused);
    expect([await storage.readText(one), await storage.readText(other)]).toEqual(['1', '2']);
    await storage.objectRename(one, 'other', { ifMatch: eTag });
    expect(await keysIn(bucket)).toEqual(['other']);
    expect(await storage.readText(other)).toBe('1');
    await storage.objectRename(other, 'third', { ifNoneMatch: '*' });
    expect(await keysIn(bucket)).toEqual(['third']);
  });

  test('objectRename of what is not there is a 404, and leaves what is there', async () => {
    const { storage } = suite.at;
    const bucket = await newBucket(storage);
    const kept = new S3Name('kept', bucket);
    await storage.write({ text: 'kept' }, kept);
    const missing = storage.objectRename(new S3Name('missing', bucket), 'kept');
    await expect(missing).rejects.toMatchObject({ status: 404, code: 'NoSuchKey' });
    expect(await keysIn(bucket)).toEqual(['kept']);
    expect(await storage.readText(kept)).toBe('kept');
  });
}
