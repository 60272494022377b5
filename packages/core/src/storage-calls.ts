import type { Connection } from './connection.ts';
import type { HttpResponse } from './http.ts';
import type { S3Request, SendOptions } from './requests/s3-request.ts';
import { type Acceptable, type ResponseHolder, type S3Response, settle } from './responses.ts';

/** The result of a call, and the raw response that it came with. */
export interface WithResponse<T> {
  readonly value: T;
  /** The raw response of this call, whatever other calls run beside it; null where none was needed. */
  readonly response: HttpResponse | null;
}

/** What the methods of `Storage` return: a promise that can also give the raw response of its own call. */
export interface StorageCall<T> extends Promise<T> {
  /** Resolves to the result together with the raw response of this call. */
  withResponse(): Promise<WithResponse<T>>;
}

/** What all methods of `Storage` have in common. */
export class StorageCalls implements ResponseHolder {
  readonly connection: Connection;
  /**
   * The raw response of the call that ended last, whether it succeeded or was refused; null before the first.
   *
   * Of calls that run side by side, each can give its own: `withResponse()` of what it returned, `response` of its error.
   */
  response: HttpResponse | null = null;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /**
   * Makes a request, sends it, and shapes its answer.
   *
   * @param operation - the method's name, for errors
   * @param request - makes the request; what it throws rejects the call
   */
  call<R extends S3Response, T>(
    operation: string,
    request: (connection: Connection) => S3Request<R> | Promise<S3Request<R>>,
    shape: (result: R) => T | Promise<T>,
    { acceptable, signal }: SendOptions & { readonly acceptable?: Acceptable | undefined } = {},
  ): StorageCall<T> {
    let own: HttpResponse | null = null;
    const value = settle(
      this,
      operation,
      async () => (await request(this.connection)).send({ signal }),
      (result) => {
        own = result.response;
        return shape(result);
      },
      acceptable,
    );
    return Object.assign(value, {
      withResponse: async (): Promise<WithResponse<T>> => ({ value: await value, response: own }),
    });
  }
}
