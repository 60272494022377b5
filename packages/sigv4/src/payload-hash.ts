/** The payload hash of a request whose body is left out of the signature. */
export const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD';

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
