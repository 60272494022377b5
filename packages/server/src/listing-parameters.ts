import type { Context } from './context.ts';
import { isDirectoryBucketName } from './directory-buckets.ts';
import { invalidArgument, s3Error } from './errors.ts';

/** The parameters that all listings share. */
export interface ListingParameters {
  prefix: string;
  /** Empty: none. */
  delimiter: string;
  /** Entries on the page, at most. */
  maximum: number;
  /** Writes a key as the client asked for it. */
  encode: (text: string) => string;
  encodingType: 'url' | undefined;
}

/**
 * Reads the parameters of a listing.
 *
 * @param maximumName - `max-keys`, `max-uploads` or `max-parts`
 * @throws {S3Error} `InvalidArgument`, `InvalidRequest`
 */
export function listingParameters(
  { bucket, query, limits }: Context,
  maximumName: string,
): ListingParameters {
  const encodingType = query.get('encoding-type');
  if (encodingType !== undefined && encodingType !== 'url') {
    throw invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', encodingType);
  }
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  if (isDirectoryBucketName(bucket)) checkDirectories(prefix, delimiter);
  return {
    prefix,
    delimiter,
    maximum: countParameter(query, maximumName, limits.maximumListKeys),
    encode: encodingType === undefined ? (text) => text : encodeKey,
    encodingType,
  };
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-differences.html} */
function checkDirectories(prefix: string, delimiter: string): void {
  if (prefix !== '' && !prefix.endsWith('/')) {
    throw s3Error('InvalidRequest', {
      message:
        'This bucket does not support a prefix that does not end in a delimiter. Specify a prefix path ending with a delimiter and try again.',
    });
  }
  if (delimiter !== '' && delimiter !== '/') {
    throw s3Error('InvalidRequest', { message: 'This bucket does not support a delimiter other than /.' });
  }
}

/**
 * A count, cut to what S3 gives at most.
 *
 * @throws {S3Error} `InvalidArgument`
 */
export function countParameter(
  query: ReadonlyMap<string, string>,
  name: string,
  maximum: number,
  standard: number = maximum,
): number {
  const text = query.get(name);
  if (text === undefined || text === '') return standard;
  if (!/^\d+$/.test(text) || Number(text) > 2_147_483_647) {
    throw invalidArgument(`Argument ${name} must be an integer between 0 and 2147483647`, name, text);
  }
  return Math.min(Number(text), maximum);
}

/** A key in a listing with encoding-type=url: as in a form, but the slash stays. */
function encodeKey(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%2F', '/')
    .replaceAll('%20', '+');
}
