import { parseXml, type XmlObject } from '@s3kit/xml/light';
import type { S3Call } from './connection.ts';
import { childOf, elementsIn, isElement, textIn } from './elements.ts';
import type { RequestHeaders } from './headers.ts';
import { decodeName } from './listing.ts';
import { type QueryParameters, queryPairs } from './query.ts';
import { RawS3Request } from './requests/raw.ts';
import type { StorageCalls } from './storage-calls.ts';
import { S3Upload, S3UploadedPart, S3Version } from './values.ts';

type Decode = (name: string) => string;

/** A listing that comes in pages, and how it is read. */
export interface PagedListing<T> {
  readonly root: string;
  readonly lists: readonly string[];
  /** The parameters that say where a page begins, each with the tag that gives it for the next page. */
  readonly markers: Readonly<Record<string, string>>;
  /** @param text - the page as it came: an object does not keep the order of tags of different names */
  read(page: XmlObject, decode: Decode, text: string): readonly T[];
}

/** What a paged listing is asked with. */
export interface PageRequest {
  readonly operation: string;
  readonly bucket: string;
  readonly key?: string | undefined;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly params: QueryParameters | undefined;
  readonly headers: RequestHeaders;
  readonly signal: AbortSignal | undefined;
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html} */
export const versionListing: PagedListing<S3Version | string> = {
  root: 'ListVersionsResult',
  lists: [
    'ListVersionsResult/Version',
    'ListVersionsResult/DeleteMarker',
    'ListVersionsResult/CommonPrefixes',
  ],
  markers: { 'key-marker': 'NextKeyMarker', 'version-id-marker': 'NextVersionIdMarker' },
  read(page, decode, text) {
    const read = (tag: string): S3Version[] =>
      elementsIn(page, tag).map((element) => new S3Version(decoded(element, decode), tag === 'DeleteMarker'));
    const objects = read('Version');
    const markers = read('DeleteMarker');
    // What is text has no '<' in it.
    const tags: readonly string[] = text.match(/<(Version|DeleteMarker)\b/g) ?? [];
    const versions = tags.flatMap((tag) => (tag === '<Version' ? objects : markers).shift() ?? []);
    // S3 sends both kinds among each other, the newest of a key first. A service that sends them one behind the other leaves it to
    // us to bring them together, by times that may be the same.
    if (tags.lastIndexOf('<Version') < tags.indexOf('<DeleteMarker'))
      versions.sort(
        (one, other) =>
          compareKeys(one.key, other.key) ||
          Number(other.isLatest) - Number(one.isLatest) ||
          other.modifiedAt.getTime() - one.modifiedAt.getTime(),
      );
    return [...versions, ...commonPrefixes(page, decode)];
  },
};

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html} */
export const uploadListing: PagedListing<S3Upload | string> = {
  root: 'ListMultipartUploadsResult',
  lists: ['ListMultipartUploadsResult/Upload', 'ListMultipartUploadsResult/CommonPrefixes'],
  markers: { 'key-marker': 'NextKeyMarker', 'upload-id-marker': 'NextUploadIdMarker' },
  read(page, decode) {
    const uploads = elementsIn(page, 'Upload').map((element) => new S3Upload(decoded(element, decode)));
    return [...uploads, ...commonPrefixes(page, decode)];
  },
};

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html} */
export const partListing: PagedListing<S3UploadedPart> = {
  root: 'ListPartsResult',
  lists: ['ListPartsResult/Part'],
  markers: { 'part-number-marker': 'NextPartNumberMarker' },
  read(page) {
    return elementsIn(page, 'Part').map((element) => new S3UploadedPart(element));
  },
};

/**
 * What a listing gives, page by page as it is asked for.
 *
 * @throws {Error} a page says that there is more, but not from where: to go on would lose something, or never end
 */
export async function* pagesOf<T extends object | string>(
  storage: StorageCalls,
  { root, lists, markers, read }: PagedListing<T>,
  // As in `BucketS3Request`: undefined is not the service.
  { operation, bucket = '', key, query, params = {}, headers, signal }: PageRequest,
): AsyncGenerator<readonly T[], void, undefined> {
  let from: Readonly<Record<string, string>> | undefined = {};
  let encoding = query['encoding-type'];
  while (from !== undefined) {
    const begin: Readonly<Record<string, string>> = from;
    const call: S3Call = {
      method: 'GET',
      bucket,
      key,
      query: { ...query, 'encoding-type': encoding, ...Object.fromEntries(queryPairs(params)), ...begin },
      headers,
      errorInside200: true,
    };
    const { value: page, response } = await storage
      .call(
        operation,
        (connection) => new RawS3Request(connection, call),
        (result) =>
          childOf(
            parseXml(result.response?.body ?? '', { lists, attributes: 'drop-default-namespace' }),
            root,
          ),
        { signal },
      )
      .withResponse();
    // A page on which there is nothing at all is an empty text.
    if (page === undefined) throw new Error('S3 sent no listing');
    if (!isElement(page)) return;
    const encoded = textIn(page, 'EncodingType') === 'url';
    const items = read(page, encoded ? decodeName : (name) => name, response?.body ?? '');
    const names = items.map(nameOf);
    if (!encoded && encoding !== undefined && names.some((name) => name.includes('%'))) {
      // Ceph encodes the keys of uploads and does not say so (seen with 16.2). Without the question, names are as they are.
      encoding = undefined;
      continue;
    }
    yield items;
    const last = names.reduce((one, other) => (compareKeys(one, other) < 0 ? other : one), '');
    const decodeMarker: Decode = (marker) => (!encoded || marker === last ? marker : decodeName(marker));
    from = textIn(page, 'IsTruncated') === 'true' ? nextPage(page, markers, begin, decodeMarker) : undefined;
  }
}

function nextPage(
  page: XmlObject,
  markers: Readonly<Record<string, string>>,
  begin: Readonly<Record<string, string>>,
  decode: Decode,
): Readonly<Record<string, string>> {
  const next: Record<string, string> = {};
  for (const [parameter, tag] of Object.entries(markers)) {
    const marker = textIn(page, tag) ?? '';
    // Keys are encoded, ids are not. (Of Ceph, seen with 16.2, the marker is not either: it is then the last name as it is.)
    if (marker !== '') next[parameter] = parameter === 'key-marker' ? decode(marker) : marker;
  }
  const names = Object.keys(next);
  if (names.length === 0) throw new Error('S3 says that the listing goes on, but not from where');
  if (names.every((name) => next[name] === begin[name]))
    throw new Error('S3 says that the listing goes on from where this page began');
  return next;
}

/** The name of what is listed; parts have none. */
function nameOf(item: object | string): string {
  if (typeof item === 'string') return item;
  return 'key' in item && typeof item.key === 'string' ? item.key : '';
}

function decoded(element: XmlObject, decode: Decode): XmlObject {
  return { ...element, Key: decode(textIn(element, 'Key') ?? '') };
}

function commonPrefixes(page: XmlObject, decode: Decode): readonly string[] {
  return elementsIn(page, 'CommonPrefixes').map((element) => decode(textIn(element, 'Prefix') ?? ''));
}

/** The order of S3: that of the bytes in UTF-8, which is that of code points. */
function compareKeys(one: string, other: string): number {
  const others = other[Symbol.iterator]();
  for (const character of one) {
    const { value } = others.next();
    const difference = (character.codePointAt(0) ?? 0) - (value?.codePointAt(0) ?? -1);
    if (difference !== 0) return difference;
  }
  return others.next().done === true ? 0 : -1;
}
