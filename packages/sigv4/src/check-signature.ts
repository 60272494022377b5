import type { Credential } from './credential-claim.ts';
import { equalInConstantTime } from './equal-in-constant-time.ts';
import { createHmacKey } from './sha256.ts';
import { SignatureError } from './signature-error.ts';
import { signingKey } from './signing-key.ts';
import type { SigningKeyCache } from './signing-key-cache.ts';

/** Where the secrets of access keys come from. */
export interface SecretOptions {
  /**
   * Gives the secret of an access key, or undefined when there is no such key. The session token that the
   * request carries comes along: for temporary credentials, give the secret only if the token is theirs.
   */
  secretFor: (accessKeyId: string, sessionToken: string | undefined) => string | undefined;
  /** Signing keys to use again: deriving one takes four times as long as verifying. @default none are kept */
  keys?: SigningKeyCache;
}

/** @throws {TypeError} or {RangeError} naming the option */
export function checkOptions(options: SecretOptions & { now?: Date; maximumSkewSeconds?: number }): void {
  const { secretFor, now, maximumSkewSeconds = 0 } = options;
  if (typeof secretFor !== 'function') throw new TypeError('options.secretFor must be a function');
  if (now !== undefined && Number.isNaN(now.getTime()))
    throw new RangeError('options.now must be a valid Date');
  if (!(maximumSkewSeconds >= 0)) throw new RangeError('options.maximumSkewSeconds must be 0 or more');
}

/** A signature, and what it has to be a signature of. */
export interface SignatureToCheck {
  credential: Credential;
  amzDate: string;
  sessionToken: string | undefined;
  signature: string;
  stringToSign: string;
  /** For the error document; a form has none. */
  canonicalRequest?: string;
}

/** Stands in for the secret of an unknown access key, so that refusing it takes as long as refusing a known one. */
const NO_SECRET = 'an access key that nobody has';

/**
 * The secret of a request's access key, and whether there is one; without, it is another that fits nothing.
 */
export function secretOf(
  { secretFor }: SecretOptions,
  accessKeyId: string,
  sessionToken: string | undefined,
): { secret: string; known: boolean } {
  const secret = secretFor(accessKeyId, sessionToken);
  return secret ? { secret, known: true } : { secret: NO_SECRET, known: false };
}

/** The error of a signature that is not the one expected, with all that S3's error document repeats of it. */
export function mismatch(
  { credential, signature, stringToSign, canonicalRequest }: SignatureToCheck,
  known: boolean,
): SignatureError {
  const { accessKeyId: AWSAccessKeyId } = credential;
  if (!known) {
    return new SignatureError(
      'InvalidAccessKeyId',
      'The AWS Access Key Id you provided does not exist in our records.',
      { AWSAccessKeyId },
    );
  }
  return signatureMismatch(AWSAccessKeyId, stringToSign, signature, canonicalRequest);
}

/** The error of a signature that is wrong. */
export function signatureMismatch(
  accessKeyId: string,
  stringToSign: string,
  signature: string,
  canonicalRequest?: string,
): SignatureError {
  return new SignatureError(
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    {
      AWSAccessKeyId: accessKeyId,
      StringToSign: stringToSign,
      SignatureProvided: signature,
      StringToSignBytes: spacedHex(stringToSign),
      ...(canonicalRequest !== undefined && {
        CanonicalRequest: canonicalRequest,
        CanonicalRequestBytes: spacedHex(canonicalRequest),
      }),
    },
  );
}

/**
 * Computes the signature that the request should have, and compares.
 *
 * @returns what gives the signing key
 * @throws {SignatureError} `InvalidAccessKeyId`, `SignatureDoesNotMatch`
 */
export function checkSignature(check: SignatureToCheck, options: SecretOptions): () => Uint8Array {
  const { credential, amzDate, sessionToken, signature, stringToSign } = check;
  const { accessKeyId, region, service } = credential;
  const { secret, known } = secretOf(options, accessKeyId, sessionToken);
  const derived = (): Uint8Array => signingKey(secret, amzDate, region, service);
  const key = options.keys?.get(secret, amzDate, region, service) ?? createHmacKey(derived());
  if (!equalInConstantTime(signature, key.hex(stringToSign)) || !known) throw mismatch(check, known);
  return derived;
}

/** Bytes as S3 prints them in its error document: `41 57 53`. */
function spacedHex(text: string): string {
  return [...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
