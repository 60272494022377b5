import { createHash } from 'node:crypto';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  GetObjectLegalHoldCommand,
  GetObjectLockConfigurationCommand,
  GetObjectRetentionCommand,
  HeadObjectCommand,
  PutBucketEncryptionCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLegalHoldCommand,
  PutObjectLockConfigurationCommand,
  PutObjectRetentionCommand,
  RestoreObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { S3Server } from '../src/index.ts';
import { codeOf, raw, refusal, sdk, testServer } from './endpoint.ts';

const day = 24 * 3600 * 1000;
let now = Date.parse('2030-01-01T12:00:00Z');
let server: S3Server;
let s3: S3Client;
const Bucket = 'locked';

beforeAll(async () => {
  server = await testServer({ now: () => new Date(now) });
  s3 = sdk(server, { systemClockOffset: now - Date.now() });
  await s3.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }));
  await s3.send(new CreateBucketCommand({ Bucket: 'plain' }));
});

afterAll(async () => {
  s3.destroy();
  await server.close();
});

async function putLocked(Key: string, options: object): Promise<string> {
  const { VersionId = '' } = await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'kept', ...options }));
  return VersionId;
}

test('a bucket with object lock has versioning, and keeps it', async () => {
  const { ObjectLockConfiguration } = await s3.send(new GetObjectLockConfigurationCommand({ Bucket }));
  expect(ObjectLockConfiguration).toEqual({ ObjectLockEnabled: 'Enabled' });
  const suspend = { Bucket, VersioningConfiguration: { Status: 'Suspended' as const } };
  expect(await refusal(s3.send(new PutBucketVersioningCommand(suspend)))).toBe('409 InvalidBucketState');
});

test('retention keeps a version until its date: governance may be bypassed, compliance not', async () => {
  for (const [ObjectLockMode, bypassed] of [
    ['GOVERNANCE', 'no refusal'],
    ['COMPLIANCE', '403 AccessDenied'],
  ] as const) {
    const Key = `by-${ObjectLockMode}`;
    const ObjectLockRetainUntilDate = new Date(now + day);
    const VersionId = await putLocked(Key, { ObjectLockMode, ObjectLockRetainUntilDate });
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key }));
    expect([head.ObjectLockMode, head.ObjectLockRetainUntilDate]).toEqual([
      ObjectLockMode,
      ObjectLockRetainUntilDate,
    ]);
    const { Retention } = await s3.send(new GetObjectRetentionCommand({ Bucket, Key }));
    expect(Retention).toEqual({ Mode: ObjectLockMode, RetainUntilDate: ObjectLockRetainUntilDate });
    const remove = (more = {}) =>
      refusal(s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId, ...more })));
    const change = (RetainUntilDate: Date, more = {}) =>
      refusal(
        s3.send(
          new PutObjectRetentionCommand({
            Bucket,
            Key,
            Retention: { Mode: ObjectLockMode, RetainUntilDate },
            ...more,
          }),
        ),
      );
    expect(await remove()).toBe('403 AccessDenied');
    expect(await change(new Date(now + day / 2))).toBe('403 AccessDenied');
    expect(await change(new Date(now + 2 * day))).toBe('no refusal');
    expect(await change(new Date(now + day), { BypassGovernanceRetention: true })).toBe(bypassed);
    // A delete marker hides the key and takes nothing away.
    expect(await refusal(s3.send(new DeleteObjectCommand({ Bucket, Key })))).toBe('no refusal');
    expect(await remove({ BypassGovernanceRetention: true })).toBe(bypassed);
  }
});

test('a retention ends with its date', async () => {
  const Key = 'ends';
  const VersionId = await putLocked(Key, {
    ObjectLockMode: 'COMPLIANCE',
    ObjectLockRetainUntilDate: new Date(now + 1000),
  });
  const remove = () => refusal(s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId })));
  expect(await remove()).toBe('403 AccessDenied');
  now += 2000;
  expect(await remove()).toBe('no refusal');
});

test('a legal hold keeps a version until it is lifted', async () => {
  const Key = 'held';
  const VersionId = await putLocked(Key, { ObjectLockLegalHoldStatus: 'ON' });
  const remove = () =>
    refusal(s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId, BypassGovernanceRetention: true })));
  expect((await s3.send(new GetObjectLegalHoldCommand({ Bucket, Key }))).LegalHold).toEqual({ Status: 'ON' });
  expect(await remove()).toBe('403 AccessDenied');
  await s3.send(new PutObjectLegalHoldCommand({ Bucket, Key, LegalHold: { Status: 'OFF' } }));
  expect((await s3.send(new HeadObjectCommand({ Bucket, Key }))).ObjectLockLegalHoldStatus).toBe('OFF');
  expect(await remove()).toBe('no refusal');
});

