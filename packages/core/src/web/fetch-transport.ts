import { piecesOf } from '../bytes.ts';
import { errorCode } from '../errors.ts';
import {
  bodyLength,
  type HttpRequest,
  isTransportError,
  type RequestBody,
  type Transport,
  TransportError,
  type TransportResponse,
} from '../http.ts';

/** How the transport over `fetch` waits, and what it sends with. */
export interface FetchTransportOptions {
  /** Sends the requests. @default the global `fetch` */
  readonly fetch?: typeof fetch | undefined;
  /** Milliseconds without a byte of an answer's body before it fails. @default 60000 */
  readonly idleTimeout?: number | undefined;
  /**
   * Milliseconds until an answer must begin, all told; a second more for each 64 KiB of the request's body.
   *
   * @default 300000
   */
  readonly attemptTimeout?: number | undefined;
}

// Slower than 64 KiB a second is no transfer.
const bytesPerMillisecond = 64 * 1.024;

// What fetch undoes. Not every one knows the last two; an object with those is then refused without need, and never read wrong.
const undoneCodings = /^(x-)?gzip$|^deflate$|^br$|^zstd$/;

/**
 * One HTTP exchange by `fetch`: for browsers, Workers, Bun, Deno, and wherever else there is nothing but `fetch`.
 *
 * - A key that `fetch` would rewrite (with `.` or `..` between its slashes) is refused before any request.
 * - Redirects are not followed: the signature is for one host, and no other shall see it.
 * - Bodies are sent from memory: S3 takes none whose length is not announced, and `fetch` announces none of a stream.
 * - What the runtime has decompressed says so (`decoded`).
 */
export function createFetchTransport({
  fetch: send,
  idleTimeout = 60_000,
  attemptTimeout = 300_000,
}: FetchTransportOptions = {}): Transport {
  const inBrowser = isBrowser();
  return async (request, signal) => {
    const url = await urlOf(request);
    const { method, body } = request;
    const content = await contentOf(method, body);
    const control = new AbortController();
    const timer = limit(control, request);
    const abort = (): void => control.abort(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort);
    const release = (): void => {
      timer.stop();
      signal?.removeEventListener('abort', abort);
    };
    try {
      timer.start(attemptTimeout + bodyLength(body) / bytesPerMillisecond, 'the answer did not come in time');
      const init = { method, body: content, signal: control.signal };
      // Not `this.fetch`: browsers refuse to be called as anybody's method.
      const response = await (send ?? fetch)(url, { ...init, ...sendingOptions(request, inBrowser) });
      timer.stop();
      if (response.type === 'opaqueredirect') throw (await import('./fetch-faults.ts')).redirected(request);
      request.onSent?.(bodyLength(body));
      return toResponse(response, { request, control, timer, idleTimeout, inBrowser, release });
    } catch (error) {
      release();
      throw explained(error, request, control.signal, inBrowser);
    }
  };
}

/** @throws {TypeError} `fetch` would send another path or query */
async function urlOf({ protocol, hostname, port, target }: HttpRequest): Promise<string> {
  const url = `${protocol}//${hostname}:${port}${target}`;
  const { pathname, search } = new URL(url);
  if (pathname + search === target) return url;
  throw (await import('./fetch-faults.ts')).rewritten(pathname);
}

interface Limit {
  start(milliseconds: number, problem: string): void;
  stop(): void;
}

function limit(control: AbortController, request: HttpRequest): Limit {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = (): void => clearTimeout(timer);
  return {
    stop,
    start(milliseconds, problem) {
      stop();
      timer = setTimeout(() => control.abort(failed(request, problem, 'ETIMEDOUT')), milliseconds);
    },
  };
}

async function contentOf(method: string, body: RequestBody): Promise<Uint8Array<ArrayBuffer> | null> {
  if (bodyLength(body) === 0) return method === 'PUT' || method === 'POST' ? new Uint8Array() : null;
  // A view of shared memory is the one kind that fetch refuses; nobody has such bytes without knowing.
  if (body.kind === 'bytes') return body.bytes as Uint8Array<ArrayBuffer>;
  return (await import('./file-content.ts')).contentOfFile(body);
}

