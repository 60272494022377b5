import { randomBytes } from 'node:crypto';
import { S3Name, type S3Upload, type S3Version } from '@s3kit/core';
import { describe, expect, test } from 'vitest';
import { collect } from './collect.ts';
import type { Suite } from './storage-suite.ts';

const minute = 60_000;

export function operationRows(suite: Suite): void {
  const lacks = suite.differences.lacks ?? {};

  test('options go with an object, and head gives them back', async () => {
    const { at } = suite;
    const { storage } = at;
    const name = new S3Name('k', await at.bucket());
    const before = Date.now();
    await storage.write({ text: 'content' }, name, {
      contentType: 'text/x-example',
      cacheControl: 'no-cache',
      contentDisposition: 'attachment; filename="f"',
      contentLanguage: 'de',
      expires: new Date('2030-01-02T03:04:05Z'),
      metadata: { State: 'new' },
      tags: { 'a b': 'c+d', e: 'f' },
    });
    const head = await storage.head(name);
    expect(head).toMatchObject({
      size: 7,
      eTag: '"9a0364b9e99bb480dd25e1f0284c8555"',
      contentType: 'text/x-example',
      cacheControl: 'no-cache',
      contentDisposition: 'attachment; filename="f"',
      contentLanguage: 'de',
      expires: new Date('2030-01-02T03:04:05Z'),
      metadata: { 'x-amz-meta-state': 'new' },
      storageClass: 'STANDARD',
    });
    expect(Math.abs((head.lastModified?.getTime() ?? 0) - before)).toBeLessThan(minute);
    const { Tagging } = await storage.objectGetTagging(name);
    expect(new Set(Tagging.TagSet.Tag)).toEqual(
      new Set([
        { Key: 'a b', Value: 'c+d' },
        { Key: 'e', Value: 'f' },
      ]),
    );
    await expect(storage.head(new S3Name('none', name.bucket))).rejects.toMatchObject({ status: 404 });
  });

  test('tags are set, and deleted', async () => {
    const { at } = suite;
    const { storage } = at;
    const name = new S3Name('k', await at.bucket());
    await storage.write({ text: 'x' }, name);
    const data = { Tagging: { TagSet: { Tag: [{ Key: 'a', Value: 'ä + b' }] } } };
    await storage.objectSetTagging(name, { data });
    expect(await storage.objectGetTagging(name)).toEqual(data);
    await storage.objectDeleteTagging(name);
    expect(await storage.objectGetTagging(name)).toEqual({ Tagging: { TagSet: { Tag: [] } } });
    expect(await storage.readText(name)).toBe('x');
  });

  test('an object’s ACL, canned and as a document', async () => {
    const { at } = suite;
    const { storage } = at;
    const name = new S3Name('k', await at.bucket());
    await storage.write({ text: 'x' }, name);
    const own = await storage.objectGetAcl(name);
    await storage.objectSetAcl(name, { acl: 'public-read' });
    const opened = await storage.objectGetAcl(name);
    expect(JSON.stringify(opened)).toContain('http://acs.amazonaws.com/groups/global/AllUsers');
    await storage.objectSetAcl(name, { data: own });
    expect(await storage.objectGetAcl(name)).toEqual(own);
  });

  describe('conditions', () => {
    test('of a write: only a new object, or only over the one that is known', async () => {
      const { at } = suite;
      const { storage } = at;
      const name = new S3Name('k', await at.bucket());
      await storage.write({ text: '1' }, name, { ifNoneMatch: '*' });
      const again = storage.write({ text: '2' }, name, { ifNoneMatch: '*' });
      await expect(again).rejects.toMatchObject({ status: 412, code: 'PreconditionFailed' });
      if (lacks['conditional writes by ETag'] !== undefined) return;
      const { eTag } = await storage.head(name);
      await storage.write({ text: '3' }, name, { ifMatch: eTag });
      const stale = storage.write({ text: '4' }, name, { ifMatch: eTag });
      await expect(stale).rejects.toMatchObject({ status: 412 });
      expect(await storage.readText(name)).toBe('3');
    });

    test('of a read, and of a copy', async () => {
      const { at } = suite;
      const { storage } = at;
      const name = new S3Name('k', await at.bucket());
      const copy = new S3Name('copy', name.bucket);
      await storage.write({ text: '1' }, name);
      const { eTag } = await storage.head(name);
      expect(await storage.readText(name, { ifMatch: eTag })).toBe('1');
      await expect(storage.readText(name, { ifNoneMatch: eTag })).rejects.toMatchObject({ status: 304 });
      await expect(storage.head(name, { ifMatch: '"no"' })).rejects.toMatchObject({ status: 412 });
      if (lacks['conditional copies'] !== undefined) return;
      await expect(storage.copy(name, copy, { sourceIfMatch: '"no"' })).rejects.toMatchObject({
        status: 412,
      });
      await storage.copy(name, copy, { sourceIfMatch: eTag });
      expect(await storage.readText(copy)).toBe('1');
    });

    if (lacks['conditional deletes'] === undefined) {
      test('of a delete', async () => {
        const { at } = suite;
        const { storage } = at;
        const name = new S3Name('k', await at.bucket());
        await storage.write({ text: '1' }, name);
        await expect(storage.delete(name, { ifMatch: '"no"' })).rejects.toMatchObject({ status: 412 });
        const { eTag } = await storage.head(name);
        await storage.delete(name, { ifMatch: eTag });
        expect(await storage.exists(name)).toEqual([false, {}]);
      });
    }
  });

  test('versions are listed, read, made the latest again, and deleted', async () => {
    const { at } = suite;
    const { storage } = at;
    const bucket = await at.bucket();
    const name = new S3Name('a b/ü+', bucket);
    const Status = 'Enabled';
    await storage.bucketSetVersioning(bucket, { data: { VersioningConfiguration: { Status } } });
    await storage.write({ text: 'one' }, name);
    await storage.write({ text: 'two' }, name);
    await storage.delete(name);
    await storage.write({ text: 'other' }, new S3Name('z/1', bucket));

    const listed = async (): Promise<S3Version[]> =>
      (await collect(storage.bucketListVersions(bucket, { prefix: 'a' }))).filter(
        (version) => typeof version !== 'string',
      );
    const versions = await listed();
    expect(versions.map(({ key, isLatest, isDeleteMarker }) => [key, isLatest, isDeleteMarker])).toEqual([
      [name.key, true, true],
      [name.key, false, false],
      [name.key, false, false],
    ]);
    const [marker, two, one] = versions.map(({ versionId }) => versionId);
    const paged = await collect(storage.bucketListVersions(bucket, { params: { 'max-keys': 1 } }));
    expect(
      paged.map((version) => (typeof version === 'string' ? version : version.versionId)).slice(0, 3),
    ).toEqual([marker, two, one]);
    expect(paged).toHaveLength(4);
    const prefixes = await collect(storage.bucketListVersions(bucket, { delimiter: '/' }));
    expect(prefixes).toEqual(['a b/', 'z/']);

    expect(await storage.readText(name, { versionId: one })).toBe('one');
    expect(await storage.exists(name)).toEqual([false, {}]);
    expect((await storage.head(name, { versionId: two })).versionId).toBe(two);
    await storage.copy(name, name, { sourceVersionId: one });
    expect(await storage.readText(name)).toBe('one');
    await storage.delete(name, { versionId: two });
    await expect(storage.readText(name, { versionId: two })).rejects.toMatchObject({ status: 404 });
    expect(await listed()).toHaveLength(3);
  });

  test('unfinished uploads are listed, looked into, and aborted when they are old', async () => {
    const { at } = suite;
    const { storage } = at;
    const bucket = await at.bucket();
    const ids: string[] = [];
    for (const key of ['a b/ü+', 'b']) {
      const { body } = await storage.request({ method: 'POST', bucket, key, params: { uploads: '' } });
      ids.push(/<UploadId>(.*)<\/UploadId>/.exec(body)?.[1] ?? '');
    }
    const [first = '', second = ''] = ids;
    const name = new S3Name('a b/ü+', bucket);
    const params = { uploadId: first, partNumber: 2 };
    await storage.request({ method: 'PUT', bucket, key: name.key, params, data: 'content' });

    const uploads = (await collect(storage.bucketListUploads(bucket))) as S3Upload[];
    expect(uploads.map(({ key, uploadId }) => [key, uploadId])).toEqual([
      [name.key, first],
      ['b', second],
    ]);
    expect(Math.abs((uploads[0]?.initiatedAt.getTime() ?? 0) - Date.now())).toBeLessThan(minute);
    const paged = await collect(storage.bucketListUploads(bucket, { params: { 'max-uploads': 1 } }));
    expect(paged).toEqual(uploads);
    const parts = await collect(storage.uploadListParts(name, first));
    expect(parts.map(({ partNumber, bytes, eTag }) => [partNumber, bytes, eTag])).toEqual([
      [2, 7, '"9a0364b9e99bb480dd25e1f0284c8555"'],
    ]);

    const old = new Date(Date.now() - 60 * minute);
    expect(await collect(storage.abortUploads(bucket, { olderThan: old }))).toEqual([]);
    const soon = new Date(Date.now() + 60 * minute);
    const aborted = await collect(storage.abortUploads(bucket, { olderThan: soon, prefix: 'a' }));
    expect(aborted.map(({ uploadId }) => uploadId)).toEqual([first]);
    await storage.uploadAbort(new S3Name('b', bucket), second);
    expect(await collect(storage.bucketListUploads(bucket))).toEqual([]);
    await expect(storage.uploadAbort(name, first)).rejects.toMatchObject({ status: 404 });
  });

  test('a customer’s key encrypts, and is needed to read and to copy', async () => {
    const { at } = suite;
    const { storage } = at;
    const name = new S3Name('k', await at.bucket());
    const copy = new S3Name('copy', name.bucket);
    const encryption = { customerKey: randomBytes(32) };
    const other = { customerKey: randomBytes(32) };
    await storage.write({ text: 'secret' }, name, { encryption });
    expect(await storage.readText(name, { encryption })).toBe('secret');
    expect((await storage.head(name, { encryption })).size).toBe(6);
    await expect(storage.readText(name)).rejects.toMatchObject({ status: 400 });
    await expect(storage.readText(name, { encryption: other })).rejects.toMatchObject({
      name: 'StorageError',
    });
    if (lacks['copies of objects with customer keys'] !== undefined) return;
    await storage.copy(name, copy, { sourceEncryption: encryption, encryption: other });
    expect(await storage.readText(copy, { encryption: other })).toBe('secret');
  });

  test('a locked version is kept: retention and legal hold', async () => {
    const { at } = suite;
    const { storage } = at;
    const bucket = at.bucketName();
    await storage.bucketCreate(bucket, { headers: { 'x-amz-bucket-object-lock-enabled': 'true' } });
    expect(await storage.bucketGetObjectLock(bucket)).toMatchObject({
      ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled' },
    });
    const name = new S3Name('k', bucket);
    const retainUntil = new Date(Date.now() + 60 * minute);
    await storage.write({ text: 'kept' }, name, { objectLock: { mode: 'GOVERNANCE', retainUntil } });
    const { versionId, lockMode } = await storage.head(name);
    expect(lockMode).toBe('GOVERNANCE');
    await storage.objectSetLegalHold(name, { data: { LegalHold: { Status: 'ON' } } });
    expect(await storage.objectGetLegalHold(name)).toEqual({ LegalHold: { Status: 'ON' } });
    expect(await storage.objectGetRetention(name)).toMatchObject({ Retention: { Mode: 'GOVERNANCE' } });
    const bypassGovernance = true;
    await expect(storage.delete(name, { versionId, bypassGovernance })).rejects.toMatchObject({
      status: 403,
    });
    await storage.objectSetLegalHold(name, { data: { LegalHold: { Status: 'OFF' } } });
    await expect(storage.delete(name, { versionId })).rejects.toMatchObject({ status: 403 });
    const RetainUntilDate = new Date(Date.now() + minute).toISOString();
    const data = { Retention: { Mode: 'GOVERNANCE', RetainUntilDate } };
    await expect(storage.objectSetRetention(name, { data })).rejects.toMatchObject({ status: 403 });
    await storage.objectSetRetention(name, { data, bypassGovernance });
    await storage.delete(name, { versionId, bypassGovernance });
    expect(await storage.exists(name)).toEqual([false, {}]);
  });

  test('retention of an object in a bucket without locks is refused, and the object stays as it is', async () => {
    const { at } = suite;
    const { storage } = at;
    const name = new S3Name('k', await at.bucket());
    await storage.write({ text: 'x' }, name);
    const hold = storage.objectSetLegalHold(name, { data: { LegalHold: { Status: 'ON' } } });
    await expect(hold).rejects.toMatchObject({ status: 400 });
    await expect(storage.objectSetEncryption(name, { data: '<ObjectEncryption/>' })).rejects.toMatchObject({
      code: 'NotImplemented',
    });
    await expect(storage.objectDeleteAnnotation(name, 'note')).rejects.toMatchObject({
      code: 'NotImplemented',
    });
    expect(await storage.readText(name)).toBe('x');
  });

  if (lacks['attributes of objects'] === undefined) {
    test('attributes tell size, ETag and storage class', async () => {
      const { at } = suite;
      const name = new S3Name('k', await at.bucket());
      await at.storage.write({ text: 'content' }, name);
      expect(await at.storage.objectGetAttributes(name)).toMatchObject({
        GetObjectAttributesResponse: {
          ETag: '9a0364b9e99bb480dd25e1f0284c8555',
          ObjectSize: '7',
          StorageClass: 'STANDARD',
        },
      });
    });
  } else {
    test('attributes, which it does not know, are refused', async () => {
      const { at } = suite;
      const name = new S3Name('k', await at.bucket());
      await at.storage.write({ text: 'content' }, name);
      await expect(at.storage.objectGetAttributes(name)).rejects.toMatchObject({ code: 'NotImplemented' });
    });
  }

  if (lacks['storage classes'] === undefined) {
    test('a copy onto itself changes the storage class; what is archived is restored', async () => {
      const { at } = suite;
      const { storage } = at;
      const name = new S3Name('k', await at.bucket());
      await storage.write({ text: 'content' }, name, {
        metadata: { a: '1' },
        tags: { t: '1' },
        encryption: { type: 'AES256' },
      });
      expect((await storage.head(name)).encryption).toBe('AES256');
      await storage.copy(name, name, { storageClass: 'GLACIER' });
      expect(await storage.head(name)).toMatchObject({
        storageClass: 'GLACIER',
        metadata: { 'x-amz-meta-a': '1' },
      });
      expect(await storage.objectGetTagging(name)).toEqual({
        Tagging: { TagSet: { Tag: [{ Key: 't', Value: '1' }] } },
      });
      await expect(storage.readText(name)).rejects.toMatchObject({ code: 'InvalidObjectState' });
      await storage.objectRestore(name, { days: 1, tier: 'Bulk' });
      expect((await storage.head(name)).restore).toContain('ongoing-request');
    });
  }

  if (lacks['expected bucket owner'] === undefined) {
    test('a bucket of another owner than expected is refused', async () => {
      const { at } = suite;
      const { storage } = at;
      const name = new S3Name('k', await at.bucket());
      const expectedBucketOwner = '999999999999';
      const refused = { status: 403 };
      await expect(storage.write({ text: 'x' }, name, { expectedBucketOwner })).rejects.toMatchObject(
        refused,
      );
      await expect(
        storage.bucketGetTagging(name.bucket ?? '', { expectedBucketOwner }),
      ).rejects.toMatchObject(refused);
    });
  }

  test('bucketList gives those of a prefix', async () => {
    const { at } = suite;
    const one = await at.bucket();
    await at.bucket();
    const names = (await collect(at.storage.bucketList({ prefix: one }))).map(({ name }) => name);
    expect(names).toEqual([one]);
  });

  test('a form uploads a file, within what it allows', async () => {
    const { at } = suite;
    const bucket = await at.bucket();
    const form = await at.storage.presignPost(new S3Name('form', bucket), {
      fields: { 'Content-Type': 'text/plain' },
      contentLengthRange: [1, 10],
    });
    if (at.target.runtime !== undefined) {
      // Without a socket, or with a certificate of its own, only the connection reaches it.
      expect(form.url).toContain(bucket);
      return;
    }
    const post = async (content: string): Promise<number> => {
      const body = new FormData();
      for (const [field, value] of Object.entries(form.fields)) body.append(field, value);
      body.append('file', new Blob([content]));
      return (await fetch(form.url, { method: 'POST', body })).status;
    };
    expect(await post('hello')).toBe(204);
    expect(await at.storage.readText(new S3Name('form', bucket))).toBe('hello');
    expect(await post('much too long')).toBe(400);
  });
}
