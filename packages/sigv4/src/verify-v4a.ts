import { isSignature } from '#p256';
import { mismatch, secretOf } from './check-signature.ts';
import type { Scheme } from './credential-claim.ts';
import { examineRequest, type VerifyOptions } from './examine-request.ts';
import type { ReceivedRequest } from './received-request.ts';
import { v4aScope } from './signer-v4a.ts';
import { stringToSign } from './string-to-sign.ts';
import { hexToBytes, V4A_ALGORITHM, v4aPublicKey, v4aSigningKey } from './v4a-key.ts';
import type { Anonymous, VerifiedSignature } from './verify.ts';

/** A request whose signature of version 4a is right. */
export interface VerifiedV4a extends Omit<VerifiedSignature, 'region' | 'signingKey'> {
  /** The regions for which the client signed. */
  regionSet: string;
}

const SCHEME: Scheme = { algorithm: V4A_ALGORITHM, regional: false };

/**
 * Verifies a signature of version 4a in an Authorization header or a query: `verify` for requests whose
 * algorithm is `AWS4-ECDSA-P256-SHA256`.
 *
 * Chunks signed by ECDSA are not decoded: refuse a `payloadHash` that begins with `STREAMING-AWS4-ECDSA`.
 *
 * @param options.region - must be in the set of regions that the client signed for
 * @throws {SignatureError} {TypeError} {RangeError} as `verify`
 * @see {@link https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html}
 */
export async function verifyV4a(
  request: ReceivedRequest,
  options: Omit<VerifyOptions, 'keys'>,
): Promise<VerifiedV4a | Anonymous> {
  const examined = examineRequest(request, options, SCHEME);
  if (examined === undefined) return { kind: 'anonymous' };
  const { claim, payloadHash, canonicalRequest } = examined;
  const { kind, credential, amzDate, date, signedHeaders, signature, regionSet = '' } = claim;
  const { accessKeyId, service } = credential;
  const scope = v4aScope(amzDate, service);
  const toSign = stringToSign(amzDate, scope, canonicalRequest, V4A_ALGORITHM);
  const { secret, known } = secretOf(options, accessKeyId, claim.sessionToken);
  const publicKey = v4aPublicKey(v4aSigningKey(accessKeyId, secret));
  // The longest signature in DER has 72 bytes.
  const wellFormed = /^([0-9a-f]{2}){1,72}$/.test(signature);
  const matches = await isSignature(publicKey, toSign, wellFormed ? hexToBytes(signature) : new Uint8Array());
  if (!matches || !known) throw mismatch({ ...claim, stringToSign: toSign, canonicalRequest }, known);
  return { kind, accessKeyId, date, service, payloadHash, signedHeaders, signature, scope, regionSet };
}
