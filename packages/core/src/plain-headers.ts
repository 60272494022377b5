import type { RequestHeaders } from './headers.ts';
import type { HeaderRecord } from './http.ts';

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

// Names that belong to the connection: a caller's own value would break the signature or the framing.
export const ownedByConnection: readonly string[] = [
  'authorization',
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'x-amz-date',
];

/** A caller's headers in lower case; undefined where HTTP or S3 cannot carry one, of which `normalizeHeaders` tells more. */
export function plainHeaders(headers: RequestHeaders): HeaderRecord | undefined {
  const plain: Record<string, string> = {};
  for (const [given, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    const name = given.toLowerCase();
    if (
      !token.test(name) ||
      ownedByConnection.includes(name) ||
      name in plain ||
      !['string', 'number', 'boolean'].includes(typeof value) ||
      !/^[\t\x20-\x7e]*$/.test(String(value))
    ) {
      return undefined;
    }
    plain[name] = String(value);
  }
  return plain;
}

/** @throws {TypeError} what `normalizeHeaders` throws, which is loaded where there is something wrong */
export async function checkedHeaders(headers: RequestHeaders = {}): Promise<HeaderRecord> {
  return plainHeaders(headers) ?? (await import('./normalize-headers.ts')).normalizeHeaders(headers);
}
