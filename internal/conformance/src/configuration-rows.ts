import type { Storage, StorageError } from '@s3kit/core';
import { describe, expect, test } from 'vitest';
import type { Suite } from './storage-suite.ts';

/** A family of bucket configuration: what is set, what must come back, and what S3 says where nothing is set. */
interface Family {
  readonly name: string;
  readonly set: (storage: Storage, bucket: string, data: string | object) => Promise<unknown>;
  readonly get: (storage: Storage, bucket: string) => Promise<unknown>;
  readonly delete?: (storage: Storage, bucket: string) => Promise<unknown>;
  readonly document: object;
  /** S3's code where nothing is set, or the empty document that it gives then. */
  readonly none: string | object;
}

const account = '123456789012';

const families: readonly Family[] = [
  {
    name: 'Cors',
    get: (storage, bucket) => storage.bucketGetCors(bucket),
    set: (storage, bucket, data) => storage.bucketSetCors(bucket, { data }),
    delete: (storage, bucket) => storage.bucketDeleteCors(bucket),
    document: {
      CORSConfiguration: {
        CORSRule: [
          {
            AllowedOrigin: ['http://www.example.com'],
            AllowedMethod: ['PUT', 'POST'],
            AllowedHeader: ['*'],
            MaxAgeSeconds: '3000',
          },
          { AllowedOrigin: ['*'], AllowedMethod: ['GET'] },
        ],
      },
    },
    none: 'NoSuchCORSConfiguration',
  },
  {
    name: 'Lifecycle',
    get: (storage, bucket) => storage.bucketGetLifecycle(bucket),
    set: (storage, bucket, data) => storage.bucketSetLifecycle(bucket, { data }),
    delete: (storage, bucket) => storage.bucketDeleteLifecycle(bucket),
    document: {
      LifecycleConfiguration: {
        Rule: [
          { ID: 'old logs', Filter: { Prefix: 'logs/' }, Status: 'Enabled', Expiration: { Days: '30' } },
        ],
      },
    },
    none: 'NoSuchLifecycleConfiguration',
  },
  {
    name: 'Policy',
    get: (storage, bucket) => storage.bucketGetPolicy(bucket),
    set: (storage, bucket, data) => storage.bucketSetPolicy(bucket, { data: replaceBucket(data, bucket) }),
    delete: (storage, bucket) => storage.bucketDeletePolicy(bucket),
    document: {
      Version: '2008-10-17',
      Id: 'BucketUploadNoDelete',
      Statement: [
        {
          Sid: 'Stmt01',
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${account}:user/myuser` },
          Action: ['s3:AbortMultipartUpload', 's3:ListMultipartUploadParts', 's3:PutObject'],
          Resource: ['arn:aws:s3:::BUCKET/*', 'arn:aws:s3:::BUCKET'],
        },
      ],
    },
    none: 'NoSuchBucketPolicy',
  },
  {
    name: 'Tagging',
    get: (storage, bucket) => storage.bucketGetTagging(bucket),
    set: (storage, bucket, data) => storage.bucketSetTagging(bucket, { data }),
    delete: (storage, bucket) => storage.bucketDeleteTagging(bucket),
    document: { Tagging: { TagSet: { Tag: [{ Key: 'project', Value: 'a + b: c/d@e.f_g-h=i' }] } } },
    none: 'NoSuchTagSet',
  },
  {
    name: 'Website',
    get: (storage, bucket) => storage.bucketGetWebsite(bucket),
    set: (storage, bucket, data) => storage.bucketSetWebsite(bucket, { data }),
    delete: (storage, bucket) => storage.bucketDeleteWebsite(bucket),
    document: {
      WebsiteConfiguration: { IndexDocument: { Suffix: 'index.html' }, ErrorDocument: { Key: 'error.html' } },
    },
    none: 'NoSuchWebsiteConfiguration',
  },
  {
    name: 'Versioning',
    get: (storage, bucket) => storage.bucketGetVersioning(bucket),
    set: (storage, bucket, data) => storage.bucketSetVersioning(bucket, { data }),
    document: { VersioningConfiguration: { Status: 'Enabled' } },
    none: { VersioningConfiguration: '' },
  },
  {
    name: 'RequestPayment',
    get: (storage, bucket) => storage.bucketGetRequestPayment(bucket),
    set: (storage, bucket, data) => storage.bucketSetRequestPayment(bucket, { data }),
    document: { RequestPaymentConfiguration: { Payer: 'Requester' } },
    none: { RequestPaymentConfiguration: { Payer: 'BucketOwner' } },
  },
  {
    name: 'Logging',
    get: (storage, bucket) => storage.bucketGetLogging(bucket),
    set: (storage, bucket, data) => storage.bucketSetLogging(bucket, { data: replaceBucket(data, bucket) }),
    document: { BucketLoggingStatus: { LoggingEnabled: { TargetBucket: 'BUCKET', TargetPrefix: 'logs/' } } },
    none: { BucketLoggingStatus: '' },
  },
];

/** A document that names the bucket that it is set on. */
function replaceBucket<T>(data: T, bucket: string): T {
  return JSON.parse(JSON.stringify(data).replaceAll('BUCKET', bucket)) as T;
}

export function configurationRows(suite: Suite): void {
  describe.each(families)('$name', ({ name, get, set, delete: remove, document, none }) => {
    test('says that nothing is set', async () => {
      const { storage } = suite.at;
      const bucket = await suite.at.bucket();
      if (typeof none === 'string')
        await expect(get(storage, bucket)).rejects.toMatchObject({ code: none, status: 404 });
      else expect(await get(storage, bucket)).toEqual(none);
    });

    test('gives back what was set, and takes what it gave', async () => {
      const { storage } = suite.at;
      const bucket = await suite.at.bucket();
      const refusal = suite.differences.refuses?.[`bucketSet${name}`];
      if (refusal !== undefined) {
        await expect(set(storage, bucket, document)).rejects.toMatchObject({ status: refusal.status });
        return;
      }
      await set(storage, bucket, document);
      const got = await get(storage, bucket);
      expect(got).toMatchObject(replaceBucket(document, bucket));
      await set(storage, bucket, got as object);
      expect(await get(storage, bucket)).toEqual(got);
    });

    if (remove !== undefined) {
      test('is deleted', async () => {
        const { storage } = suite.at;
        const bucket = await suite.at.bucket();
        await set(storage, bucket, document);
        await remove(storage, bucket);
        await expect(get(storage, bucket)).rejects.toMatchObject({ code: none, status: 404 });
      });
    }
  });

  test('Acl: the owner’s default, a canned ACL by header, and the document back and forth', async () => {
    const { storage } = suite.at;
    const bucket = await suite.at.bucket();
    const own = await storage.bucketGetAcl(bucket);
    expect(own).toMatchObject({
      AccessControlPolicy: { AccessControlList: { Grant: [{ Permission: 'FULL_CONTROL' }] } },
    });
    await storage.bucketSetAcl(bucket, { headers: { 'x-amz-acl': 'public-read' } });
    const opened = await storage.bucketGetAcl(bucket);
    expect(JSON.stringify(opened)).toContain('http://acs.amazonaws.com/groups/global/AllUsers');
    await storage.bucketSetAcl(bucket, { data: own });
    expect(await storage.bucketGetAcl(bucket)).toEqual(own);
    await storage.bucketSetAcl(bucket, { data: opened });
    expect(await storage.bucketGetAcl(bucket)).toEqual(opened);
  });

  test('Location: where the bucket is', async () => {
    const { storage } = suite.at;
    const { LocationConstraint: location } = await storage.bucketGetLocation(await suite.at.bucket());
    // S3 gives an empty text for us-east-1, the first region.
    const { region } = storage.connection;
    expect(location).toBe(region === 'us-east-1' ? '' : region);
  });

  test('Notification: nothing is set, and an empty document takes all away', async () => {
    const { storage } = suite.at;
    const bucket = await suite.at.bucket();
    expect(await storage.bucketGetNotification(bucket)).toMatchObject({ NotificationConfiguration: {} });
    const refusal = suite.differences.refuses?.['bucketSetNotification'];
    const cleared = storage.bucketSetNotification(bucket, { data: { NotificationConfiguration: '' } });
    if (refusal !== undefined) await expect(cleared).rejects.toMatchObject({ status: refusal.status });
    else await cleared;
  });

  test('a document can be given as text, which is sent as it is', async () => {
    const { storage } = suite.at;
    const bucket = await suite.at.bucket();
    const text = '<Tagging><TagSet><Tag><Key>a</Key><Value>&#98;&#x2b;c</Value></Tag></TagSet></Tagging>';
    await storage.bucketSetTagging(bucket, { data: text });
    expect(await storage.bucketGetTagging(bucket)).toEqual({
      Tagging: { TagSet: { Tag: [{ Key: 'a', Value: 'b+c' }] } },
    });
  });

  test('a malformed document is refused by the service, in the first form of StorageError', async () => {
    const { storage } = suite.at;
    const bucket = await suite.at.bucket();
    const error = await storage
      .bucketSetTagging(bucket, { data: '<Tagging><TagSet>' })
      .catch((reason: StorageError) => reason);
    expect(error).toMatchObject({
      name: 'StorageError',
      msg: 'bucketSetTagging',
      status: 400,
      code: 'MalformedXML',
    });
  });
}
