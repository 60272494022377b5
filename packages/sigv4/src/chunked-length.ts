import type { StreamingPayloadHash } from './payload-hash.ts';

/** Bytes of a chunk's data where nothing else is said. */
export const DEFAULT_CHUNK_SIZE = 65_536;

/** How a body is cut into chunks. */
export interface ChunkedFormat {
  /** Which of the three encodings. @default 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD', with trailers '...-TRAILER' */
  payloadHash?: StreamingPayloadHash;
  /** Bytes of data in each chunk but the last. S3 wants at least 8,192. @default 65,536 */
  chunkSize?: number;
}

/** @throws {RangeError} naming the argument */
export function checkedSize(value: number, argument: string, minimum: number): number {
  if (!Number.isSafeInteger(value) || value < minimum) {
    throw new RangeError(`${argument} must be a whole number of bytes, ${minimum} or more`);
  }
  return value;
}

/** @throws {TypeError} the encoding is none, or is not for trailers, or for nothing else */
export function checkedPayloadHash(
  given: StreamingPayloadHash | undefined,
  hasTrailers: boolean,
): StreamingPayloadHash {
  const signed = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD';
  const payloadHash = given ?? (hasTrailers ? `${signed}-TRAILER` : signed);
  if (![signed, `${signed}-TRAILER`, 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'].includes(payloadHash)) {
    throw new TypeError(
      'payloadHash must be one of the three STREAMING- literals for HMAC and unsigned chunks',
    );
  }
  if (hasTrailers && payloadHash === signed) {
    throw new TypeError(`payloadHash must end in '-TRAILER' where there are trailers`);
  }
  if (!hasTrailers && payloadHash === `${signed}-TRAILER`) {
    throw new TypeError(`trailers must not be empty with the payload hash '${payloadHash}'`);
  }
  return payloadHash;
}

/**
 * The exact length of a body in the `aws-chunked` encoding: its `Content-Length`.
 *
 * @param decodedLength - bytes of the body itself
 * @param trailers - name of each trailer, and characters of its value
 * @returns bytes
 * @throws {RangeError} `decodedLength` or `chunkSize` is not a size
 * @throws {TypeError} `payloadHash` does not fit the trailers
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html}
 * @example
 * chunkedLength(66_560); // 66824, as in S3's documentation
 */
export function chunkedLength(
  decodedLength: number,
  { payloadHash: given, chunkSize = DEFAULT_CHUNK_SIZE }: ChunkedFormat = {},
  trailers: Readonly<Record<string, number>> = {},
): number {
  checkedSize(decodedLength, 'decodedLength', 0);
  checkedSize(chunkSize, 'chunkSize', 1);
  const fields = Object.entries(trailers);
  const payloadHash = checkedPayloadHash(given, fields.length > 0);
  const signed = payloadHash !== 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';
  // ';chunk-signature=' and 64 digits.
  const extension = signed ? 81 : 0;
  const framed = (size: number): number => size.toString(16).length + extension + 2 + size + 2;
  const last = decodedLength % chunkSize;
  const chunks = ((decodedLength - last) / chunkSize) * framed(chunkSize) + (last > 0 ? framed(last) : 0);
  // A line each; 'x-amz-trailer-signature:' and 64 digits.
  const lines = fields.reduce((sum, [name, length]) => sum + name.length + 1 + length + 2, 0);
  const signature = signed && fields.length > 0 ? 90 : 0;
  return chunks + framed(0) + lines + signature;
}
