import { type Context, sameBucket } from './context.ts';
import { s3Error } from './errors.ts';
import { findVersion, versionHeader } from './find-version.ts';
import { replaceVersion, versionById } from './object-versions.ts';
import type { BucketRecord, ObjectVersion } from './records.ts';

/**
 * Changes what a version carries besides its bytes; gives the header that names it.
 *
 * @throws {S3Error} `NoSuchKey`, or what `edit` throws
 */
export async function changeVersion(
  context: Context,
  bucket: BucketRecord,
  edit: (version: ObjectVersion) => ObjectVersion,
): Promise<Record<string, string>> {
  const { versionId } = findVersion(context, bucket);
  await context.store.commit((transaction) => {
    sameBucket(transaction, bucket);
    const version = versionById(transaction, bucket.id, context.key, versionId);
    if (!version || version.deleteMarker) throw s3Error('NoSuchKey', { members: { Key: context.key } });
    replaceVersion(transaction, bucket.id, context.key, edit(version));
    return { value: undefined, garbage: [] };
  });
  return versionHeader(bucket, { versionId });
}
