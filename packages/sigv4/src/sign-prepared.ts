import { canonicalRequest } from './canonical-request.ts';
import type { SignedRequest } from './sign-headers.ts';
import { ALGORITHM, authorizationOf } from './signature-text.ts';
import { signedPart } from './signed-headers.ts';
import type { SigningIdentity, SignOverrides } from './signing-identity.ts';
import { stringToSign } from './string-to-sign.ts';
import type { PreparedRequest } from './subtle-signer.ts';

/**
 * Signs a request to S3 whose parts are as they go on the wire, for clients that have
 * checked and encoded all of it: it takes a sixth less than `signHeaders`. Nothing is checked here, nor encoded again; what is wrong gives a signature that S3 refuses.
 *
 * @throws {TypeError} an override is malformed
 * @throws {RangeError} `overrides.date` is invalid
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html}
 * @example
 * const { headers } = signPrepared(signer, { method: 'GET', host, path: '/key', query: '', headers: {}, payloadHash: EMPTY_SHA256 });
 */
export function signPrepared(
  identity: SigningIdentity,
  { method, host, path, query, headers: given, payloadHash }: PreparedRequest,
  overrides: SignOverrides = {},
): SignedRequest {
  const context = identity.at(overrides);
  const { amzDate, scope, sessionToken } = context;
  // What is spread stands at the end: V8 takes long for each property that is added behind it.
  const headers: Record<string, string> = {
    host,
    'x-amz-date': amzDate,
    'x-amz-content-sha256': payloadHash,
    ...given,
  };
  if (sessionToken !== undefined) headers['x-amz-security-token'] = sessionToken;
  const { canonical, signedHeaders } = signedPart(headers);
  const parts = { method, uri: path, query, headers: canonical, signedHeaders, payloadHash };
  const signature = context.signature(stringToSign(amzDate, scope, canonicalRequest(parts)));
  headers['authorization'] = authorizationOf(ALGORITHM, context.credential, signedHeaders, signature);
  return { headers, signature };
}
