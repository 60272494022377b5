import type { Storage } from '@s3kit/core';
import { describe, expect, test } from 'vitest';
import { collect } from './collect.ts';
import type { Suite } from './storage-suite.ts';

type Options = { readonly data?: object };

/** A family of configuration that is younger than the documented ones; its methods are called by its name. */
interface YoungFamily {
  readonly name: string;
  readonly document: object;
  /** S3's code where nothing is set; undefined where it then gives an empty document. */
  readonly none?: string;
  readonly deletes?: true;
  /** The id of the document, in families that have ids. */
  readonly id?: string;
  /** What makes a bucket that can have it. */
  readonly prepare?: (storage: Storage, bucket: string) => Promise<unknown>;
}

const families: readonly YoungFamily[] = [
  {
    name: 'Encryption',
    document: {
      ServerSideEncryptionConfiguration: {
        Rule: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
    },
    deletes: true,
  },
  {
    name: 'PublicAccessBlock',
    document: {
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: 'true',
        IgnorePublicAcls: 'false',
        BlockPublicPolicy: 'true',
        RestrictPublicBuckets: 'false',
      },
    },
    none: 'NoSuchPublicAccessBlockConfiguration',
    deletes: true,
  },
  {
    name: 'OwnershipControls',
    document: { OwnershipControls: { Rule: [{ ObjectOwnership: 'BucketOwnerPreferred' }] } },
    deletes: true,
  },
  { name: 'Accelerate', document: { AccelerateConfiguration: { Status: 'Enabled' } } },
  {
    name: 'Replication',
    document: {
      ReplicationConfiguration: {
        Role: 'arn:aws:iam::123456789012:role/replication',
        Rule: [
          {
            ID: 'all',
            Status: 'Enabled',
            Priority: '1',
            Filter: { Prefix: 'logs/' },
            DeleteMarkerReplication: { Status: 'Disabled' },
            Destination: { Bucket: 'arn:aws:s3:::BUCKET' },
          },
        ],
      },
    },
    none: 'ReplicationConfigurationNotFoundError',
    deletes: true,
    prepare: (storage, bucket) =>
      storage.bucketSetVersioning(bucket, { data: { VersioningConfiguration: { Status: 'Enabled' } } }),
  },
  {
    name: 'Analytics',
    id: 'one',
    document: {
      AnalyticsConfiguration: {
        Id: 'one',
        Filter: { Prefix: 'logs/' },
        StorageClassAnalysis: '',
      },
    },
    none: 'NoSuchConfiguration',
    deletes: true,
  },
  {
    name: 'IntelligentTiering',
    id: 'one',
    document: {
      IntelligentTieringConfiguration: {
        Id: 'one',
        Status: 'Enabled',
        Tiering: [{ AccessTier: 'ARCHIVE_ACCESS', Days: '90' }],
      },
    },
    none: 'NoSuchConfiguration',
    deletes: true,
  },
  {
    name: 'Inventory',
    id: 'one',
    document: {
      InventoryConfiguration: {
        Id: 'one',
        IsEnabled: 'true',
        Destination: { S3BucketDestination: { Format: 'CSV', Bucket: 'arn:aws:s3:::BUCKET' } },
        Schedule: { Frequency: 'Daily' },
        IncludedObjectVersions: 'All',
        OptionalFields: { Field: ['Size', 'ETag'] },
      },
    },
    none: 'NoSuchConfiguration',
    deletes: true,
  },
  {
    name: 'Metrics',
    id: 'one',
    document: { MetricsConfiguration: { Id: 'one', Filter: { Prefix: 'logs/' } } },
    none: 'NoSuchConfiguration',
    deletes: true,
  },
];

