import type { Credentials } from '@s3kit/sigv4';
import type { Outcome, S3Call } from './connection.ts';

const minute = 60_000;

// S3 takes requests that are up to 15 minutes off. A smaller difference than this is no reason for a refusal, and the
// Date header, in whole seconds and after the way through the network, is no better a clock than our own.
const noticeableSkew = 4 * minute;

// S3 says it as RequestTimeTooSkewed; some services check the signature, which covers the time, first; and HEAD says nothing.
const refusalsByClock = new Set([
  'RequestTimeTooSkewed',
  'SignatureDoesNotMatch',
  'RequestExpired',
  'AccessDenied',
  'Forbidden',
]);

/**
 * How far a service's clock is ahead of ours, in milliseconds, where a refusal may be due to that.
 *
 * @param now - our clock, uncorrected
 * @param offset - what it was corrected by when the request was signed
 * @returns undefined where the clocks agree, or nothing can be told
 */
export function clockOffsetOf({ response, error }: Outcome, now: number, offset: number): number | undefined {
  if (response.status !== 403 || !refusalsByClock.has(error?.code ?? '')) return undefined;
  // An answer from a cache tells the time when it was made.
  if (response.headers['age'] !== undefined) return undefined;
  const theirs = Date.parse(response.headers['date'] ?? '');
  const measured = theirs - now;
  return Math.abs(measured - offset) > noticeableSkew ? measured : undefined;
}

const refusalsByRegion = new Set([
  'AuthorizationHeaderMalformed',
  'IllegalLocationConstraintException',
  'PermanentRedirect',
  'TemporaryRedirect',
]);

/**
 * Whether a refusal says that the bucket is in another region than the one that was asked.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/Redirects.html}
 */
export function isElsewhere(
  { response, error }: Outcome,
  { method, bucket, key }: Pick<S3Call, 'method' | 'bucket' | 'key'>,
): boolean {
  if (bucket === undefined || error === undefined) return false;
  // A bucket that is being made has no region yet: that the constraint is illegal is for the caller to know.
  if (method === 'PUT' && key === undefined && error.code === 'IllegalLocationConstraintException')
    return false;
  const { status } = response;
  // HEAD in the wrong region gives a bare 301 or 400.
  return (
    refusalsByRegion.has(error.code) ||
    status === 301 ||
    status === 307 ||
    (method === 'HEAD' && status === 400)
  );
}

/** The region that a bucket is in, where a refusal tells that it is not the one that was asked. */
export function bucketRegionOf(
  outcome: Outcome,
  call: Pick<S3Call, 'method' | 'bucket' | 'key'>,
): string | undefined {
  if (!isElsewhere(outcome, call)) return undefined;
  const region = outcome.error?.fields['Region'] || outcome.response.headers['x-amz-bucket-region'] || '';
  // It becomes part of a host name.
  return /^[a-z0-9-]{1,40}$/.test(region) ? region : undefined;
}

const expiredCodes = [
  'ExpiredToken',
  'ExpiredTokenException',
  'TokenRefreshRequired',
  'InvalidToken',
  // Ceph's gateway says so of a session token that it does not take.
  'InvalidAccessKeyId',
];

/**
 * Whether S3 refused because the session token is no longer taken.
 *
 * The answer to a HEAD has no document: there the status is all that it says.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html}
 */
export function isExpired(
  { response, error }: Outcome,
  { sessionToken }: Pick<Credentials, 'sessionToken'>,
): boolean {
  if (sessionToken === undefined || error === undefined) return false;
  return expiredCodes.includes(error.code) || (response.method === 'HEAD' && response.status === 400);
}
