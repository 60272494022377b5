import { S3Version, type Storage, type StorageError } from '@s3kit/core';
import type { Result } from './output.ts';
import { folderPrefix, type S3Location } from './s3-uri.ts';

/**
 * The versions of one key, or of all that a wildcard means or that are below a folder, and the markers of deletions: of each key
 * from the newest to the oldest.
 *
 * @param isFolder - whether the location is a folder's, though it does not end in a slash
 */
export async function* versionsOf(
  storage: Storage,
  { bucket, key, wildcard }: S3Location,
  isFolder: boolean,
  signal: AbortSignal,
): AsyncGenerator<S3Version, void, undefined> {
  if (wildcard !== undefined) {
    for await (const version of versionsBelow(storage, bucket, key, signal))
      if (wildcard.matches(version.key.slice(wildcard.folder.length))) yield version;
  } else if (isFolder) {
    yield* versionsBelow(storage, bucket, folderPrefix(key), signal);
  } else {
    for await (const version of versionsBelow(storage, bucket, key, signal)) {
      // Keys that go on behind it come after it.
      if (version.key !== key) return;
      yield version;
    }
  }
}

/** All versions of the keys that begin with a prefix. */
export async function* versionsBelow(
  storage: Storage,
  bucket: string,
  prefix: string,
  signal: AbortSignal,
): AsyncGenerator<S3Version, void, undefined> {
  for await (const entry of storage.bucketListVersions(bucket, { prefix, signal }))
    if (entry instanceof S3Version) yield entry;
}

/** A version, and why it could not be deleted. */
export interface DeletedVersion {
  readonly version: S3Version;
  readonly error: StorageError | undefined;
}

/**
 * Deletes versions for good, a thousand in a request; gives what became of each, in their order.
 *
 * @param isPlanned - whether nothing is to be done yet
 */
export async function* deleteVersions(
  storage: Storage,
  bucket: string,
  versions: AsyncIterable<S3Version>,
  { isPlanned = false, signal }: { readonly isPlanned?: boolean; readonly signal: AbortSignal },
): AsyncGenerator<DeletedVersion, void, undefined> {
  if (isPlanned) {
    for await (const version of versions) yield { version, error: undefined };
    return;
  }
  const underWay: S3Version[] = [];
  async function* named(): AsyncGenerator<{ key: string; bucket: string; versionId: string }> {
    for await (const version of versions) {
      const { key, versionId } = version;
      underWay.push(version);
      yield { key, bucket, versionId };
    }
  }
  for await (const { error } of storage.deleteMany(named(), { signal })) {
    const version = underWay.shift();
    if (version !== undefined) yield { version, error };
  }
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
