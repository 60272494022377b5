/** The parts of a canonical request, each already in its canonical form. */
export interface CanonicalRequestParts {
  /** The HTTP method, in upper case. */
  method: string;
  /** See `canonicalUri`. */
  uri: string;
  /** See `canonicalQuery`. */
  query: string;
  /** See `canonicalHeaders`. */
  headers: string;
  /** See `canonicalHeaders`. */
  signedHeaders: string;
  /** The payload's SHA-256 in hexadecimal, or a literal such as `UNSIGNED-PAYLOAD`. */
  payloadHash: string;
}

/**
 * Joins the parts to the canonical request.
 *
 * @see {@link https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html}
 */
export function canonicalRequest(parts: CanonicalRequestParts): string {
  const { method, uri, query, headers, signedHeaders, payloadHash } = parts;
  return `${method}\n${uri}\n${query}\n${headers}\n${signedHeaders}\n${payloadHash}`;
}
