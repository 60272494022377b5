import type { CanonicalHeaders, HeaderEntry } from './canonical-headers.ts';
import { canonicalQuery } from './canonical-query.ts';
import { canonicalRequest } from './canonical-request.ts';
import { canonicalUri, type PathRules } from './canonical-uri.ts';
import { EMPTY_SHA256 } from './payload-literals.ts';
import { isS3Service } from './services.ts';
import { ALGORITHM, authorizationOf } from './signature-text.ts';
import { signedPart } from './signed-headers.ts';
import type { SigningIdentity, SignOverrides } from './signing-identity.ts';
import {
  checkRequestLine,
  declaredPayloadHash,
  requestHeaders,
  type SigningRequest,
} from './signing-request.ts';
import { stringToSign } from './string-to-sign.ts';

/** A signed request. */
export interface SignedRequest {
  /** Every header to send, named in lower case: those given, and those that the signature needs. */
  headers: Record<string, string>;
  /** The signature, 64 hexadecimal digits; the seed of the chunk signatures of a streamed body. */
  signature: string;
}

/** The headers of a request, complete but for `authorization`, and the canonical request that they make. */
export interface HeaderDraft extends CanonicalHeaders {
  headers: Record<string, string>;
  request: string;
}

/** For what a request is signed; a part of every identity. */
export interface SigningTarget {
  readonly service: string;
  readonly rules: PathRules;
}

/**
 * Adds to a request what its signature needs.
 *
 * @param own - the signer's headers: date, and session token if there is one
 * @throws {TypeError} a part of the request is malformed
 */
export function draftHeaders(
  { service, rules }: SigningTarget,
  request: SigningRequest,
  own: readonly HeaderEntry[],
): HeaderDraft {
  checkRequestLine(request);
  const headers = requestHeaders(request);
  const payloadHash = declaredPayloadHash(request, headers) ?? EMPTY_SHA256;
  for (const [name, value] of own) headers[name] = value;
  if (isS3Service(service)) headers['x-amz-content-sha256'] = payloadHash;

  const { canonical, signedHeaders } = signedPart(headers);
  return {
    headers,
    canonical,
    signedHeaders,
    request: canonicalRequest({
      method: request.method,
      uri: canonicalUri(request.path, rules),
      query: canonicalQuery(request.query ?? ''),
      headers: canonical,
      signedHeaders,
      payloadHash,
    }),
  };
}

/**
 * Signs a request by an Authorization header: `signer.sign(request, overrides)` as a function.
 *
 * @throws {TypeError} a part of the request is malformed
 * @throws {RangeError} `overrides.date` is invalid
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html}
 */
export function signHeaders(
  identity: SigningIdentity,
  request: SigningRequest,
  overrides: SignOverrides = {},
): SignedRequest {
  const context = identity.at(overrides);
  const { amzDate, scope, credential } = context;
  const own: HeaderEntry[] = [['x-amz-date', amzDate]];
  if (context.sessionToken !== undefined) own.push(['x-amz-security-token', context.sessionToken]);
  const { headers, signedHeaders, request: canonical } = draftHeaders(identity, request, own);
  const signature = context.signature(stringToSign(amzDate, scope, canonical));
  headers['authorization'] = authorizationOf(ALGORITHM, credential, signedHeaders, signature);
  return { headers, signature };
}
