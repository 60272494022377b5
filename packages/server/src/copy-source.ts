import { checkExpectedOwner, demandPermission } from './authorize.ts';
import { readConditions } from './conditions.ts';
import { type Context, requestBucket } from './context.ts';
import { checkCustomerKey } from './customer-key.ts';
import { invalidArgument, s3Error } from './errors.ts';
import { findVersion } from './find-version.ts';
import { checkNotArchived } from './object-attributes.ts';
import { readPermission } from './permissions.ts';
import type { BucketRecord, ObjectVersion } from './records.ts';
import { checkKeyLength, checkVersionId, decode } from './request-target.ts';

/** What of a copy's source the request names. */
export interface CopySource {
  bucket: BucketRecord;
  key: string;
  version: ObjectVersion;
}

/**
 * The source of a copy, its conditions checked.
 *
 * @throws {S3Error} `InvalidArgument`, `NoSuchKey` and the like, `PreconditionFailed`
 */
export function copySource(context: Context): CopySource {
  const header = context.headers['x-amz-copy-source'] ?? '';
  // The version id stands outside of the encoding, so a `?` of the key is escaped.
  const [, path = '', rawVersionId] = /^\/?([^?]*)(?:\?versionId=(.*))?$/.exec(header) ?? [];
  const decoded = decode(path);
  const slash = decoded.indexOf('/');
  if (slash < 1 || slash === decoded.length - 1) {
    throw invalidArgument(
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
      'x-amz-copy-source',
      header,
    );
  }
  const key = decoded.slice(slash + 1);
  checkKeyLength(key);
  const bucket = requestBucket(context, decoded.slice(0, slash));
  const versionId = rawVersionId === undefined ? undefined : decode(rawVersionId);
  if (versionId !== undefined) checkVersionId(versionId);
  checkExpectedOwner(context, bucket, 'x-amz-source-expected-bucket-owner');
  demandPermission(context, readPermission, { bucket, key, versionId });
  const version = findVersion(context, bucket, { key, versionId });
  checkCustomerKey(context.headers, version, 'x-amz-copy-source-');
  checkNotArchived(version, context.now().getTime());
  const result = readConditions(context.headers, version, 'x-amz-copy-source-');
  if (result.status !== 200)
    throw s3Error('PreconditionFailed', { members: { Condition: result.condition } });
  return { bucket, key, version };
}
