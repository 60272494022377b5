import { invalidArgument } from './errors.ts';
import type { RequestHeaders } from './headers.ts';
import type { HeaderRecord } from './http.ts';
import { ownedByConnection, plainHeaders } from './plain-headers.ts';

/**
 * Brings a caller's headers to lower case, and refuses what HTTP or S3 cannot carry.
 *
 * @throws {TypeError} a malformed name, a name given twice, a name that the connection sets itself, a line break or
 *   control character in a value, or a value outside US-ASCII: S3's REST interface takes none
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html}
 */
export function normalizeHeaders(headers: RequestHeaders): HeaderRecord {
  return plainHeaders(headers) ?? refuse(headers);
}

/** Says what is wrong with headers. */
function refuse(headers: RequestHeaders): never {
  const names = new Set<string>();
  for (const [given, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    const name = given.toLowerCase();
    if (ownedByConnection.includes(name))
      throw invalidArgument(`the header ${name} is set by the connection and cannot be given`);
    if (names.has(name)) throw invalidArgument(`the header ${name} is given twice`);
    names.add(name);
    if (value === null || !['string', 'number', 'boolean'].includes(typeof value)) {
      throw invalidArgument(
        `the header ${name} must be a string, not ${value === null ? 'null' : typeof value}`,
      );
    }
    const text = String(value);
    if (/[\r\n\0]/.test(text))
      throw invalidArgument(`the header ${name} holds a line break, which no header can carry`);
    if (!/^[\t\x20-\x7e]*$/.test(text)) {
      throw invalidArgument(
        `the header ${name} holds a character outside US-ASCII; encode it, for example with encodeURIComponent`,
      );
    }
    if (plainHeaders({ [given]: value }) === undefined)
      throw invalidArgument(`invalid header name ${JSON.stringify(given)}`);
  }
  throw invalidArgument('invalid headers');
}
