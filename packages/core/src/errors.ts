import type { HttpResponse } from './http.ts';

const storageErrorBrand: unique symbol = Symbol.for('s3kit.StorageError') as never;
const configErrorBrand: unique symbol = Symbol.for('s3kit.ConfigError') as never;

/** The `code` of the `TypeError`s and `RangeError`s that refuse a caller's argument before any request. */
const INVALID_ARGUMENT = 'ERR_S3KIT_INVALID_ARGUMENT';

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
}

/** What a `StorageError` of the first form is made of. */
export interface StorageRefusal {
  readonly operation: string;
  readonly detail: string;
  readonly response: HttpResponse;
  readonly document: S3ErrorDocument;
}

/**
 * The one error of `Storage`, in two forms.
 *
 * - S3 answered, and refused: `msg` is the method's name, `exception` the detailed message, `response` the raw response;
 *   `code`, `status`, `requestId` and `hostId` are S3's.
 * - Anything else (disk, network, a broken answer): `msg` is the detailed message, `exception` the cause, `response` null.
 */
export class StorageError extends Error {
  override readonly name: string = 'StorageError';
  /** Form 1: the name of the method that was called. Form 2: the detailed message. */
  readonly msg: string;
  /** Form 1: the detailed message. Form 2: the error that caused this one. */
  readonly exception: unknown;
  /** Form 1: the raw response. Form 2: null. */
  readonly response: HttpResponse | null;
  /** S3's error code, or the system's (`ENOENT`, `ECONNREFUSED`) in form 2, where there is one. */
  readonly code: string | undefined;
  /** The HTTP status of the response; undefined in form 2. */
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  readonly hostId: string | undefined;

  private constructor(
    message: string,
    fields: Omit<StorageError, 'name' | 'message' | 'stack' | 'cause'>,
    cause: unknown,
  ) {
    super(message, { cause });
    this.msg = fields.msg;
    this.exception = fields.exception;
    this.response = fields.response;
    this.code = fields.code;
    this.status = fields.status;
    this.requestId = fields.requestId;
    this.hostId = fields.hostId;
    Object.defineProperty(this, storageErrorBrand, { value: true });
  }

  /** Form 1: S3 answered, and refused. */
  static refused({ operation, detail, response, document }: StorageRefusal): StorageError {
    return new StorageError(
      `${operation}: ${detail}`,
      {
        msg: operation,
        exception: detail,
        response,
        code: document.code,
        status: response.status,
        requestId: document.requestId,
        hostId: document.hostId,
      },
      document,
    );
  }

  /** Form 2: anything else. */
  static failed(operation: string, cause: unknown): StorageError {
    const detail = `${operation}: ${cause instanceof Error ? cause.message : String(cause)}`;
    return new StorageError(
      detail,
      {
        msg: detail,
        exception: cause,
        response: null,
        code: errorCode(cause),
        status: undefined,
        requestId: undefined,
        hostId: undefined,
      },
      cause,
    );
  }
}

/** True for a `StorageError` of any copy of this package (ESM and CommonJS have one each, so `instanceof` can fail). */
export function isStorageError(value: unknown): value is StorageError {
  return value instanceof Error && storageErrorBrand in value;
}

/** The `code` of an error, where it has one. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Where in a configuration a fault is. */
export interface ConfigErrorPlace {
  /** The file, as the caller named it. */
  readonly file?: string | undefined;
  /** The line, from 1. */
  readonly line?: number | undefined;
  /** The key at fault, such as `retry.limit`. */
  readonly key?: string | undefined;
}

/** A configuration that is missing, malformed, or holds what it may not. A `TypeError` that says where. */
export class ConfigError extends TypeError implements ConfigErrorPlace {
  override readonly name: string = 'ConfigError';
  readonly code: string = INVALID_ARGUMENT;
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly key: string | undefined;

  constructor(problem: string, place: ConfigErrorPlace = {}, cause?: unknown) {
    const where = [place.file, place.line].filter((part) => part !== undefined).join(':');
    super(where === '' ? problem : `${where}: ${problem}`, cause === undefined ? undefined : { cause });
    this.file = place.file;
    this.line = place.line;
    this.key = place.key;
    Object.defineProperty(this, configErrorBrand, { value: true });
  }
}

/** True for a `ConfigError` of any copy of this package. */
export function isConfigError(value: unknown): value is ConfigError {
  return value instanceof Error && configErrorBrand in value;
}
