/**
 * Percent-encoding as Signature Version 4 defines it (`UriEncode`): UTF-8, every byte but the unreserved
 * ones of RFC 3986 §2.3, upper-case digits, a space as `%20`.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html}
 */

const UNRESERVED = /^[\w\-.~]*$/;
const UNRESERVED_OR_SLASH = /^[\w\-.~/]*$/;

/** What `encodeURIComponent` leaves and Signature Version 4 does not; and the slash, for paths. */
const REPLACEMENTS: Readonly<Record<string, string>> = {
  '!': '%21',
  "'": '%27',
  '(': '%28',
  ')': '%29',
  '*': '%2A',
  '%2F': '/',
};

function replacement(piece: string): string {
  return REPLACEMENTS[piece] ?? piece;
}

function encodeUtf8(text: string, argument: string): string {
  try {
    return encodeURIComponent(text);
  } catch (cause) {
    throw new TypeError(`${argument} holds half of a surrogate pair, which has no UTF-8 form`, { cause });
  }
}

/**
 * Encodes an S3 key as it stands in the path of a request: slashes stay, every other byte that is not
 * unreserved is percent-encoded. Nothing is normalised: `//`, `.` and `..` are part of the key.
 *
 * @param key - the object's key, decoded, without the slash that begins the path
 * @throws {TypeError} `key` is not a string, or holds an unpaired surrogate
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html}
 * @example
 * encodeKey('photos/1+1 = 2.jpg'); // 'photos/1%2B1%20%3D%202.jpg'
 */
export function encodeKey(key: string): string {
  if (typeof key !== 'string') throw new TypeError('key must be a string');
  if (UNRESERVED_OR_SLASH.test(key)) return key;
  return encodeUtf8(key, 'key').replace(/%2F|[!'()*]/g, replacement);
}

/**
 * Encodes the name or the value of a query parameter; the slash is encoded too.
 *
 * @throws {TypeError} `text` is not a string, or holds an unpaired surrogate
 */
export function encodeQueryComponent(text: string): string {
  if (typeof text !== 'string') throw new TypeError('a query name or value must be a string');
  if (UNRESERVED.test(text)) return text;
  return encodeUtf8(text, 'a query name or value').replace(/[!'()*]/g, replacement);
}
