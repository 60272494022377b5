import { checkSignature } from './check-signature.ts';
import type { Scheme } from './credential-claim.ts';
import { credentialScope } from './credential-scope.ts';
import { examineRequest, type VerifyOptions } from './examine-request.ts';
import type { ReceivedRequest } from './received-request.ts';
import { SignatureError } from './signature-error.ts';
import { ALGORITHM } from './signature-text.ts';
import { stringToSign } from './string-to-sign.ts';

/** A request whose signature is right. */
export interface VerifiedSignature {
  kind: 'header' | 'presigned';
  accessKeyId: string;
  /** When the request was signed. */
  date: Date;
  region: string;
  service: string;
  /**
   * What the client declared of the body: its SHA-256 in hexadecimal, `UNSIGNED-PAYLOAD`, or a `STREAMING-`
   * literal. It is signed, but nobody has compared it with the body yet: that is the caller's part.
   */
  payloadHash: string;
  /** The names of the headers that the signature covers, in lower case. */
  signedHeaders: readonly string[];
  /** The signature, 64 hexadecimal digits; the seed of the chunk signatures of a streamed body. */
  signature: string;
  /** The credential scope, for the chunk signatures. */
  scope: string;
  /** The signing key, 32 bytes, for the chunk signatures. It is as secret as the secret, for its day. */
  signingKey: () => Uint8Array;
}

/** A request that carries no signature at all. */
export interface Anonymous {
  kind: 'anonymous';
}

/** What `verify` found. */
export type Verified = VerifiedSignature | Anonymous;

const SCHEME: Scheme = { algorithm: ALGORITHM, regional: true };

/**
 * Verifies the signature of a received request, in its Authorization header or its query.
 *
 * Two things are left to the caller: to compare the body with `payloadHash`, and to decide what an anonymous
 * request may do.
 *
 * @throws {SignatureError} with S3's code: the signature is wrong, malformed, expired, too far from the
 *   server's time, by an unknown key, or does not cover what it has to
 * @throws {TypeError} `options.secretFor` is not a function
 * @throws {RangeError} `options.now` is invalid, or `options.maximumSkewSeconds` negative
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html}
 * @example
 * const [path = '', query = ''] = (request.url ?? '').split(/\?(.*)/s);
 * const { method = '', headersDistinct: headers } = request;
 * const verified = verify({ method, path, query, headers }, { secretFor: (id) => secrets.get(id) });
 */
export function verify(request: ReceivedRequest, options: VerifyOptions): Verified {
  const examined = examineRequest(request, options, SCHEME);
  if (examined === undefined) return { kind: 'anonymous' };
  const { claim, payloadHash, canonicalRequest } = examined;
  const { kind, credential, amzDate, date, signedHeaders, signature } = claim;
  const { accessKeyId, region, service } = credential;
  const scope = credentialScope(amzDate, region, service);
  const toSign = stringToSign(amzDate, scope, canonicalRequest);
  const signingKey = checkSignature({ ...claim, stringToSign: toSign, canonicalRequest }, options);
  return {
    kind,
    accessKeyId,
    date,
    region,
    service,
    payloadHash,
    signedHeaders,
    signature,
    scope,
    signingKey,
  };
}

/**
 * Compares a body with what its sender declared of it.
 *
 * @param verified - what `verify` found; a declaration that is no hash, such as `UNSIGNED-PAYLOAD`, fits any body
 * @param sha256 - the SHA-256 of the body that came, in lower-case hexadecimal
 * @throws {SignatureError} `XAmzContentSHA256Mismatch`
 */
export function checkPayloadHash(
  { payloadHash }: Pick<VerifiedSignature, 'payloadHash'>,
  sha256: string,
): void {
  if (!/^[0-9a-f]{64}$/.test(payloadHash) || payloadHash === sha256) return;
  throw new SignatureError(
    'XAmzContentSHA256Mismatch',
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
    { ClientComputedContentSHA256: payloadHash, S3ComputedContentSHA256: sha256 },
  );
}
