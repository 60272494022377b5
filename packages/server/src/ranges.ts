import { s3Error } from './errors.ts';

/** Bytes from `start` up to and including `end`. */
export interface ByteRange {
  start: number;
  end: number;
}

/**
 * The bytes that a Range header asks for. Undefined, the whole object, for no header and for one that is not a
 * single range of bytes: S3 ignores these.
 *
 * @param size - bytes of the object
 * @throws {S3Error} `InvalidRange`: the range lies outside the object
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-14.1.2}
 */
export function byteRange(header: string | undefined, size: number): ByteRange | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined;
  if (first !== '' && last !== '' && Number(first) > Number(last)) return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (start >= size || (first === '' && Number(last) === 0)) {
    throw s3Error('InvalidRange', {
      members: { RangeRequested: header ?? '', ActualObjectSize: String(size) },
      headers: { 'content-range': `bytes */${size}` },
    });
  }
  return { start, end };
}
