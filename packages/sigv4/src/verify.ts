import { canonicalHeaders } from './canonical-headers.ts';
import { joinQuery } from './canonical-query.ts';
import { canonicalRequest } from './canonical-request.ts';
import { canonicalUri, type PathRules } from './canonical-uri.ts';
import { checkOptions, checkSignature, type SecretOptions, spacedHex } from './check-signature.ts';
import { type Claim, checkCredential } from './credential-claim.ts';
import { credentialScope } from './credential-scope.ts';
import { headerClaim, refuseHeader } from './header-claim.ts';
import { isPayloadHash, UNSIGNED_PAYLOAD } from './payload-hash.ts';
import { isPresigned, type PresignedClaim, presignedClaim, refuseQuery } from './presigned-claim.ts';
import { type ReadRequest, type ReceivedRequest, readRequest } from './received-request.ts';
import { DEFAULT_SERVICE, isS3Service, rulesOf } from './services.ts';
import { EMPTY_SHA256 } from './sha256.ts';
import { SignatureError } from './signature-error.ts';
import { stringToSign } from './string-to-sign.ts';

/** What `verify` compares a request with. */
export interface VerifyOptions extends SecretOptions {
  /** The region that the signature must be for. @default any */
  region?: string;
  /** The service that the signature must be for. @default 's3' */
  service?: string;
  /** How the path enters the signature. @default 's3' for the services of S3, 'general' for all others */
  rules?: PathRules;
  /** The server's time. @default now */
  now?: Date;
  /** How far the client's clock may be off, in seconds. @default 900, as S3 */
  maximumSkewSeconds?: number;
}

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
  const { service = DEFAULT_SERVICE, region, now = new Date(), maximumSkewSeconds = 900 } = options;
  checkOptions(options);
  const read = readRequest(request);
  const claim = claimOf(read);
  if (claim === undefined) return { kind: 'anonymous' };

  const refuse = claim.kind === 'header' ? refuseHeader : refuseQuery;
  checkCredential(claim.credential, claim.amzDate, { region, service }, refuse);
  checkTime(claim, now, maximumSkewSeconds * 1000);
  checkCoverage(claim, read);
  const payloadHash = payloadHashOf(claim, service, request.payloadHash);
  return proven(claim, read, payloadHash, options, options.rules ?? rulesOf(service));
}

/** What the request says of its signature; undefined for an anonymous one. */
function claimOf(read: ReadRequest): Claim | PresignedClaim | undefined {
  const authorization = read.headers.get('authorization');
  const presigned = isPresigned(read);
  const version2 = read.query.some(([name]) => name === 'Signature' || name === 'AWSAccessKeyId');
  if ([authorization !== undefined, presigned, version2].filter(Boolean).length > 1) {
    throw new SignatureError(
      'InvalidArgument',
      'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified',
      { ArgumentName: 'Authorization' },
    );
  }
  if (version2) {
    throw new SignatureError(
      'InvalidRequest',
      'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
    );
  }
  if (presigned) return presignedClaim(read);
  return authorization === undefined ? undefined : headerClaim(read, authorization);
}

function checkTime(claim: Claim | PresignedClaim, now: Date, maximumSkew: number): void {
  const ahead = claim.date.getTime() - now.getTime();
  const ServerTime = now.toISOString();
  if (!('expiresIn' in claim)) {
    if (Math.abs(ahead) <= maximumSkew) return;
    throw new SignatureError(
      'RequestTimeTooSkewed',
      'The difference between the request time and the current time is too large.',
      { RequestTime: claim.amzDate, ServerTime, MaxAllowedSkewMilliseconds: String(maximumSkew) },
    );
  }
  if (ahead > maximumSkew) {
    throw new SignatureError('AccessDenied', 'Request is not valid yet', {
      RequestTime: claim.amzDate,
      ServerTime,
    });
  }
  if (-ahead > claim.expiresIn * 1000) {
    const Expires = new Date(claim.date.getTime() + claim.expiresIn * 1000).toISOString();
    throw new SignatureError('AccessDenied', 'Request has expired', {
      'X-Amz-Expires': String(claim.expiresIn),
      Expires,
      ServerTime,
    });
  }
}

/** The host and every header that S3 gives a meaning of its own have to be signed. */
function checkCoverage({ signedHeaders }: Claim, { headers }: ReadRequest): void {
  const unsigned = ['host', ...headers.keys()].filter(
    (name, index, all) =>
      (name === 'host' || name.startsWith('x-amz-')) &&
      !signedHeaders.includes(name) &&
      all.indexOf(name) === index,
  );
  if (unsigned.length > 0) {
    throw new SignatureError(
      'AccessDenied',
      'There were headers present in the request which were not signed',
      {
        HeadersNotSigned: unsigned.join(', '),
      },
    );
  }
}

function payloadHashOf({ kind, payloadHash }: Claim, service: string, known: string | undefined): string {
  const s3 = isS3Service(service);
  if (payloadHash === undefined) {
    if (!s3) return known ?? EMPTY_SHA256;
    if (kind === 'presigned') return UNSIGNED_PAYLOAD;
    throw new SignatureError(
      'InvalidRequest',
      'Missing required header for this request: x-amz-content-sha256',
    );
  }
  if (!isPayloadHash(payloadHash)) {
    throw new SignatureError(
      'InvalidArgument',
      'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, a STREAMING- literal, or a valid sha256 value.',
      { ArgumentName: 'x-amz-content-sha256', ArgumentValue: payloadHash },
    );
  }
  return payloadHash;
}

/** Computes the signature that the claim should have, and compares. */
function proven(
  claim: Claim,
  { method, path, query, headers }: ReadRequest,
  payloadHash: string,
  options: SecretOptions,
  rules: PathRules,
): VerifiedSignature {
  const { kind, credential, amzDate, date, signature } = claim;
  const { accessKeyId, region, service } = credential;
  const signed = canonicalHeaders(claim.signedHeaders.map((name) => [name, headers.get(name) ?? '']));
  const request = canonicalRequest({
    method,
    uri: canonicalUri(path, rules),
    query: joinQuery(query.filter(([name]) => name !== 'X-Amz-Signature')),
    headers: signed.canonical,
    signedHeaders: signed.signedHeaders,
    payloadHash,
  });
  const scope = credentialScope(amzDate, region, service);
  const toSign = stringToSign(amzDate, scope, request);

  const check = { credential, amzDate, sessionToken: claim.sessionToken, signature, stringToSign: toSign };
  const key = checkSignature(check, options, {
    CanonicalRequest: request,
    CanonicalRequestBytes: spacedHex(request),
  });
  const { signedHeaders } = claim;
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
    signingKey: key,
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
