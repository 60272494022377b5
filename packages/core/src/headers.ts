import type { HeaderRecord } from './http.ts';
import { amzMetadataPrefix } from './limits.ts';

/** Request headers as a caller gives them: names in any case. */
export type RequestHeaders = Readonly<Record<string, string | number | boolean | undefined>>;

/** The headers of an object that are its metadata: the names begin with `x-amz-meta-`. */
export type Metadata = Readonly<Record<string, string>>;

export function isMetadataHeader(name: string): boolean {
  return name.startsWith(amzMetadataPrefix);
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
