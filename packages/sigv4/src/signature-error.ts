/** The codes with which a request, a form or a body is refused, and the HTTP status that S3 gives each. */
const STATUS_BY_CODE = {
  AccessDenied: 403,
  AuthorizationHeaderMalformed: 400,
  AuthorizationQueryParametersError: 400,
  EntityTooLarge: 400,
  EntityTooSmall: 400,
  IncompleteBody: 400,
  InvalidAccessKeyId: 403,
  InvalidArgument: 400,
  InvalidChunkSizeError: 403,
  InvalidPolicyDocument: 400,
  InvalidRequest: 400,
  InvalidURI: 400,
  MalformedTrailerError: 400,
  RequestTimeTooSkewed: 403,
  SignatureDoesNotMatch: 403,
  XAmzContentSHA256Mismatch: 400,
} as const;

/** S3's code for a request that is refused because of its signature. */
export type SignatureErrorCode = keyof typeof STATUS_BY_CODE;

/** The name under which copies of the class (ESM and CommonJS) know each other. */
const BRAND: symbol = /* @__PURE__ */ Symbol.for('s3kit.SignatureError');

/**
 * A received request is not signed as it has to be.
 *
 * The message never holds a signature or a secret, so it may be logged.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html}
 */
export class SignatureError extends Error {
  override readonly name: string = 'SignatureError';
  /** S3's error code. */
  readonly code: SignatureErrorCode;
  /** The HTTP status of the answer: 400 or 403. */
  readonly status: number;
  /**
   * What S3 puts into the error document besides code and message, by element name: `AWSAccessKeyId`,
   * `StringToSign`, `CanonicalRequest` and so on. It repeats what the client sent, a session token for
   * example, so it is for the client alone: `util.inspect` and JSON do not show it.
   */
  declare readonly details: Readonly<Record<string, string>>;

  constructor(code: SignatureErrorCode, message: string, details: Readonly<Record<string, string>> = {}) {
    super(message);
    this.code = code;
    this.status = STATUS_BY_CODE[code];
    Object.defineProperty(this, 'details', { value: details });
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/** Whether a value is a `SignatureError`, of this copy of the package or another. */
export function isSignatureError(value: unknown): value is SignatureError {
  return value instanceof Error && BRAND in value;
}
