import type { TransportResponse } from './http.ts';

/** A range as an answer tells of it. */
export interface ContentRange {
  /** The position of its first byte. */
  readonly first: number;
  /** The position of its last byte. */
  readonly last: number;
}

/**
 * The one range that an answer holds; undefined where it holds all, or does not tell.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-14.4}
 */
export function contentRange({
  status,
  headers,
}: Pick<TransportResponse, 'status' | 'headers'>): ContentRange | undefined {
  const [, first, last] = /^bytes (\d+)-(\d+)\/(?:\d+|\*)$/i.exec(headers['content-range'] ?? '') ?? [];
  return status === 206 && first !== undefined ? { first: Number(first), last: Number(last) } : undefined;
}
