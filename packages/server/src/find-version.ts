import { maySeeKeys } from './authorize.ts';
import type { Context } from './context.ts';
import { s3Error } from './errors.ts';
import { keyRecord, versionById } from './object-versions.ts';
import type { BucketRecord, ObjectVersion } from './records.ts';

/**
 * The version that a request names, or the latest.
 *
 * @param source - name and version id; the request's own by default
 * @throws {S3Error} `NoSuchKey`, `NoSuchVersion`, `MethodNotAllowed` for a delete marker
 */
export function findVersion(
  context: Context,
  bucket: BucketRecord,
  source: { key: string; versionId: string | undefined } = {
    key: context.key,
    versionId: context.query.get('versionId'),
  },
): ObjectVersion {
  const { key, versionId } = source;
  const { index } = context.store;
  if (versionId === undefined) {
    const version = keyRecord(index, bucket.id, key)?.current;
    if (version && !version.deleteMarker) return version;
    if (!maySeeKeys(context, bucket)) throw s3Error('AccessDenied');
    throw s3Error('NoSuchKey', {
      members: { Key: key },
      headers: version ? { 'x-amz-delete-marker': 'true', 'x-amz-version-id': version.versionId } : {},
    });
  }
  const version = versionById(index, bucket.id, key, versionId);
  if (!version) {
    throw s3Error('NoSuchVersion', { members: { Key: key, VersionId: versionId } });
  }
  if (version.deleteMarker) {
    throw s3Error('MethodNotAllowed', {
      members: { Method: context.method, ResourceType: 'DeleteMarker' },
      headers: {
        allow: 'DELETE',
        'x-amz-delete-marker': 'true',
        'x-amz-version-id': versionId,
        'last-modified': new Date(version.modifiedAt).toUTCString(),
      },
    });
  }
  return version;
}

/** `x-amz-version-id`, where versioning was ever set. */
export function versionHeader(bucket: BucketRecord, version: { versionId: string }): Record<string, string> {
  return bucket.versioning ? { 'x-amz-version-id': version.versionId } : {};
}
