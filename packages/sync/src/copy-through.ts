import type { ProgressListener, RequestHeaders, S3Name, Storage } from '@s3kit/core';
import { asciiHeaders } from './ascii-headers.ts';
import { carriedTags } from './carried-tags.ts';

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
  /** Parts that are under way at a time. @default as the destination's connection has it */
  readonly concurrency?: number | undefined;
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

const tagsDirective = 'x-amz-tagging-directive';

/**
 * Copies an object through this machine, between services that do not reach each other. What becomes of its properties is what
 * CopyObject would make of them within a service, as `Storage.copy` asks for it:
 *
 * - Content type, cache control and the like come from the source unless given; so does the metadata, but all of it, or none where
 *   any is given. What of them is not ASCII goes in the form in which S3 takes it.
 * - Tags come from the source, unless `x-amz-tagging` gives others, or `x-amz-tagging-directive: REPLACE` says that there are to be none.
 *   Of an object whose tags the keys may not read, S3 does not tell that it has any.
 * - Storage class, encryption and rights are those that the destination gives to what is new, unless given.
 *
 * @returns how many bytes it has, where the service tells
 * @throws {StorageError} one of the two services refused, or could not be reached
 * @throws {Error} the source has tags, and they cannot be read
 */
export async function copyThrough(
  source: StoredObject,
  destination: StoredObject,
  {
    headers: given = {},
    versionId,
    sourceIfMatch,
    concurrency,
    onProgress,
    ...options
  }: CopyThroughOptions = {},
): Promise<number | undefined> {
  const { [tagsDirective]: directive, ...wanted } = lowerCased(given);
  const { body, headers, metadata, size } = await source.storage.readStream(source.name, {
    versionId,
    ifMatch: sourceIfMatch,
    ...options,
  });
  const content = Object.fromEntries(carriedHeaders.map((name) => [name, headers[name]]));
  const keepsMetadata = !Object.keys(wanted).some((name) => name.startsWith('x-amz-meta-'));
  const keepsTags = wanted['x-amz-tagging'] === undefined && directive !== 'REPLACE';
  const hasTags = Number(headers['x-amz-tagging-count'] ?? 0) > 0;
  try {
    const tags = keepsTags && hasTags ? await carriedTags(source, { versionId, ...options }) : undefined;
    await destination.storage.write(body, destination.name, {
      headers: { ...asciiHeaders({ ...content, ...(keepsMetadata ? metadata : {}) }), ...wanted },
      tags,
      expectedSize: size,
      concurrency,
      onProgress,
      ...options,
    });
  } catch (error) {
    // Where nobody has begun to read it, its connection would stay open.
    await body[Symbol.asyncIterator]().return?.();
    throw error;
  }
  return size;
}

function lowerCased(headers: RequestHeaders): RequestHeaders {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name.toLowerCase(), value]),
  );
}
