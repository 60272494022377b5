/** The `code` of the `TypeError`s and `RangeError`s that refuse a caller's argument before any request. */
export const INVALID_ARGUMENT = 'ERR_S3KIT_INVALID_ARGUMENT';

/** A `TypeError` that refuses an argument; passes through `Storage` unwrapped. */
export function invalidArgument(message: string, cause?: unknown): TypeError {
  return Object.assign(new TypeError(message, cause === undefined ? undefined : { cause }), {
    code: INVALID_ARGUMENT,
  });
}

/** A `RangeError` that refuses an argument's value; passes through `Storage` unwrapped. */
export function outOfRange(message: string): RangeError {
  return Object.assign(new RangeError(message), { code: INVALID_ARGUMENT });
}

/** True for the `TypeError`s and `RangeError`s that refuse an argument before any request. */
export function isInvalidArgument(error: unknown): error is TypeError | RangeError {
  return error instanceof Error && 'code' in error && error.code === INVALID_ARGUMENT;
}

/** What S3 wrote into an error document, or what its status says where there is no document (HEAD). */
export interface S3ErrorDocument {
  /** S3's code, such as `NoSuchKey`; for an answer without a document, a word for the status. */
  readonly code: string;
  readonly message: string;
  readonly requestId: string | undefined;
  readonly hostId: string | undefined;
  /** Every text element of the document, by its tag name. */
  readonly fields: Readonly<Record<string, string>>;
  /** What no document tells: whether an earlier attempt, of which nobody knows how it ended, may have done what was asked. */
  readonly mayBeDone?: boolean | undefined;
}

/** The `code` of an error, where it has one. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
