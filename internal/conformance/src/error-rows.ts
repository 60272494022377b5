import { writeFile } from 'node:fs/promises';
import { isStorageError, S3Name, StorageError } from '@s3kit/core';
import { expect, test } from 'vitest';
import type { Suite } from './storage-suite.ts';

async function failure(call: Promise<unknown>): Promise<StorageError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isStorageError(error)) throw new Error('it did not fail with a StorageError', { cause: error });
  return error;
}

export function errorRows(suite: Suite): void {
  test('form 1: S3 answered, and refused', async () => {
    const { at } = suite;
    const bucket = await at.bucket();
    const error = await failure(at.storage.read(new S3Name('missing', bucket), at.path('f')));
    expect(error).toBeInstanceOf(StorageError);
    expect(error).toMatchObject({ msg: 'read', code: 'NoSuchKey', status: 404 });
    expect(error.response).toMatchObject({ status: 404, method: 'GET' });
    expect(error.response?.body).toContain('<Code>NoSuchKey</Code>');
    expect(error.requestId).toEqual(expect.any(String));
    expect(error.exception).toContain(`s3://${bucket}/missing: NoSuchKey`);
    expect(error.message).toBe(`read: ${String(error.exception)}`);
    expect(at.storage.response).toBe(error.response);
  });

  test('a missing bucket', async () => {
    const { at } = suite;
    await writeFile(at.path('f'), 'x');
    const bucket = at.bucketName();
    expect(await failure(at.storage.write(at.path('f'), new S3Name('k', bucket)))).toMatchObject({
      msg: 'write',
      code: 'NoSuchBucket',
      status: 404,
    });
    expect(await failure(at.storage.bucketDelete(bucket))).toMatchObject({
      msg: 'bucketDelete',
      code: 'NoSuchBucket',
    });
    expect(await failure(at.storage.bucketListKeys(bucket).next())).toMatchObject({
      msg: 'bucketListKeys',
      code: 'NoSuchBucket',
    });
  });

  test('a bucket that is not empty is not deleted', async () => {
    const { at } = suite;
    const bucket = await at.bucket();
    await writeFile(at.path('f'), 'x');
    await at.storage.write(at.path('f'), new S3Name('k', bucket));
    expect(await failure(at.storage.bucketDelete(bucket))).toMatchObject({
      code: 'BucketNotEmpty',
      status: 409,
    });
  });

  test('a wrong secret: says which setting is wrong, and shows none', async () => {
    const { at } = suite;
    const secretAccessKey = 'wrong-secret-wrong-secret';
    const storage = at.connect({ secretAccessKey });
    const error = await failure(storage.bucketGet(await at.bucket()));
    expect(error).toMatchObject({ code: 'SignatureDoesNotMatch', status: 403 });
    expect(error.message).toContain('secret_access_key');
    expect(`${error.message}${error.stack}${JSON.stringify(error)}`).not.toContain(secretAccessKey);
  });

  test('an unknown access key', async () => {
    const { at } = suite;
    const storage = at.connect({ accessKeyId: 'NOBODYHASTHISKEY0000' });
    expect(await failure(storage.bucketGet(await at.bucket()))).toMatchObject({
      code: 'InvalidAccessKeyId',
      status: 403,
    });
  });

  test('somebody else’s bucket: a 403 is an error, also for exists', async () => {
    const { at } = suite;
    const bucket = await at.bucket();
    const other = at.connect(at.target.otherUser);
    expect(await failure(other.bucketGet(bucket))).toMatchObject({ code: 'AccessDenied', status: 403 });
    expect(await failure(other.exists(new S3Name('k', bucket)))).toMatchObject({
      msg: 'exists',
      status: 403,
    });
    expect(await failure(other.bucketExists(bucket))).toMatchObject({ msg: 'bucketExists', status: 403 });
  });

  test('a clock that is wrong by hours is corrected by the service’s', async () => {
    const { at } = suite;
    const bucket = await at.bucket();
    const late = at.connect({}, { now: () => Date.now() - 2 * 60 * 60 * 1000 });
    expect(await late.bucketGet(bucket)).toMatchObject({ ListBucketResult: { Contents: [] } });
    expect(await late.bucketExists(bucket)).toBe(true);
  });
}