test('the default retention of a bucket is that of its new objects', async () => {
  const configuration = {
    ObjectLockEnabled: 'Enabled' as const,
    Rule: { DefaultRetention: { Mode: 'GOVERNANCE' as const, Days: 3 } },
  };
  await s3.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration: configuration }));
  await putLocked('default', {});
  const { Retention } = await s3.send(new GetObjectRetentionCommand({ Bucket, Key: 'default' }));
  expect(Retention).toEqual({ Mode: 'GOVERNANCE', RetainUntilDate: new Date(now + 3 * day) });
});

test('what cannot be locked is refused', async () => {
  const until = { ObjectLockMode: 'GOVERNANCE' as const, ObjectLockRetainUntilDate: new Date(now + day) };
  const put = (more: object) =>
    refusal(s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x', ...more })));
  expect(await put({ ...until, Bucket: 'plain' })).toBe('400 InvalidRequest');
  expect(await put({ ObjectLockMode: 'GOVERNANCE' })).toBe('400 InvalidArgument');
  expect(await put({ ...until, ObjectLockRetainUntilDate: new Date(now - 1) })).toBe('400 InvalidArgument');
  const plain = { Bucket: 'plain', ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled' as const } };
  expect(await refusal(s3.send(new PutObjectLockConfigurationCommand(plain)))).toBe('409 InvalidBucketState');
  expect(await refusal(s3.send(new GetObjectLockConfigurationCommand({ Bucket: 'plain' })))).toBe(
    '404 ObjectLockConfigurationNotFoundError',
  );
  await s3.send(new PutObjectCommand({ Bucket, Key: 'free', Body: 'x' }));
  expect(await refusal(s3.send(new GetObjectLegalHoldCommand({ Bucket, Key: 'free' })))).toBe(
    '404 NoSuchObjectLockConfiguration',
  );
});

/** A customer's key, as the SDK wants it on plain HTTP. */
function customerKey(fill: number) {
  const key = Buffer.alloc(32, fill);
  return {
    SSECustomerAlgorithm: 'AES256',
    SSECustomerKey: key.toString('base64'),
    SSECustomerKeyMD5: createHash('md5').update(key).digest('base64'),
  };
}

test('an object with a customer key is read with that key alone', async () => {
  const target = { Bucket: 'plain', Key: 'sse-c' };
  const put = await s3.send(new PutObjectCommand({ ...target, Body: 'secret', ...customerKey(1) }));
  expect(put.SSECustomerKeyMD5).toBe(customerKey(1).SSECustomerKeyMD5);
  const got = await s3.send(new GetObjectCommand({ ...target, ...customerKey(1) }));
  expect([await got.Body?.transformToString(), got.SSECustomerAlgorithm]).toEqual(['secret', 'AES256']);
  expect(await refusal(s3.send(new GetObjectCommand(target)))).toBe('400 InvalidRequest');
  expect(await refusal(s3.send(new HeadObjectCommand(target)))).toMatch(/^400/);
  expect(await refusal(s3.send(new GetObjectCommand({ ...target, ...customerKey(2) })))).toBe(
    '403 AccessDenied',
  );
  const headers = {
    'x-amz-server-side-encryption-customer-algorithm': 'AES256',
    'x-amz-server-side-encryption-customer-key': customerKey(1).SSECustomerKey,
    'x-amz-server-side-encryption-customer-key-md5': customerKey(2).SSECustomerKeyMD5,
  };
  const date = new Date(now);
  const wrong = await raw(server, { method: 'PUT', target: '/plain/sse-c', body: 'x', headers, date });
  expect([wrong.status, codeOf(wrong)]).toEqual([400, 'InvalidArgument']);
  expect(wrong.text).not.toContain(customerKey(1).SSECustomerKey);
});

test('a copy needs the key of its source, and may have another', async () => {
  const copy = (more: object) =>
    s3.send(new CopyObjectCommand({ Bucket: 'plain', Key: 'copied', CopySource: 'plain/sse-c', ...more }));
  expect(await refusal(copy({}))).toBe('400 InvalidRequest');
  const { SSECustomerAlgorithm, SSECustomerKey, SSECustomerKeyMD5 } = customerKey(1);
  await copy({
    CopySourceSSECustomerAlgorithm: SSECustomerAlgorithm,
    CopySourceSSECustomerKey: SSECustomerKey,
    CopySourceSSECustomerKeyMD5: SSECustomerKeyMD5,
    ...customerKey(2),
  });
  const got = await s3.send(new GetObjectCommand({ Bucket: 'plain', Key: 'copied', ...customerKey(2) }));
  expect(await got.Body?.transformToString()).toBe('secret');
});

test('the parts of an upload with a customer key need it too', async () => {
  const target = { Bucket: 'plain', Key: 'parts' };
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ ...target, ...customerKey(1) }));
  const part = { ...target, UploadId, PartNumber: 1, Body: 'x' };
  expect(await refusal(s3.send(new UploadPartCommand(part)))).toBe('400 InvalidRequest');
  await s3.send(new UploadPartCommand({ ...part, ...customerKey(1) }));
});

