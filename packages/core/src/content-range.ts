import type { TransportResponse } from './http.ts';

/** A range as an answer tells of it. */
export interface ContentRange {
  /** The position of its first byte. */
  readonly first: number;
  /** The position of its last byte. */
  readonly last: number;
  /** Bytes. */
  readonly length: number;
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
  const range = /^bytes (\d+)-(\d+)\/(?:\d+|\*)$/i.exec(headers['content-range'] ?? '');
  if (status !== 206 || range === null) return undefined;
  const first = Number(range[1]);
  const last = Number(range[2]);
  return { first, last, length: last - first + 1 };
}
