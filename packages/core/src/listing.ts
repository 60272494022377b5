import type { XmlObject } from '@s3kit/xml/light';
import { childOf, elementsIn, isElement, textIn } from './elements.ts';
import { type QueryPairs, type QueryParameters, queryPairs } from './query.ts';
import { BucketS3Request } from './requests/bucket.ts';
import type { SendOptions } from './requests/s3-request.ts';
import { readXml } from './responses.ts';
import type { StorageCalls } from './storage-calls.ts';
import { S3Bucket, S3Key } from './values.ts';

/** The tags of listings that are lists, however often they stand there. */
export const listingLists: readonly string[] = [
  'ListBucketResult/Contents',
  'ListBucketResult/CommonPrefixes',
  'Buckets/Bucket',
];

/** What `bucketList` takes. */
export interface BucketListOptions {
  /** Only buckets whose names begin with this. */
  readonly prefix?: string | undefined;
  /** Only buckets in this region. @default all */
  readonly region?: string | undefined;
  /** Most buckets of a page, 1 to 10,000. @default S3 sends all in one */
  readonly maxBuckets?: number | undefined;
}

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
  const result = listingIn(document, 'ListBucketResult');
  const decode = textIn(result, 'EncodingType') === 'url' ? decodeName : (name: string): string => name;
  const keys = elementsIn(result, 'Contents').map((element) => {
    // Nobody else has it: to copy it would take as long as to read it.
    element['Key'] = decode(textIn(element, 'Key') ?? '');
    return new S3Key(element);
  });
  const commonPrefixes = elementsIn(result, 'CommonPrefixes').map((element) =>
    decode(textIn(element, 'Prefix') ?? ''),
  );
  if (textIn(result, 'IsTruncated') !== 'true') return { keys, commonPrefixes, next: undefined };

  const isFirstVersion = params['list-type'] !== '2';
  const name = isFirstVersion ? 'marker' : 'continuation-token';
  // The first version gives a marker only with a delimiter; without one, it is the last key.
  const from = isFirstVersion
    ? decode(textIn(result, 'NextMarker') ?? '') || keys.at(-1)?.key
    : textIn(result, 'NextContinuationToken');
  return { keys, commonPrefixes, next: { ...params, [name]: nextFrom(from, params[name]) } };
}

function nextFrom(from: string | undefined, before: unknown): string {
  if (!from || from === before)
    throw new Error('S3 says that the listing goes on, but not from where, or from where this page began');
  return from;
}

function listingIn(document: XmlObject, root: string): XmlObject {
  const result = childOf(document, root);
  if (!isElement(result)) throw new Error('S3 sent no listing');
  return result;
}

/** Decodes a name that came with `encoding-type=url`: UTF-8, percent-encoded, a plus sign for a space. */
export function decodeName(encoded: string): string {
  // Most names stand there as they are.
  return /[%+]/.test(encoded) ? decodeURIComponent(encoded.replaceAll('+', ' ')) : encoded;
}

/** What `Storage.bucketList` gives. */
export async function* listBuckets(
  storage: StorageCalls,
  options: BucketListOptions & SendOptions,
): AsyncGenerator<readonly S3Bucket[], void, undefined> {
  const { prefix, region, maxBuckets, signal } = options;
  const first = { prefix, 'bucket-region': region, 'max-buckets': maxBuckets };
  let params: Readonly<Record<string, string | number | undefined>> | undefined = first;
  while (params !== undefined) {
    const query: Readonly<Record<string, string | number | undefined>> = params;
    const document: XmlObject = await storage.call(
      'bucketList',
      (connection) => new BucketS3Request(connection, { method: 'GET', bucket: null, params: query }),
      (result) => readXml(result, listingLists),
      { signal },
    );
    const result = listingIn(document, 'ListAllMyBucketsResult');
    const page: S3Bucket[] = [];
    for (const element of elementsIn(childOf(result, 'Buckets'), 'Bucket')) {
      const bucket = new S3Bucket(element);
      // Ceph overlooks both parameters (seen with 16.2), and tells no region.
      if (region !== undefined && bucket.region === '')
        throw new Error('the service does not tell the regions of its buckets');
      if (bucket.name.startsWith(prefix ?? '') && (region ?? bucket.region) === bucket.region)
        page.push(bucket);
    }
    yield page;
    const token = textIn(result, 'ContinuationToken');
    params = token
      ? { ...first, 'continuation-token': nextFrom(token, query['continuation-token']) }
      : undefined;
  }
}

/** What `Storage.bucketListKeys` gives. */
export async function* listKeys(
  storage: StorageCalls,
  bucket: string,
  options: ListKeysOptions & SendOptions,
): AsyncGenerator<readonly (S3Key | string)[], void, undefined> {
  const commonPrefixes: string[] = [];
  let params: Readonly<Record<string, string>> | undefined = firstPage(options);
  while (params !== undefined) {
    const query: Readonly<Record<string, string>> = params;
    const page = await storage.call(
      'bucketListKeys',
      (connection) => new BucketS3Request(connection, { method: 'GET', bucket, params: query }),
      async (result) => readPage(await readXml(result, listingLists), query),
      { signal: options.signal },
    );
    yield page.keys;
    commonPrefixes.push(...page.commonPrefixes);
    params = page.next;
  }
  if (commonPrefixes.length > 0) yield commonPrefixes;
}
