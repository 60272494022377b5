import type { ProgressListener, RequestHeaders, S3Name, Storage } from '@s3kit/core';
import { asciiHeaders } from './ascii-headers.ts';

/** An object, and the service that has it. */
export interface StoredObject {
  readonly storage: Storage;
  readonly name: S3Name;
}

/** What `copyThrough` takes. */
export interface CopyThroughOptions {
  /** Request headers for the copy; they go before what is carried over. */
  readonly headers?: RequestHeaders | undefined;
  /** The source's version that is copied. @default the latest */
  readonly versionId?: string | undefined;
  /** Only while the source has this ETag. */
  readonly sourceIfMatch?: string | undefined;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Headers of an object that belong to its content. */
const carriedHeaders = [
  'content-type',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'expires',
];

/**
 * Copies an object through this machine, between services that do not reach each other. Metadata, content type, cache control and the
 * like come from the source unless given; what of them is not ASCII, in the form in which S3 takes it.
 *
 * @returns how many bytes it has, where the service tells
 * @throws {StorageError} one of the two services refused, or could not be reached
 */
export async function copyThrough(
  source: StoredObject,
  destination: StoredObject,
  { headers: given = {}, versionId, sourceIfMatch, onProgress, ...options }: CopyThroughOptions = {},
): Promise<number | undefined> {
  const { body, headers, metadata, size } = await source.storage.readStream(source.name, {
    versionId,
    ifMatch: sourceIfMatch,
    ...options,
  });
  const carried = carriedHeaders.map((name) => [name, headers[name]] as const);
  await destination.storage.write(body, destination.name, {
    headers: { ...asciiHeaders({ ...Object.fromEntries(carried), ...metadata }), ...given },
    expectedSize: size,
    onProgress,
    ...options,
  });
  return size;
}
