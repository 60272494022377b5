import { errorCode, type S3ErrorDocument } from './errors.ts';
import type { HttpResponse } from './http.ts';

const storageErrorBrand: unique symbol = Symbol.for('s3kit.StorageError') as never;

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
  declare readonly msg: string;
  /** Form 1: the detailed message. Form 2: the error that caused this one. */
  declare readonly exception: unknown;
  /** Form 1: the raw response. Form 2: null. */
  declare readonly response: HttpResponse | null;
  /** S3's error code, or the system's (`ENOENT`, `ECONNREFUSED`) in form 2, where there is one. */
  declare readonly code: string | undefined;
  /** The HTTP status of the response; undefined in form 2. */
  declare readonly status: number | undefined;
  declare readonly requestId: string | undefined;
  declare readonly hostId: string | undefined;
  /** Whether an earlier attempt, of which nobody knows how it ended, may have done what was asked: the refusal can be about just that. */
  declare readonly mayBeDone: boolean;

  private constructor(
    message: string,
    fields: Omit<StorageError, 'name' | 'message' | 'stack' | 'cause'>,
    cause: unknown,
  ) {
    super(message, { cause });
    Object.assign(this, fields);
    Object.defineProperty(this, storageErrorBrand, { value: true });
  }

  /** Form 1: S3 answered, and refused. */
  static refused({ operation, detail, response, document }: StorageRefusal): StorageError {
    // A class that names itself is built as `_StorageError`, and shown so.
    return new this(
      `${operation}: ${detail}`,
      {
        msg: operation,
        exception: detail,
        response,
        code: document.code,
        status: response.status,
        requestId: document.requestId,
        hostId: document.hostId,
        mayBeDone: document.mayBeDone === true,
      },
      document,
    );
  }

  /** Form 2: anything else. */
  static failed(operation: string, cause: unknown): StorageError {
    const detail = `${operation}: ${cause instanceof Error ? cause.message : String(cause)}`;
    return new this(
      detail,
      {
        msg: detail,
        exception: cause,
        response: null,
        code: errorCode(cause),
        status: undefined,
        requestId: undefined,
        hostId: undefined,
        mayBeDone: false,
      },
      cause,
    );
  }
}

/** True for a `StorageError` of any copy of this package (ESM and CommonJS have one each, so `instanceof` can fail). */
export function isStorageError(value: unknown): value is StorageError {
  return value instanceof Error && storageErrorBrand in value;
}
