import { isHeaderName } from './canonical-headers.ts';
import type { QueryPair } from './encode-query.ts';
import { isPayloadHash } from './payload-hash.ts';
import { sha256Hex } from './sha256.ts';

/** A request as it is going to be sent. */
export interface SigningRequest {
  /** The HTTP method, in upper case. */
  method: string;
  /** The scheme of a presigned URL; nothing else depends on it. @default 'https:' */
  protocol?: 'https:' | 'http:';
  /** The Host header as sent, with the port unless it is the scheme's own: `localhost:9000`. */
  host: string;
  /** The path as on the wire, percent-encoded, beginning with a slash; see `encodeKey`. Not the query. */
  path: string;
  /** The query string as on the wire, without the question mark, or decoded pairs, to send with `encodeQuery`. */
  query?: string | Iterable<QueryPair>;
  /**
   * The headers, in any case and order. `authorization`, `x-amz-date` and `x-amz-security-token` are the
   * signer's: values given here are replaced, so that a signed request can be signed again.
   */
  headers?: Readonly<Record<string, string>>;
  /** The body's SHA-256 in lower-case hexadecimal, or a literal such as `UNSIGNED-PAYLOAD`. Excludes `body`. */
  payloadHash?: string;
  /** The body, to be hashed. Without it, and without `payloadHash`, the request has no body. */
  body?: string | Uint8Array;
}

/** What the signer alone writes. */
const OWN_HEADERS: ReadonlySet<string> = new Set(['authorization', 'x-amz-date', 'x-amz-security-token']);

/** Checks the request line's parts. @throws {TypeError} naming the part */
export function checkRequestLine({ method, host, path }: SigningRequest): void {
  if (typeof method !== 'string' || !/^[A-Z]+$/.test(method)) {
    throw new TypeError('method must be an HTTP method in upper case, such as GET');
  }
  if (typeof host !== 'string' || !/^[\w.\-:[\]%]+$/.test(host)) {
    throw new TypeError('host must be a host name or address, with a port where there is one');
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (typeof path !== 'string' || !/^\/[^?#\0-\x1f\x7f]*$/.test(path)) {
    throw new TypeError(
      "path must begin with '/' and be percent-encoded; '?' and '#' are '%3F' and '%23' in a key",
    );
  }
}

/**
 * The headers to send, named in lower case, with `host` and without those that the signer writes.
 *
 * @throws {TypeError} a name or value cannot stand in a request, a name is given twice, or the host differs
 */
export function requestHeaders({ host, headers: given = {} }: SigningRequest): Record<string, string> {
  const headers: Record<string, string> = { host };
  for (const anyCase of Object.keys(given)) {
    const name = anyCase.toLowerCase();
    const value = given[anyCase] as string; // it may be anything in plain JavaScript: the check is the next line
    checkHeader(name, value);
    if (OWN_HEADERS.has(name)) continue;
    if (Object.hasOwn(headers, name) && !(name === 'host' && value === host)) {
      throw new TypeError(
        `headers: '${name}' is given twice, or differs from host; join values with a comma`,
      );
    }
    headers[name] = value;
  }
  return headers;
}

function checkHeader(name: string, value: string): void {
  // In an object, `__proto__` would not become a header.
  if (!isHeaderName(name) || name === '__proto__') {
    throw new TypeError(`headers: ${JSON.stringify(name)} is not a header name`);
  }
  if (typeof value !== 'string' || /[^\t\x20-\x7e\x80-\xff]/.test(value)) {
    throw new TypeError(
      `headers: the value of '${name}' must be a string of one line, without characters above U+00FF`,
    );
  }
}

/**
 * The payload hash that the request names or implies; a given `x-amz-content-sha256` header counts as one.
 *
 * @returns undefined when nothing is said about the body
 * @throws {TypeError} the hash is malformed, or given in two ways that differ
 */
export function declaredPayloadHash(
  { payloadHash, body }: SigningRequest,
  headers: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (payloadHash !== undefined && body !== undefined) {
    throw new TypeError('payloadHash and body exclude each other: give one of them');
  }
  const header = headers['x-amz-content-sha256'];
  const hash = payloadHash ?? (body === undefined ? header : sha256Hex(body));
  if (hash === undefined) return undefined;
  if (typeof hash !== 'string' || !isPayloadHash(hash)) {
    throw new TypeError(
      'payloadHash must be a SHA-256 in 64 lower-case hexadecimal digits, UNSIGNED-PAYLOAD or a STREAMING- literal',
    );
  }
  if (header !== undefined && header !== hash) {
    throw new TypeError("headers: 'x-amz-content-sha256' differs from the payload hash; leave it out");
  }
  return hash;
}
