import type { Context } from './context.ts';
import { invalidArgument } from './errors.ts';

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
 * @throws {S3Error} `InvalidArgument`
 */
export function listingParameters({ query, limits }: Context, maximumName: string): ListingParameters {
  const encodingType = query.get('encoding-type');
  if (encodingType !== undefined && encodingType !== 'url') {
    throw invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', encodingType);
  }
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    maximum: countParameter(query, maximumName, limits.maximumListKeys),
    encode: encodingType === undefined ? (text) => text : encodeKey,
    encodingType,
  };
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
