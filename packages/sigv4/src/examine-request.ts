import { canonicalHeaders } from './canonical-headers.ts';
import { canonicalRequest } from './canonical-request.ts';
import { canonicalUri, type PathRules } from './canonical-uri.ts';
import { checkOptions, type SecretOptions } from './check-signature.ts';
import { type Claim, checkCredential, type Scheme } from './credential-claim.ts';
import { joinQuery } from './encode-query.ts';
import { headerClaim, refuseHeader } from './header-claim.ts';
import { isPayloadHash } from './payload-hash.ts';
import { EMPTY_SHA256, UNSIGNED_PAYLOAD } from './payload-literals.ts';
import { isPresigned, type PresignedClaim, presignedClaim, refuseQuery } from './presigned-claim.ts';
import { type ReadRequest, type ReceivedRequest, readRequest } from './received-request.ts';
import { DEFAULT_SERVICE, isS3Service, rulesOf } from './services.ts';
import { SignatureError } from './signature-error.ts';

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

/** A request that is right in all but its signature, which has not been looked at. */
export interface ExaminedRequest {
  claim: Claim;
  payloadHash: string;
  canonicalRequest: string;
}

/**
 * Checks all that can be checked without a key, and makes the canonical request.
 *
 * @returns undefined for an anonymous request
 * @throws {SignatureError} @throws {TypeError} @throws {RangeError} as `verify`
 */
export function examineRequest(
  request: ReceivedRequest,
  options: VerifyOptions,
  scheme: Scheme,
): ExaminedRequest | undefined {
  const { service = DEFAULT_SERVICE, region, now = new Date(), maximumSkewSeconds = 900 } = options;
  checkOptions(options);
  const read = readRequest(request);
  const claim = claimOf(read, scheme);
  if (claim === undefined) return undefined;

  const refuse = claim.kind === 'header' ? refuseHeader : refuseQuery;
  checkCredential(claim.credential, claim.amzDate, { region, service }, refuse, claim.regionSet);
  checkTime(claim, now, maximumSkewSeconds * 1000);
  checkCoverage(claim, read);
  const payloadHash = payloadHashOf(claim, service, request.payloadHash);

  const { method, path, query, headers } = read;
  const signed = canonicalHeaders(claim.signedHeaders.map((name) => [name, headers.get(name) ?? '']));
  return {
    claim,
    payloadHash,
    canonicalRequest: canonicalRequest({
      method,
      uri: canonicalUri(path, options.rules ?? rulesOf(service)),
      query: joinQuery(query.filter(([name]) => name !== 'X-Amz-Signature')),
      headers: signed.canonical,
      signedHeaders: signed.signedHeaders,
      payloadHash,
    }),
  };
}

/** What the request says of its signature; undefined for an anonymous one. */
function claimOf(read: ReadRequest, scheme: Scheme): Claim | PresignedClaim | undefined {
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
      `The authorization mechanism you have provided is not supported. Please use ${scheme.algorithm}.`,
    );
  }
  if (presigned) return presignedClaim(read, scheme);
  return authorization === undefined ? undefined : headerClaim(read, authorization, scheme);
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