test('a default encryption is that of new objects, and echoed', async () => {
  await s3.send(new CreateBucketCommand({ Bucket: 'encrypted' }));
  const Rules = [
    { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' as const, KMSMasterKeyID: 'key-1' } },
  ];
  const ServerSideEncryptionConfiguration = { Rules };
  await s3.send(new PutBucketEncryptionCommand({ Bucket: 'encrypted', ServerSideEncryptionConfiguration }));
  const put = await s3.send(new PutObjectCommand({ Bucket: 'encrypted', Key: 'k', Body: 'x' }));
  expect([put.ServerSideEncryption, put.SSEKMSKeyId]).toEqual(['aws:kms', 'key-1']);
  const other = { Bucket: 'encrypted', Key: 'o', Body: 'x', ServerSideEncryption: 'AES256' as const };
  expect((await s3.send(new PutObjectCommand(other))).SSEKMSKeyId).toBeUndefined();
});

test('an archived object is read after it was restored, until the copy expires', async () => {
  const target = { Bucket: 'plain', Key: 'cold' };
  await s3.send(new PutObjectCommand({ ...target, Body: 'ice', StorageClass: 'GLACIER' }));
  const read = () => refusal(s3.send(new GetObjectCommand(target)));
  const restore = async () => {
    const request = { ...target, RestoreRequest: { Days: 2 } };
    return (await s3.send(new RestoreObjectCommand(request))).$metadata.httpStatusCode;
  };
  expect(await read()).toBe('403 InvalidObjectState');
  expect([await restore(), await restore()]).toEqual([202, 200]);
  expect(await read()).toBe('no refusal');
  expect((await s3.send(new HeadObjectCommand(target))).Restore).toMatch(
    /^ongoing-request="false", expiry-date=/,
  );
  now += 4 * day;
  const cold = sdk(server, { systemClockOffset: now - Date.now() });
  expect(await refusal(cold.send(new GetObjectCommand(target)))).toBe('403 InvalidObjectState');
  now -= 4 * day;
  cold.destroy();
  const warm = { Bucket: 'plain', Key: 'warm', RestoreRequest: { Days: 1 } };
  await s3.send(new PutObjectCommand({ Bucket: 'plain', Key: 'warm', Body: 'x' }));
  expect(await refusal(s3.send(new RestoreObjectCommand(warm)))).toBe('403 InvalidObjectState');
});

test('attributes of an object, of one body and of parts', async () => {
  const target = { Bucket: 'plain', Key: 'attributes' };
  const ObjectAttributes = ['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize'] as const;
  const read = () =>
    s3.send(new GetObjectAttributesCommand({ ...target, ObjectAttributes: [...ObjectAttributes] }));
  await s3.send(new PutObjectCommand({ ...target, Body: 'hello', ChecksumAlgorithm: 'SHA256' }));
  expect(await read()).toMatchObject({
    ETag: '5d41402abc4b2a76b9719d911017c592',
    Checksum: { ChecksumSHA256: 'LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=', ChecksumType: 'FULL_OBJECT' },
    StorageClass: 'STANDARD',
    ObjectSize: 5,
  });
  const upload = await s3.send(new CreateMultipartUploadCommand({ ...target, ChecksumAlgorithm: 'CRC32' }));
  const { UploadId } = upload;
  const Parts = [];
  for (const [PartNumber, Body] of [
    [1, Buffer.alloc(2000, 'a')],
    [2, Buffer.from('end')],
  ] as const) {
    const part = { ...target, UploadId, PartNumber, Body, ChecksumAlgorithm: 'CRC32' as const };
    const { ETag, ChecksumCRC32 } = await s3.send(new UploadPartCommand(part));
    Parts.push({ PartNumber, ETag, ChecksumCRC32 });
  }
  await s3.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts } }));
  expect((await read()).ObjectParts).toEqual({
    TotalPartsCount: 2,
    PartNumberMarker: '0',
    NextPartNumberMarker: '2',
    MaxParts: 1000,
    IsTruncated: false,
    Parts: [
      { PartNumber: 1, Size: 2000, ChecksumCRC32: Parts[0]?.ChecksumCRC32 },
      { PartNumber: 2, Size: 3, ChecksumCRC32: Parts[1]?.ChecksumCRC32 },
    ],
  });
});

// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html and API_GetObjectAttributesParts.html
describe('the parts among the attributes of an object', () => {
  async function uploadParts(Key: string, count: number, ChecksumAlgorithm?: 'SHA256'): Promise<string[]> {
    const target = { Bucket: 'plain', Key };
    const algorithm = ChecksumAlgorithm === undefined ? {} : { ChecksumAlgorithm };
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ ...target, ...algorithm }));
    const Parts = [];
    // Every second number: an object counts its parts from 1 on, whatever the numbers of the upload were.
    for (let n = 1; n <= count; n += 1) {
      const PartNumber = n * 2;
      const Body = Buffer.alloc(1024 + n, String(n));
      const { ETag } = await s3.send(
        new UploadPartCommand({ ...target, UploadId, PartNumber, Body, ...algorithm }),
      );
      const ChecksumSHA256 = createHash('sha256').update(Body).digest('base64');
      Parts.push({ PartNumber, ETag, ...(ChecksumAlgorithm ? { ChecksumSHA256 } : {}) });
    }
    await s3.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts } }));
    return Parts.map(({ ChecksumSHA256 = '' }) => ChecksumSHA256);
  }

  function partsOf(Key: string, page: { MaxParts?: number; PartNumberMarker?: string } = {}) {
    const ObjectAttributes = ['ObjectParts' as const];
    return s3.send(new GetObjectAttributesCommand({ Bucket: 'plain', Key, ObjectAttributes, ...page }));
  }

  test('come in pages, each with its checksum', async () => {
    const checksums = await uploadParts('paged', 5, 'SHA256');
    const part = (n: number) => ({ PartNumber: n, Size: 1024 + n, ChecksumSHA256: checksums[n - 1] });
    const page = (MaxParts: number, PartNumberMarker?: string) =>
      partsOf('paged', { MaxParts, ...(PartNumberMarker === undefined ? {} : { PartNumberMarker }) }).then(
        ({ ObjectParts }) => ObjectParts,
      );
    expect(await page(2)).toEqual({
      TotalPartsCount: 5,
      PartNumberMarker: '0',
      NextPartNumberMarker: '2',
      MaxParts: 2,
      IsTruncated: true,
      Parts: [part(1), part(2)],
    });
    expect(await page(2, '2')).toMatchObject({
      TotalPartsCount: 5,
      PartNumberMarker: '2',
      NextPartNumberMarker: '4',
      IsTruncated: true,
      Parts: [part(3), part(4)],
    });
    expect(await page(2, '4')).toMatchObject({ IsTruncated: false, Parts: [part(5)] });
    // Exactly at the end nothing follows.
    expect(await page(3, '2')).toMatchObject({ IsTruncated: false, Parts: [part(3), part(4), part(5)] });
    const behind = await page(2, '5');
    expect([behind?.IsTruncated, behind?.Parts, behind?.TotalPartsCount]).toEqual([false, undefined, 5]);
    expect(await page(5000)).toMatchObject({ MaxParts: 1000, IsTruncated: false });
    const none = await page(0);
    expect([none?.IsTruncated, none?.Parts, none?.TotalPartsCount]).toEqual([false, undefined, 5]);
  });

  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
  test('are read with the checksum of each, other ranges with none', async () => {
    const checksums = await uploadParts('read-by-part', 2, 'SHA256');
    const target = { Bucket: 'plain', Key: 'read-by-part', ChecksumMode: 'ENABLED' as const };
    for (const PartNumber of [1, 2]) {
      const { ChecksumSHA256, PartsCount, ContentLength } = await s3.send(
        new GetObjectCommand({ ...target, PartNumber }),
      );
      expect([ChecksumSHA256, PartsCount, ContentLength]).toEqual([
        checksums[PartNumber - 1],
        2,
        1024 + PartNumber,
      ]);
    }
    const range = await s3.send(new GetObjectCommand({ ...target, Range: 'bytes=1-5' }));
    expect(range.ChecksumSHA256).toBeUndefined();
    const whole = await s3.send(new HeadObjectCommand(target));
    expect(whole.ChecksumSHA256).toMatch(/-2$/);
  });

  test('are only counted where no checksum was asked for', async () => {
    await uploadParts('counted', 3);
    expect((await partsOf('counted', { MaxParts: 1 })).ObjectParts).toEqual({ TotalPartsCount: 3 });
  });

  test('are none of an object that was sent in one piece', async () => {
    await s3.send(new PutObjectCommand({ Bucket: 'plain', Key: 'single', Body: 'x' }));
    expect((await partsOf('single')).ObjectParts).toBeUndefined();
  });

  test.each([
    ['x-amz-max-parts', 'many'],
    ['x-amz-max-parts', '-1'],
    ['x-amz-part-number-marker', '1.5'],
  ])('%s: %s is refused', async (name, value) => {
    const headers = { 'x-amz-object-attributes': 'ObjectParts', [name]: value };
    const response = await raw(server, { target: '/plain/paged?attributes', headers, date: new Date(now) });
    expect([response.status, codeOf(response)]).toEqual([400, 'InvalidArgument']);
  });
});
