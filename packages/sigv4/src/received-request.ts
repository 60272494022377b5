import { canonicalHeaderValue } from './canonical-headers.ts';
import { splitQuery } from './canonical-query.ts';
import type { QueryPair } from './encode-query.ts';
import { SignatureError } from './signature-error.ts';

/** A request as a server received it. */
export interface ReceivedRequest {
  /** The HTTP method. */
  method: string;
  /** The path as received, still percent-encoded; a decoded and encoded again path is another one. */
  path: string;
  /** The query string as received, without the question mark; empty if there is none. */
  query: string;
  /**
   * The headers, as in `headersDistinct` or `headers` of Node's `IncomingMessage`. Where a client repeats a
   * header, only the first of the two keeps the values apart as the signature needs them.
   */
  headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /**
   * The SHA-256 of the body, in hexadecimal, for services other than S3: their requests do not carry it.
   * @default that of an empty body
   */
  payloadHash?: string;
}

/** The parts of a received request that its signature is about, made comparable. */
export interface ReadRequest {
  method: string;
  path: string;
  /** Names and values in canonical encoding, as received otherwise. */
  query: QueryPair[];
  /** By name in lower case; repeated values are joined by commas. */
  headers: Map<string, string>;
}

/** @throws {SignatureError} `InvalidURI`: the path or query holds a malformed escape */
export function readRequest({ method, path, query, headers }: ReceivedRequest): ReadRequest {
  if (/%(?![0-9A-Fa-f]{2})/.test(`${path}?${query}`)) {
    throw new SignatureError('InvalidURI', "Couldn't parse the specified URI.");
  }
  const read = new Map<string, string>();
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    const values = typeof value === 'string' ? [value] : value;
    read.set(name.toLowerCase(), values.map(canonicalHeaderValue).join(','));
  }
  return { method, path: bytesEscaped(path), query: splitQuery(bytesEscaped(query)), headers: read };
}

/**
 * Escapes the bytes above ASCII that a client sent as they are. HTTP libraries hand each of them over as one
 * character, U+0080 to U+00FF; taken for text, it would turn into two bytes.
 */
function bytesEscaped(text: string): string {
  return text.replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`);
}
