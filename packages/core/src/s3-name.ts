import type { Connection } from './connection.ts';
import { isBucketName, isKey } from './well-formed.ts';

/**
 * The name of an object: a key, and the bucket that holds it.
 *
 * Without a bucket, the connection's default bucket is meant.
 */
export class S3Name {
  readonly key: string;
  readonly bucket: string | undefined;

  constructor(key: string, bucket?: string | null) {
    this.key = key;
    this.bucket = bucket ?? undefined;
  }
}

/** A remote name: a key of the default bucket, or an `S3Name`. */
export type RemoteName = string | S3Name;

/** A remote name of which both halves are known and well-formed. */
export interface ObjectName {
  readonly bucket: string;
  readonly key: string;
}

/**
 * Completes a remote name with the connection's default bucket.
 *
 * @throws {TypeError} what `resolveName` throws, which is loaded where there is something wrong
 */
export async function nameOf(name: RemoteName, { defaultBucket }: Connection): Promise<ObjectName> {
  const { key, bucket = defaultBucket } = typeof name === 'object' ? name : new S3Name(name);
  return isBucketName(bucket) && isKey(key)
    ? { bucket, key }
    : (await import('./resolve-name.ts')).resolveName(name, defaultBucket);
}