/** The methods of a family, which differ by its name alone. */
function methodsOf(storage: Storage, { name, id }: YoungFamily) {
  const methods = storage as unknown as Readonly<Record<string, (...args: unknown[]) => Promise<unknown>>>;
  const call = async (verb: string, bucket: string, options?: Options): Promise<unknown> =>
    methods[`bucket${verb}${name}`]?.(bucket, ...(id === undefined ? [] : [id]), options);
  return {
    get: (bucket: string) => call('Get', bucket),
    set: (bucket: string, data: object) => call('Set', bucket, { data }),
    delete: (bucket: string) => call('Delete', bucket),
    list: (bucket: string) =>
      (methods[`bucketList${name}`] as unknown as (name: string) => AsyncIterable<unknown>).call(
        storage,
        bucket,
      ),
  };
}

function replaceBucket<T>(data: T, bucket: string): T {
  return JSON.parse(JSON.stringify(data).replaceAll('BUCKET', bucket)) as T;
}

export function familyRows(suite: Suite): void {
  const lacks = suite.differences.lacks ?? {};

  describe.each(families.filter(({ name }) => lacks[name] === undefined))('$name', (family) => {
    const { name, none, prepare } = family;

    test('gives back what was set, and takes what it gave', async () => {
      const { storage } = suite.at;
      const bucket = await suite.at.bucket();
      await prepare?.(storage, bucket);
      const methods = methodsOf(storage, family);
      const document = replaceBucket(family.document, bucket);
      if (none !== undefined && lacks[`${name} without any`] === undefined)
        await expect(methods.get(bucket)).rejects.toMatchObject({ code: none, status: 404 });
      const refusal = suite.differences.refuses?.[`bucketSet${name}`];
      if (refusal !== undefined) {
        await expect(methods.set(bucket, document)).rejects.toMatchObject({ status: refusal.status });
        return;
      }
      await methods.set(bucket, document);
      const got = await methods.get(bucket);
      expect(got).toMatchObject(document);
      await methods.set(bucket, got as object);
      expect(await methods.get(bucket)).toEqual(got);
      if (family.id !== undefined) expect(await collect(methods.list(bucket))).toEqual([got]);
      if (family.deletes === undefined) return;
      await methods.delete(bucket);
      if (none !== undefined && lacks[`${name} without any`] === undefined)
        await expect(methods.get(bucket)).rejects.toMatchObject({ code: none, status: 404 });
      else expect(await methods.get(bucket).catch(() => undefined)).not.toEqual(got);
      expect(await storage.bucketExists(bucket)).toBe(true);
    });
  });

  const missing = families.filter(({ name }) => lacks[name] !== undefined);
  if (missing.length > 0) {
    test.each(missing)('$name, which it does not know, changes nothing', async (family) => {
      const { storage } = suite.at;
      const bucket = await suite.at.bucket();
      const methods = methodsOf(storage, family);
      const unknown = { name: 'StorageError', code: 'NotImplemented' };
      await expect(methods.get(bucket)).rejects.toMatchObject(unknown);
      await expect(methods.set(bucket, family.document)).rejects.toMatchObject(unknown);
      if (family.deletes) await expect(methods.delete(bucket)).rejects.toMatchObject(unknown);
      expect(await storage.bucketExists(bucket)).toBe(true);
    });
  }

  test('PolicyStatus tells whether the policy makes the bucket public', async () => {
    const { storage } = suite.at;
    const bucket = await suite.at.bucket();
    const Resource = `arn:aws:s3:::${bucket}/*`;
    const data = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource }],
    };
    await storage.bucketSetPolicy(bucket, { data });
    const { PolicyStatus } = await storage.bucketGetPolicyStatus(bucket);
    expect(JSON.stringify(PolicyStatus).toLowerCase()).toBe('{"ispublic":"true"}');
  });

  test('what is Amazon’s alone is refused elsewhere, before any request', async () => {
    const { storage } = suite.at;
    const bucket = await suite.at.bucket();
    const unknown = { name: 'StorageError', code: 'NotImplemented' };
    await expect(storage.bucketDeleteMetadata(bucket)).rejects.toMatchObject(unknown);
    await expect(storage.bucketDeleteMetadataTable(bucket)).rejects.toMatchObject(unknown);
    expect(await storage.bucketExists(bucket)).toBe(true);
  });
}
