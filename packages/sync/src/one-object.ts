import { isStorageError, type ObjectHead, S3Name } from '@s3kit/core';
import type { CopyThroughOptions, StoredObject } from './copy-through.ts';
import type { RemotePlace } from './place.ts';
import { sameETag } from './same-e-tag.ts';

/** A bucket, as one of those who reach it calls it. */
type NamedBucket = Pick<RemotePlace, 'storage' | 'bucket'>;

/** Which version is looked at; and the end of all waiting. */
type ReadOptions = Pick<CopyThroughOptions, 'versionId' | 'signal'>;

/** Whether two buckets are certain to be one: they have one name, at one host. */
export function isSurelyOneBucket(one: NamedBucket, other: NamedBucket): boolean {
  return one.bucket === other.bucket && one.storage.connection.endpoint === other.storage.connection.endpoint;
}

/**
 * Whether two objects are one, or nobody could tell that they are two: then what is written to the one is not to be followed by a
 * deletion of the other.
 *
 * A service may have many hosts, and a bucket many access points. So where the names do not say it, both objects are looked at.
 * They are two where the second is not there, or differs, while the first is what it was before.
 *
 * @param versionId - the version of the first that is meant
 * @throws {StorageError} the first is not there, or one of the two cannot be looked at
 */
export async function isOneObject(
  one: StoredObject,
  other: StoredObject,
  { versionId, signal }: ReadOptions = {},
): Promise<boolean> {
  const bucket = bucketOf(one);
  const otherBucket = bucketOf(other);
  if (one.name.key !== other.name.key || !mayBeOneBucket(bucket, otherBucket)) return false;
  if (isSurelyOneBucket(bucket, otherBucket)) return true;
  const before = await headOf(one, { versionId, signal });
  const there = await headOf(other, { signal }).catch(unlessMissing);
  const after = await headOf(one, { versionId, signal });
  // Of what is written just now, a difference says nothing.
  return !isAlike(before, after) || (there !== undefined && isAlike(before, there));
}

/**
 * Whether two places lie in one bucket, by the first object of the one; false where there is none.
 *
 * @throws {StorageError} the source cannot be listed, or the object cannot be looked at
 */
export async function areInOneBucket(
  { storage, bucket, prefix }: RemotePlace,
  other: RemotePlace,
  signal?: AbortSignal,
): Promise<boolean> {
  if (!mayBeOneBucket({ storage, bucket }, other)) return false;
  for await (const found of storage.bucketListKeys(bucket, { prefix, params: { 'max-keys': '1' }, signal })) {
    if (typeof found !== 'object') continue;
    const { key } = found;
    return isOneObject(
      { storage, name: new S3Name(key, bucket) },
      { storage: other.storage, name: new S3Name(key, other.bucket) },
      { signal },
    );
  }
  return false;
}

/** Whether the names leave it open. That of an access point says nothing of its bucket's. */
export function mayBeOneBucket(one: NamedBucket, other: NamedBucket): boolean {
  return one.bucket === other.bucket || isAccessPoint(one.bucket) || isAccessPoint(other.bucket);
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-naming.html} */
function isAccessPoint(bucket: string): boolean {
  return bucket.startsWith('arn:') || /-s3alias$|--(?:op|ol|xa)-s3$/.test(bucket);
}

function bucketOf({ storage, name }: StoredObject): NamedBucket {
  return { storage, bucket: name.bucket ?? storage.connection.defaultBucket ?? '' };
}

async function headOf({ storage, name }: StoredObject, options: ReadOptions): Promise<ObjectHead> {
  return storage.head(name, options);
}

function unlessMissing(error: unknown): undefined {
  if (!isStorageError(error) || error.status !== 404) throw error;
}

/** Whether nothing that is known of both tells them apart. */
function isAlike(one: ObjectHead, other: ObjectHead): boolean {
  return (
    one.size === other.size &&
    isSameOrUnknown(one.lastModified?.getTime(), other.lastModified?.getTime()) &&
    isSameOrUnknown(one.versionId, other.versionId) &&
    (one.eTag === undefined || other.eTag === undefined || sameETag(one.eTag, other.eTag))
  );
}

function isSameOrUnknown<T>(one: T | undefined, other: T | undefined): boolean {
  return one === undefined || other === undefined || one === other;
}
