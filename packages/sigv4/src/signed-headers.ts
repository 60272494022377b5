import { type CanonicalHeaders, canonicalHeadersOf } from './canonical-headers.ts';

/**
 * Headers that stay out of the signature: the signature itself, and those that a client library or a proxy
 * adds or rewrites on the way (RFC 9110 §7.6.1 and the lists of the AWS SDKs).
 */
const UNSIGNED_HEADERS: ReadonlySet<string> = /* @__PURE__ */ new Set(
  'accept-encoding authorization connection expect keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding upgrade user-agent x-amzn-trace-id'.split(
    ' ',
  ),
);

/** Whether a header, named in lower case, enters the signature. */
function isSignedHeader(name: string): boolean {
  return !UNSIGNED_HEADERS.has(name);
}

/** The headers that enter a signature. */
export function signedPart(headers: Readonly<Record<string, string>>): CanonicalHeaders {
  return canonicalHeadersOf(Object.keys(headers).filter(isSignedHeader), headers);
}
