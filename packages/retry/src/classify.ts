/**
 * What kind of failure a request met: `transient` goes away by itself, `throttling` asks for a longer wait,
 * `clock-skew` goes away once the clock of the client is corrected, `none` comes back each time.
 */
export type FailureKind = 'transient' | 'throttling' | 'clock-skew' | 'none';

/** A failed request, as far as it is known. */
export interface Failure {
  /** The HTTP status of the answer. */
  status?: number | undefined;
  /** The code in S3's error document, such as `SlowDown`; also one in the body of a 200. */
  code?: string | undefined;
  /** The code of an error without an answer, such as `ECONNRESET`. */
  networkCode?: string | undefined;
}

/**
 * By error code.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html} for those of S3
 * @see {@link https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html} for those of other services
 */
const KIND_BY_CODE: ReadonlyMap<string, FailureKind> = new Map([
  // S3.
  ['InternalError', 'transient'],
  ['RequestTimeout', 'transient'],
  ['ServiceUnavailable', 'transient'],
  ['BandwidthLimitExceeded', 'throttling'],
  ['SlowDown', 'throttling'],
  ['RequestTimeTooSkewed', 'clock-skew'],
  // The signature covers the time, and some services check it before they look at the clock.
  ['SignatureDoesNotMatch', 'clock-skew'],

  // MinIO, cmd/api-errors.go.
  ['SlowDownRead', 'throttling'],
  ['SlowDownWrite', 'throttling'],

  // Other services, among them STS and SSO, which give the credentials.
  ['RequestTimeoutException', 'transient'],
  ['EC2ThrottledException', 'throttling'],
  ['LimitExceededException', 'throttling'],
  ['PriorRequestNotComplete', 'throttling'],
  ['ProvisionedThroughputExceededException', 'throttling'],
  ['RequestLimitExceeded', 'throttling'],
  ['RequestThrottled', 'throttling'],
  ['RequestThrottledException', 'throttling'],
  ['ThrottledException', 'throttling'],
  ['Throttling', 'throttling'],
  ['ThrottlingException', 'throttling'],
  ['TooManyRequestsException', 'throttling'],
  ['TransactionInProgressException', 'throttling'],
  ['AuthFailure', 'clock-skew'],
  ['InvalidSignatureException', 'clock-skew'],
  ['RequestExpired', 'clock-skew'],
  ['RequestInTheFuture', 'clock-skew'],
]);

/** By HTTP status. @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-15} and RFC 6585 for 429 */
const KIND_BY_STATUS: ReadonlyMap<number, FailureKind> = new Map([
  [408, 'transient'],
  [429, 'throttling'],
  [500, 'transient'],
  [502, 'transient'],
  [503, 'transient'],
  [504, 'transient'],
  // Not in an RFC; services and proxies send it for BandwidthLimitExceeded.
  [509, 'throttling'],
]);

/**
 * Network errors that another try may get past.
 *
 * @see {@link https://nodejs.org/api/errors.html#common-system-errors} and `node:dns` for EAI_AGAIN, ENOTFOUND
 * @see {@link https://undici.nodejs.org/#/docs/api/Errors} for UND_ERR_
 */
const TRANSIENT_NETWORK_CODES: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ETIMEDOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_SOCKET',
]);

/**
 * Tells what kind of failure it was: by S3's code, or else by the HTTP status, or else by the network error.
 *
 * @example
 * classify({ status: 503, code: 'SlowDown' }); // 'throttling'
 */
export function classify({ status, code, networkCode }: Failure): FailureKind {
  const byCode = code === undefined ? undefined : KIND_BY_CODE.get(code);
  const byStatus = status === undefined ? undefined : KIND_BY_STATUS.get(status);
  const answered = byCode ?? byStatus;
  if (answered !== undefined) return answered;
  return networkCode !== undefined && TRANSIENT_NETWORK_CODES.has(networkCode) ? 'transient' : 'none';
}