/** Whether this is a browser: it alone forbids headers, keeps answers in a cache, and adds cookies. */
function isBrowser(): boolean {
  const { headers } = new Request('https://localhost/', { headers: { 'accept-encoding': 'identity' } });
  return !headers.has('accept-encoding');
}

function sendingOptions({ headers }: HttpRequest, inBrowser: boolean): RequestInit {
  // `fetch` writes these two itself.
  const { host, 'content-length': length, ...others } = headers;
  if (!inBrowser) {
    // `decompress` is Bun's, and nobody else minds it.
    return { headers: others, redirect: 'manual', ...{ decompress: false } };
  }
  const { 'user-agent': userAgent, 'accept-encoding': encoding, ...allowed } = others;
  // What a browser knows besides is not among Node's types.
  return { headers: allowed, redirect: 'manual', credentials: 'omit', cache: 'no-store' } as RequestInit;
}

/** Bun when it is told to, and Deno where the request has an Accept-Encoding of its own, which all of ours have. */
const leavesBodiesAsTheyAre = (): boolean => 'Bun' in globalThis || 'Deno' in globalThis;

/** What the reading of one answer needs. */
interface Exchange {
  readonly request: HttpRequest;
  readonly control: AbortController;
  readonly timer: Limit;
  readonly idleTimeout: number;
  readonly inBrowser: boolean;
  /** Lets go of the caller's signal. */
  readonly release: () => void;
}

function toResponse(response: Response, exchange: Exchange): TransportResponse {
  const { status, statusText } = response;
  const headers = Object.fromEntries(response.headers);
  const codings = (headers['content-encoding'] ?? '').toLowerCase().split(/\s*,\s*/);
  const hasBody = response.body !== null && exchange.request.method !== 'HEAD';
  const decoded = hasBody && !leavesBodiesAsTheyAre() && codings.some((coding) => undoneCodings.test(coding));
  const body = hasBody ? piecesOfAnswer(response.body, headers, decoded, exchange) : nothing();
  if (!hasBody) exchange.release();
  return {
    status,
    statusText,
    headers,
    body,
    ...(decoded && { decoded }),
    destroy() {
      exchange.control.abort(failed(exchange.request, 'the answer is not wanted any more', 'ABORT_ERR'));
      exchange.release();
    },
  };
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

async function* piecesOfAnswer(
  stream: ReadableStream<Uint8Array>,
  headers: Readonly<Record<string, string>>,
  decoded: boolean,
  { request, control, timer, idleTimeout, inBrowser, release }: Exchange,
): AsyncGenerator<Uint8Array> {
  const announced = headers['content-length'];
  let received = 0;
  try {
    const wait = (): void => timer.start(idleTimeout, `no byte came for ${idleTimeout / 1000} s`);
    wait();
    for await (const piece of piecesOf(stream)) {
      // Who reads slowly is no fault of the service.
      timer.stop();
      received += piece.byteLength;
      if (!decoded && announced !== undefined && received > Number(announced))
        throw (await import('./fetch-faults.ts')).unseenCoding(request);
      yield piece;
      wait();
    }
  } catch (error) {
    throw explained(error, request, control.signal, inBrowser);
  } finally {
    release();
  }
}

function failed(
  { hostname, port }: HttpRequest,
  problem: string,
  code: string,
  cause?: unknown,
): TransportError {
  return new TransportError(problem, { code, hostname, port }, cause);
}

/** The reason of an abort as it is; a network's failure, which `fetch` calls a TypeError, as one that is worth a retry. */
function explained(
  error: unknown,
  request: HttpRequest,
  { aborted, reason }: AbortSignal,
  inBrowser: boolean,
): unknown {
  if (aborted) return reason;
  if (isTransportError(error) || !(error instanceof Error) || errorCode(error)?.startsWith('ERR_S3KIT'))
    return error;
  const code = errorCode(error) ?? errorCode(error.cause);
  const problem = inBrowser
    ? 'no connection; or the CORS rules of the bucket do not allow this page, method or header'
    : `no connection: ${[error.message, error.cause instanceof Error ? error.cause.message : ''].filter(Boolean).join(': ')}`;
  // Names that are no system's (Bun's ConnectionRefused) would not be known to be worth a retry.
  return failed(request, problem, code !== undefined && /^E[A-Z]+$/.test(code) ? code : 'ECONNRESET', error);
}
