import { S3Name, S3Version, type Storage } from '@s3kit/core';
import type { Result } from './output.ts';

/** All versions of the keys that begin with a prefix, and the markers of deletions: of each key from the newest to the oldest. */
export async function* versionsBelow(
  storage: Storage,
  bucket: string,
  prefix: string,
  signal: AbortSignal,
): AsyncGenerator<S3Version, void, undefined> {
  for await (const entry of storage.bucketListVersions(bucket, { prefix, signal }))
    if (entry instanceof S3Version) yield entry;
}

/** What `--json` tells of a version. */
export function versionFields(
  version: S3Version,
): Pick<Result, 'type' | 'size' | 'modified'> & Readonly<Record<string, unknown>> {
  const { isDeleteMarker, bytes, modifiedAt, versionId, isLatest } = version;
  return {
    type: isDeleteMarker ? 'delete-marker' : 'version',
    size: isDeleteMarker ? null : bytes,
    modified: modifiedAt.toISOString(),
    versionId,
    isLatest,
  };
}

/** The object that a version is one of. */
export function nameOf(bucket: string, { key }: Pick<S3Version, 'key'>): S3Name {
  return new S3Name(key, bucket);
}
