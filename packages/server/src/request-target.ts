import { invalidArgument, s3Error } from './errors.ts';

/** What a request line and its Host header mean. */
export interface RequestTarget {
  /** As it was sent, for the signature. */
  rawPath: string;
  /** As it was sent, without `?`. */
  rawQuery: string;
  /** Empty: the service itself. */
  bucket: string;
  /** Where the caller finds the bucket: `http://host/bucket`, or `http://bucket.host`. */
  bucketUrl: string;
  /** Empty: the bucket itself. */
  key: string;
  query: ReadonlyMap<string, string>;
}

/** Longest key in bytes of UTF-8. @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html} */
const maximumKeyLength = 1024;

/**
 * Reads a request target without any normalisation: `//`, `.` and `..` are parts of a key.
 *
 * @param target - the request line's target as node gives it
 * @param host - the Host header
 * @param hostNames - names of this server; `bucket.<name>` addresses a bucket in virtual-host style
 * @throws {S3Error} `InvalidURI` for a target that is not a path of UTF-8, `KeyTooLongError`
 */
export function parseTarget(target: string, host: string, hostNames: readonly string[]): RequestTarget {
  // A proxy sends the absolute form, RFC 9112 section 3.2.2.
  const origin = target.replace(/^https?:\/\/[^/?]*/i, '');
  const mark = origin.indexOf('?');
  const rawPath = mark < 0 ? origin : origin.slice(0, mark);
  const rawQuery = mark < 0 ? '' : origin.slice(mark + 1);
  if (!rawPath.startsWith('/')) throw s3Error('InvalidURI');
  const hostBucket = bucketOfHost(host, hostNames);
  const [bucket, key] =
    hostBucket === undefined ? splitPath(rawPath.slice(1)) : [hostBucket, decode(rawPath.slice(1))];
  checkKeyLength(key);
  const bucketUrl = `http://${host}${hostBucket === undefined ? `/${bucket}` : ''}`;
  return { rawPath, rawQuery, bucket, bucketUrl, key, query: parseQuery(rawQuery) };
}

/** @throws {S3Error} `KeyTooLongError` */
export function checkKeyLength(key: string): void {
  const size = Buffer.byteLength(key);
  if (size <= maximumKeyLength) return;
  throw s3Error('KeyTooLongError', {
    members: { Size: String(size), MaxSizeAllowed: String(maximumKeyLength) },
  });
}

/**
 * Checks an id of which nothing is known but that it was sent: S3's are URL-ready, and at most 1,024 bytes long. It comes back in
 * headers, which take no other characters.
 *
 * @throws {S3Error} `InvalidArgument`
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html}
 */
export function checkVersionId(versionId: string): void {
  if (/^[\w.~-]{1,1024}$/.test(versionId)) return;
  throw invalidArgument(
    versionId === '' ? 'Version id cannot be the empty string' : 'Invalid version id specified',
    'versionId',
    versionId,
  );
}

/** @throws {S3Error} `InvalidURI` when the bytes are not percent-encoded UTF-8 */
export function decode(text: string): string {
  try {
    // Node hands over a raw byte above ASCII as one character, U+0080 to U+00FF.
    return decodeURIComponent(text.replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16)}`));
  } catch {
    throw s3Error('InvalidURI');
  }
}

function splitPath(path: string): [bucket: string, key: string] {
  const slash = path.indexOf('/');
  return slash < 0 ? [decode(path), ''] : [decode(path.slice(0, slash)), decode(path.slice(slash + 1))];
}

function bucketOfHost(host: string, hostNames: readonly string[]): string | undefined {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  const suffix = hostNames.find((candidate) => name.endsWith(`.${candidate}`));
  return suffix === undefined ? undefined : name.slice(0, -suffix.length - 1);
}

/** The first of several equal names counts; `+` means a space, as S3 reads it. */
function parseQuery(rawQuery: string): ReadonlyMap<string, string> {
  const query = new Map<string, string>();
  for (const pair of rawQuery.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const [name, value] = equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
    const decodedName = decode(name.replaceAll('+', ' '));
    if (!query.has(decodedName)) query.set(decodedName, decode(value.replaceAll('+', ' ')));
  }
  return query;
}
