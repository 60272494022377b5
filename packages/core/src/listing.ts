import type { XmlObject } from '@s3kit/xml/light';
import { childOf, elementsIn, isElement, textIn } from './elements.ts';
import { type QueryPairs, type QueryParameters, queryPairs } from './query.ts';
import { S3Key } from './values.ts';

/** The tags of listings that are lists, however often they stand there. */
export const listingLists: readonly string[] = [
  'ListBucketResult/Contents',
  'ListBucketResult/CommonPrefixes',
  'Buckets/Bucket',
];

/** What of a bucket is to be listed. */
export interface ListKeysOptions {
  /** Keys that share what stands up to the first of these after the prefix come out as one common prefix. */
  readonly delimiter?: string | undefined;
  /** Only keys that begin with this. */
  readonly prefix?: string | undefined;
  /** Further parameters of S3's; `delimiter` and `prefix` beside it win over those in it. */
  readonly params?: QueryParameters | undefined;
}

/** One page of a listing. */
export interface ListingPage {
  readonly keys: readonly S3Key[];
  readonly commonPrefixes: readonly string[];
  /** The parameters of the next page; undefined on the last. */
  readonly next: Readonly<Record<string, string>> | undefined;
}

/**
 * The parameters of a listing's first page.
 *
 * Names come URL-encoded, as XML cannot carry them all; with their owners; and by ListObjectsV2, unless a `marker` shows
 * that the caller means the first version.
 */
export function firstPage({
  delimiter,
  prefix,
  params = {},
}: ListKeysOptions): Readonly<Record<string, string>> {
  const given: QueryPairs = queryPairs(params);
  const isFirstVersion = given.some(([name]) => name === 'marker');
  return {
    ...(isFirstVersion ? {} : { 'list-type': '2', 'fetch-owner': 'true' }),
    ...Object.fromEntries(given),
    ...(delimiter === undefined ? {} : { delimiter }),
    ...(prefix === undefined ? {} : { prefix }),
    'encoding-type': 'url',
  };
}

/**
 * Reads a page of a listing.
 *
 * @throws {Error} the page says that there is more, but not from where: to go on would lose keys, or never end
 */
export function readPage(document: XmlObject, params: Readonly<Record<string, string>>): ListingPage {
  const result = childOf(document, 'ListBucketResult');
  if (!isElement(result)) throw new Error('S3 answered a listing with something else');
  const decode = textIn(result, 'EncodingType') === 'url' ? decodeName : (name: string): string => name;
  const keys = elementsIn(result, 'Contents').map(
    (element) => new S3Key({ ...element, Key: decode(textIn(element, 'Key') ?? '') }),
  );
  const commonPrefixes = elementsIn(result, 'CommonPrefixes').map((element) =>
    decode(textIn(element, 'Prefix') ?? ''),
  );
  if ((textIn(result, 'IsTruncated') ?? '') !== 'true') return { keys, commonPrefixes, next: undefined };

  const isFirstVersion = params['list-type'] !== '2';
  const name = isFirstVersion ? 'marker' : 'continuation-token';
  // The first version gives a marker only with a delimiter; without one, it is the last key.
  const from = isFirstVersion
    ? decode(textIn(result, 'NextMarker') ?? '') || keys.at(-1)?.key || ''
    : (textIn(result, 'NextContinuationToken') ?? '');
  if (from === '') throw new Error('S3 says that the listing goes on, but not from where');
  if (from === params[name]) throw new Error('S3 says that the listing goes on from where this page began');
  return { keys, commonPrefixes, next: { ...params, [name]: from } };
}

/** Decodes a name that came with `encoding-type=url`: UTF-8, percent-encoded, a plus sign for a space. */
export function decodeName(encoded: string): string {
  // Most names stand there as they are.
  return /[%+]/.test(encoded) ? decodeURIComponent(encoded.replaceAll('+', ' ')) : encoded;
}
