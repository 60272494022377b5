import { readFile, writeFile } from 'node:fs/promises';
import { S3Key, S3Name } from '@s3kit/core';
import { expect, test } from 'vitest';
import { collect } from './collect.ts';
import type { Suite } from './storage-suite.ts';
import type { Workplace } from './target.ts';

/** The headers that S3 gives for an object. */
async function headersOf({ storage }: Workplace, name: S3Name): Promise<Record<string, string>> {
  const { response } = await storage.exists(name).withResponse();
  return response?.headers ?? {};
}

const oddKeys = [
  'a b',
  'a+b',
  'a%20b',
  '100%',
  'a//b',
  '/leading',
  'trailing/',
  'a/../b',
  'a/./b',
  '..',
  "!'()*",
  '~a-b_c.d',
  'a?b#c&d=e',
  'naïve/日本語/😀',
  'e\u0301',
  'tab\tnew\nline',
  '"quoted" <tag> &amp;',
  'back\\slash|^{}[]`',
];

export function objectRows(suite: Suite): void {
  test('an object is written, exists, is read and is deleted', async () => {
    const { at } = suite;
    const { storage } = at;
    const bucket = await at.bucket();
    const name = new S3Name('example-in-s3', bucket);
    await writeFile(at.path('example'), 'an example\n');
    await storage.write(at.path('example'), name);
    expect(await storage.exists(name)).toEqual([true, {}]);
    expect(await storage.read(name, at.path('example-from-s3'))).toEqual({});
    expect(await readFile(at.path('example-from-s3'), 'utf8')).toBe('an example\n');
    await storage.delete(name);
    expect(await storage.exists(name)).toEqual([false, {}]);
    await storage.delete(name);
  });

  test('a name without a bucket is in the default bucket', async () => {
    const { at } = suite;
    const bucket = await at.bucket();
    const storage = at.connect({ defaultBucket: bucket });
    await writeFile(at.path('f'), 'x');
    await storage.write(at.path('f'), 'k');
    expect(await at.storage.exists(new S3Name('k', bucket))).toEqual([true, {}]);
    expect(await storage.exists(new S3Name('k'))).toEqual([true, {}]);
  });

  test('metadata comes back as it was written, prefix included, and updateMetadata replaces it', async () => {
    const { at } = suite;
    const { storage } = at;
    const name = new S3Name('example-in-s3', await at.bucket());
    await writeFile(at.path('example'), 'an example\n');
    const headers = { 'x-amz-meta-state': 'unprocessed', 'x-amz-meta-by': 'a, b; c="d"' };
    await storage.write(at.path('example'), name, { headers: { ...headers, 'content-type': 'text/plain' } });
    expect(await storage.exists(name)).toEqual([true, headers]);
    await storage.updateMetadata(name, { 'x-amz-meta-state': 'processed' });
    expect(await storage.read(name, at.path('copy'))).toEqual({ 'x-amz-meta-state': 'processed' });
    expect(await readFile(at.path('copy'), 'utf8')).toBe('an example\n');
  });

  test('updateMetadata keeps all that it was not asked to change', async () => {
    const { at } = suite;
    const { storage } = at;
    const bucket = await at.bucket();
    const name = new S3Name('kept', bucket);
    await writeFile(at.path('f'), 'x');
    const kept = {
      'content-type': 'text/x-example; charset=utf-8',
      'cache-control': 'max-age=60',
      'content-disposition': 'attachment; filename="f"',
      'content-language': 'de',
      'content-encoding': 'identity',
    };
    await storage.write(at.path('f'), name, {
      headers: { ...kept, 'x-amz-acl': 'public-read', 'x-amz-tagging': 'a=1&b=2', 'x-amz-meta-n': '1' },
    });
    await storage.updateMetadata(name, { 'x-amz-meta-n': '2' });
    expect(await headersOf(at, name)).toMatchObject({ ...kept, 'x-amz-meta-n': '2' });
    const ask = async (subresource: string): Promise<string> =>
      (await storage.connection.send({ method: 'GET', bucket, key: 'kept', query: { [subresource]: '' } }))
        .response.body;
    expect(await ask('acl')).toContain('http://acs.amazonaws.com/groups/global/AllUsers');
    const tags = await ask('tagging');
    expect(tags).toContain('<Key>a</Key><Value>1</Value>');
    expect(tags).toContain('<Key>b</Key><Value>2</Value>');
    await storage.updateMetadata(name, { 'content-type': 'text/plain' });
    expect(await headersOf(at, name)).toMatchObject({ ...kept, 'content-type': 'text/plain' });
  });

  if (suite.differences.lacks?.['storage classes'] === undefined) {
    test('updateMetadata keeps the storage class', async () => {
      const { at } = suite;
      const name = new S3Name('kept', await at.bucket());
      await writeFile(at.path('f'), 'x');
      await at.storage.write(at.path('f'), name, {
        headers: { 'x-amz-storage-class': 'STANDARD_IA', 'x-amz-server-side-encryption': 'AES256' },
      });
      await at.storage.updateMetadata(name, { 'x-amz-meta-n': '1' });
      expect(await headersOf(at, name)).toMatchObject({
        'x-amz-storage-class': 'STANDARD_IA',
        'x-amz-server-side-encryption': 'AES256',
      });
    });
  }

  test('copy takes the source’s metadata, or that of the headers when they hold any', async () => {
    const { at } = suite;
    const { storage } = at;
    const bucket = await at.bucket();
    const other = await at.bucket();
    const source = new S3Name('a b/source+', bucket);
    await writeFile(at.path('f'), 'content');
    const headers = { 'content-type': 'text/x-example', 'x-amz-meta-colour': 'red' };
    await storage.write(at.path('f'), source, { headers });

    const same = new S3Name('same', other);
    await storage.copy(source, same);
    expect(await headersOf(at, same)).toMatchObject(headers);
    expect(await storage.read(same, at.path('g'))).toEqual({ 'x-amz-meta-colour': 'red' });
    expect(await readFile(at.path('g'), 'utf8')).toBe('content');

    const changed = new S3Name('changed', other);
    await storage.copy(source, changed, { headers: { 'x-amz-meta-shape': 'round' } });
    expect(await storage.exists(changed)).toEqual([true, { 'x-amz-meta-shape': 'round' }]);
    expect(await headersOf(at, changed)).toMatchObject({ 'content-type': 'text/x-example' });

    const typed = new S3Name('typed', other);
    await storage.copy(source, typed, { headers: { 'content-type': 'text/plain' } });
    expect(await headersOf(at, typed)).toMatchObject({
      'content-type': 'text/plain',
      'x-amz-meta-colour': 'red',
    });
  });

  test.each(oddKeys)('the key %j names one object everywhere', async (key) => {
    const { at } = suite;
    const bucket = await at.bucket();
    const name = new S3Name(key, bucket);
    await writeFile(at.path('f'), key);
    await at.storage.write(at.path('f'), name);
    const keys = (await collect(at.storage.bucketListKeys(bucket))).map((entry) =>
      entry instanceof S3Key ? entry.key : entry,
    );
    expect(keys).toEqual([key]);
    await at.storage.read(name, at.path('g'));
    expect(await readFile(at.path('g'), 'utf8')).toBe(key);
    await at.storage.copy(name, new S3Name('copy', bucket));
    expect(await at.storage.exists(new S3Name('copy', bucket))).toEqual([true, {}]);
    await at.storage.delete(name);
    expect(await at.storage.exists(name)).toEqual([false, {}]);
  });

  test('storage.response is the raw response of the last call, and each call can give its own', async () => {
    const { at } = suite;
    const { storage } = at;
    const bucket = await at.bucket();
    await writeFile(at.path('f'), 'x');
    const names = ['a', 'b', 'c'].map((key) => new S3Name(key, bucket));
    for (const name of names) {
      await storage.write(at.path('f'), name, { headers: { 'x-amz-meta-key': name.key } });
      expect(storage.response).toMatchObject({ status: 200, method: 'PUT' });
      expect(storage.response?.headers['etag']).toBe('"9dd4e461268c8034f5c8564e155c67a6"');
    }
    const answers = await Promise.all(names.map((name) => storage.exists(name).withResponse()));
    expect(answers.map(({ response }) => response?.headers['x-amz-meta-key'])).toEqual(['a', 'b', 'c']);
    await storage.bucketGet(bucket);
    expect(storage.response?.body).toContain('<ListBucketResult');
  });
}
