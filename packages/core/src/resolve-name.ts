import { invalidArgument } from './errors.ts';
import { checkName } from './names.ts';
import { type ObjectName, type RemoteName, S3Name } from './s3-name.ts';

/**
 * Completes a remote name with the default bucket, and checks both halves.
 *
 * @throws {TypeError} no bucket anywhere, or a malformed bucket or key
 */
export function resolveName(name: RemoteName, defaultBucket: string | undefined): ObjectName {
  const { key, bucket = defaultBucket } = typeof name === 'object' ? name : new S3Name(name);
  if (bucket === undefined) {
    throw invalidArgument(
      `no bucket for the key ${JSON.stringify(key)}: give an S3Name with a bucket, or set the connection's default bucket`,
    );
  }
  // Types do not keep everybody from one that is not set.
  if (key === undefined) throw invalidArgument('the key must be a string, not undefined');
  checkName(bucket, key);
  return { bucket, key };
}
