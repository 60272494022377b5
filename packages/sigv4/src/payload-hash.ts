import { UNSIGNED_PAYLOAD } from './payload-literals.ts';

/**
 * The payload hash of a body in the `aws-chunked` encoding, which S3 checks piece by piece: each chunk signed,
 * each chunk and the trailer signed, or a trailer alone.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html}
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html}
 */
export type StreamingPayloadHash =
  | 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD'
  | 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER'
  | 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';

/** What may stand in place of a hash. */
const LITERALS: readonly string[] = [
  UNSIGNED_PAYLOAD,
  'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
  'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD',
  'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER',
];

/**
 * Whether a text may stand in `x-amz-content-sha256`: a SHA-256 in lower-case hexadecimal, or a literal.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html}
 */
export function isPayloadHash(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text) || LITERALS.includes(text);
}
