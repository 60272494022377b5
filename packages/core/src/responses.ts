import type { XmlObject } from '@s3kit/xml/light';
import type { Connection, S3Answer } from './connection.ts';
import { isInvalidArgument, type S3ErrorDocument } from './errors.ts';
import type { HttpResponse } from './http.ts';
import { isStorageError, StorageError } from './storage-error.ts';

/**
 * What a request came to.
 *
 * Requests resolve to it whether S3 did what was asked or refused; they reject only where there is no answer.
 */
export class S3Response {
  /** Whether S3 did what was asked. */
  readonly ok: boolean;
  /** Why not: what happened, to what, and what to do, in one line. Empty when `ok`. */
  readonly error: string;
  /** The raw HTTP response, whatever `ok` says; null where none was needed. */
  readonly response: HttpResponse | null;
  /** S3's error document, when not `ok`. */
  readonly document: S3ErrorDocument | undefined;

  constructor(
    ok: boolean = true,
    error: string = '',
    response: HttpResponse | null = null,
    document?: S3ErrorDocument,
  ) {
    this.ok = ok;
    this.error = error;
    this.response = response;
    this.document = document;
  }

  /** An `S3Response` that also has the given properties. */
  with<Extra extends object>(extra: Extra): this & Readonly<Extra> {
    return Object.assign(this, extra);
  }
}

/**
 * Makes an `S3Response` of a connection's answer.
 *
 * @param subject - what was asked about, for the error's text
 * @param leftBehind - what the error's text has to tell besides
 */
export function toS3Response(
  connection: Connection,
  subject: string,
  { response, error, mayBeDone }: S3Answer,
  leftBehind?: string,
): S3Response | Promise<S3Response> {
  if (error === undefined) return new S3Response(true, '', response);
  return import('./refusals.ts').then(({ describeError }) => {
    const description = describeError(error, subject, response, connection.now(), mayBeDone);
    return new S3Response(
      false,
      leftBehind === undefined ? description : `${description}; ${leftBehind}`,
      response,
      { ...error, mayBeDone },
    );
  });
}

/** What the response helpers keep their responses in; `Storage` is one. */
export interface ResponseHolder {
  /** The raw response of the last call, or null. */
  response: HttpResponse | null;
}

/** A method, of any holder, that resolves to an `S3Response`. */
export type RespondingMethod<Holder extends ResponseHolder, Args extends unknown[], R extends S3Response> = (
  this: Holder,
  ...args: Args
) => Promise<R>;

/** Which responses `settle` takes for an answer; the others are refusals. */
export type Acceptable = (result: S3Response) => boolean;

const isOk: Acceptable = ({ ok }) => ok;

/** Takes 'not found' for an answer too. */
export const isOkOrNotFound: Acceptable = ({ ok, response }) => ok || response?.status === 404;

/**
 * The one place where answers become results or `StorageError`s: keeps the raw response in `holder.response`, and
 * throws where S3 refused (form 1) or anything else failed (form 2).
 */
export async function settle<R extends S3Response, T>(
  holder: ResponseHolder,
  operation: string,
  request: () => Promise<R>,
  shape: (result: R) => T | Promise<T>,
  acceptable: Acceptable = isOk,
): Promise<T> {
  try {
    const result = await request();
    holder.response = result.response;
    if (acceptable(result)) return await shape(result);
    const { response, document, error } = result;
    if (response === null || document === undefined) throw new Error(error);
    throw StorageError.refused({ operation, detail: error, response, document });
  } catch (error) {
    if (isStorageError(error) || isInvalidArgument(error)) throw error;
    throw StorageError.failed(operation, error);
  }
}

/**
 * Adds response handling to a method that resolves to an `S3Response`: keeps the raw response in `this.response`, and
 * throws a `StorageError` when it is not ok. The error names the method by its function's name.
 */
export function checkResponse<Holder extends ResponseHolder, Args extends unknown[], R extends S3Response>(
  method: RespondingMethod<Holder, Args, R>,
): RespondingMethod<Holder, Args, R> {
  return named(method.name, function (...args) {
    return settle(
      this,
      method.name,
      () => method.apply(this, args),
      (result) => result,
    );
  });
}

/**
 * Adds response handling to a method that asks whether something is there: keeps the raw response in `this.response`,
 * and resolves to whether it is ok. 'Not found' is an answer; any other refusal throws a `StorageError`.
 */
export function checkResponseOk<Holder extends ResponseHolder, Args extends unknown[], R extends S3Response>(
  method: RespondingMethod<Holder, Args, R>,
): (this: Holder, ...args: Args) => Promise<boolean> {
  return named(method.name, function (...args) {
    return settle(
      this,
      method.name,
      () => method.apply(this, args),
      ({ ok }) => ok,
      isOkOrNotFound,
    );
  });
}

/** Makes a method that resolves to an `S3Response` resolve to the object in its JSON body. */
export function getJsonContent<Holder extends ResponseHolder, Args extends unknown[], R extends S3Response>(
  method: RespondingMethod<Holder, Args, R>,
): (this: Holder, ...args: Args) => Promise<unknown> {
  return named(method.name, function (...args) {
    return settle(this, method.name, () => method.apply(this, args), readJson);
  });
}

/**
 * Makes a method that resolves to an `S3Response` resolve to the object in its XML body.
 *
 * @param lists - the tags that are lists however often they stand there; see `parseXml`
 */
export function getXmlContent<Holder extends ResponseHolder, Args extends unknown[], R extends S3Response>(
  method: RespondingMethod<Holder, Args, R>,
  lists: readonly string[] = [],
): (this: Holder, ...args: Args) => Promise<XmlObject> {
  return named(method.name, function (...args) {
    return settle(
      this,
      method.name,
      () => method.apply(this, args),
      (result) => readXml(result, lists),
    );
  });
}

/** Gives a wrapper the name of what it wraps: errors name the method by it. */
function named<F extends (...args: never[]) => unknown>(name: string, wrapper: F): F {
  return Object.defineProperty(wrapper, 'name', { value: name });
}

/** The object in a response's XML body. */
export async function readXml({ response }: S3Response, lists: readonly string[]): Promise<XmlObject> {
  const { parseXml } = await import('./xml.ts');
  return parseXml(response?.body ?? '', { lists, attributes: 'drop-default-namespace' });
}

/** The object in a response's JSON body. */
export function readJson({ response }: S3Response): unknown {
  return JSON.parse(response?.body ?? '') as unknown;
}
