import { invalidArgument } from './errors.ts';
import { S3Facts } from './facts.ts';
import type { HeaderRecord } from './http.ts';

/** Request headers as a caller gives them: names in any case. */
export type RequestHeaders = Readonly<Record<string, string | number | boolean | undefined>>;

/** The headers of an object that are its metadata: the names begin with `x-amz-meta-`. */
export type Metadata = Readonly<Record<string, string>>;

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

// Names that belong to the connection: a caller's own value would break the signature or the framing.
const ownedByConnection = new Set([
  'authorization',
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'x-amz-date',
]);

/**
 * Brings a caller's headers to lower case, and refuses what HTTP or S3 cannot carry.
 *
 * @throws {TypeError} a malformed name, a name given twice, a name that the connection sets itself, a line break or
 *   control character in a value, or a value outside US-ASCII: S3's REST interface takes none
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html}
 */
export function normalizeHeaders(headers: RequestHeaders): HeaderRecord {
  const normalized: Record<string, string> = {};
  for (const [given, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    const name = given.toLowerCase();
    if (!token.test(name)) throw invalidArgument(`invalid header name ${JSON.stringify(given)}`);
    if (ownedByConnection.has(name))
      throw invalidArgument(`the header ${name} is set by the connection and cannot be given`);
    if (name in normalized) throw invalidArgument(`the header ${name} is given twice`);
    if (value === null || !['string', 'number', 'boolean'].includes(typeof value)) {
      throw invalidArgument(
        `the header ${name} must be a string, not ${value === null ? 'null' : typeof value}`,
      );
    }
    const text = String(value);
    if (!/^[\t\x20-\x7e]*$/.test(text)) {
      if (/[\r\n\0]/.test(text))
        throw invalidArgument(`the header ${name} holds a line break, which no header can carry`);
      throw invalidArgument(
        `the header ${name} holds a character outside US-ASCII; encode it, for example with encodeURIComponent`,
      );
    }
    normalized[name] = text;
  }
  return normalized;
}

export function isMetadataHeader(name: string): boolean {
  return name.startsWith(S3Facts.amzMetadataPrefix);
}

/** Exactly the headers that begin with `x-amz-meta-`, prefix included. */
export function metadataOf(headers: HeaderRecord): Metadata {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => isMetadataHeader(name)));
}

/** The named headers of a record, those that it has. */
export function pickHeaders(headers: HeaderRecord, names: Iterable<string>): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const name of names) {
    const value = headers[name];
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}
