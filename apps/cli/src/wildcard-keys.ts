import { S3Key, type Storage } from '@s3kit/core';
import type { S3Location } from './s3-uri.ts';

/** The objects that a wildcard means, each with its name below the wildcard's folder. */
export async function* wildcardKeys(
  storage: Storage,
  { bucket, key: prefix, wildcard }: S3Location,
  signal: AbortSignal,
): AsyncGenerator<{ readonly entry: S3Key; readonly name: string }, void, undefined> {
  if (wildcard === undefined) return;
  const listed = wildcard.isDeep ? {} : { delimiter: '/' };
  for await (const entry of storage.bucketListKeys(bucket, { prefix, ...listed, signal })) {
    if (!(entry instanceof S3Key)) continue;
    const name = entry.key.slice(wildcard.folder.length);
    if (wildcard.matches(name)) yield { entry, name };
  }
}
