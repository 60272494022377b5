import type { Storage } from '@s3kit/core';
import { ask, documentIn, elementsOf, textOf } from './ask.ts';
import type { Result } from './output.ts';

/** A version of an object, or the marker that it was deleted. */
export interface Version {
  readonly key: string;
  readonly versionId: string;
  readonly isLatest: boolean;
  readonly isMarker: boolean;
  /** Bytes; null for a marker. */
  readonly size: number | null;
  readonly modified: Date;
  /** The same for `--json`. */
  readonly fields: Pick<Result, 'type' | 'size' | 'modified'> & Readonly<Record<string, unknown>>;
}

/** All versions of the keys that begin with a prefix: by key, then from the newest to the oldest. */
export async function* listVersions(
  storage: Storage,
  bucket: string,
  prefix: string,
  signal: AbortSignal,
): AsyncGenerator<Version, void, undefined> {
  let from: Record<string, string> | undefined = {};
  while (from !== undefined) {
    const query: Record<string, string> = { versions: '', prefix, 'encoding-type': 'url', ...from };
    const response = await ask(storage, 'ListObjectVersions', { method: 'GET', bucket, query, signal });
    const page = documentIn(response, 'ListVersionsResult', [
      'ListVersionsResult/Version',
      'ListVersionsResult/DeleteMarker',
    ]);
    const found = [
      ...elementsOf(page, 'Version').map((element) => versionOf(element, false)),
      ...elementsOf(page, 'DeleteMarker').map((element) => versionOf(element, true)),
    ];
    yield* found.sort(byKeyThenAge);
    const next: Record<string, string> = {
      'key-marker': decoded(textOf(page, 'NextKeyMarker')),
      'version-id-marker': textOf(page, 'NextVersionIdMarker'),
    };
    if (textOf(page, 'IsTruncated') !== 'true') return;
    if (next['key-marker'] === '' || JSON.stringify(next) === JSON.stringify(from))
      throw new Error('S3 says that the listing of versions goes on, but not from where');
    from = next;
  }
}

function versionOf(element: Parameters<typeof textOf>[0], isMarker: boolean): Version {
  const versionId = textOf(element, 'VersionId');
  const isLatest = textOf(element, 'IsLatest') === 'true';
  const modified = new Date(textOf(element, 'LastModified'));
  const size = isMarker ? null : Number(textOf(element, 'Size'));
  const type = isMarker ? 'delete-marker' : 'version';
  return {
    key: decoded(textOf(element, 'Key')),
    versionId,
    isLatest,
    isMarker,
    size,
    modified,
    fields: { type, size, modified: modified.toISOString(), versionId, isLatest },
  };
}

function byKeyThenAge(a: Version, b: Version): number {
  const order = Buffer.compare(Buffer.from(a.key), Buffer.from(b.key));
  if (order !== 0) return order;
  if (a.isLatest !== b.isLatest) return a.isLatest ? -1 : 1;
  return b.modified.getTime() - a.modified.getTime();
}

function decoded(name: string): string {
  return decodeURIComponent(name.replaceAll('+', ' '));
}
