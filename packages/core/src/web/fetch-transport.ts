import { piecesOf } from '../bytes.ts';
import { errorCode } from '../errors.ts';
import {
  bodyLength,
  type HeaderRecord,
  type HttpRequest,
  isTransportError,
  type RequestBody,
  type Transport,
  TransportError,
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
    const { method, body, hostname, port } = request;
    const url = await urlOf(request);
    const content = await contentOf(method, body);
    const control = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;

    const failed = (problem: string, code: string, cause?: unknown): TransportError =>
      new TransportError(problem, { code, hostname, port }, cause);
    const abort = (): void => control.abort(signal?.reason);
    /** Waits so long for what is to come, and no longer for what was waited for. */
    const wait = (milliseconds: number, problem: string): void => {
      clearTimeout(timer);
      timer = setTimeout(() => control.abort(failed(problem, 'ETIMEDOUT')), milliseconds);
    };
    /** Lets go of the clock and of the caller's signal. */
    const release = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    /** The reason of an abort as it is; a network's failure, which `fetch` calls a TypeError, as one that is worth a retry. */
    const explained = (error: unknown): unknown => {
      if (control.signal.aborted) return control.signal.reason;
      if (isTransportError(error) || !(error instanceof Error) || errorCode(error)?.startsWith('ERR_S3KIT'))
        return error;
      const code = errorCode(error) ?? errorCode(error.cause) ?? '';
      const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
      const problem = inBrowser
        ? 'no connection; or the CORS rules of the bucket do not allow this'
        : `no connection: ${error.message}${cause}`;
      // Names that are no system's (Bun's ConnectionRefused) would not be known to be worth a retry.
      return failed(problem, /^E[A-Z]+$/.test(code) ? code : 'ECONNRESET', error);
    };

    async function* pieces(
      stream: ReadableStream<Uint8Array> | null,
      announced: number,
      decoded: boolean,
    ): AsyncGenerator<Uint8Array> {
      let received = 0;
      const waitForPiece = (): void => wait(idleTimeout, `no byte came for ${idleTimeout / 1000} s`);
      try {
        if (stream === null) return;
        waitForPiece();
        for await (const piece of piecesOf(stream)) {
          // Who reads slowly is no fault of the service.
          clearTimeout(timer);
          received += piece.byteLength;
          if (!decoded && received > announced)
            throw (await import('./fetch-faults.ts')).unseenCoding(request);
          yield piece;
          waitForPiece();
        }
        if (!decoded && received < announced)
          throw failed(`the body ended after ${received} of ${announced} bytes`, 'ECONNRESET');
      } catch (error) {
        throw explained(error);
      } finally {
        release();
      }
    }

    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort);
    try {
      wait(attemptTimeout + bodyLength(body) / bytesPerMillisecond, 'no answer came in time');
      const init = { method, body: content, signal: control.signal };
      // Not `this.fetch`: browsers refuse to be called as anybody's method.
      const response = await (send ?? fetch)(url, { ...init, ...sendingOptions(request, inBrowser) });
      clearTimeout(timer);
      const { status, statusText, type } = response;
      if (type === 'opaqueredirect') throw (await import('./fetch-faults.ts')).redirected(request);
      request.onSent?.(bodyLength(body));
      const headers = Object.fromEntries(response.headers);
      const hasBody = response.body !== null && method !== 'HEAD';
      if (!hasBody) release();
      const decoded = hasBody && isUndone(headers);
      return {
        status,
        statusText,
        headers,
        // Where no length is told, it is NaN, which nothing exceeds.
        body: pieces(hasBody ? response.body : null, Number(headers['content-length']), decoded),
        ...(decoded && { decoded }),
        checked: true,
        destroy() {
          control.abort(failed('not wanted', 'ABORT_ERR'));
          release();
        },
      };
    } catch (error) {
      release();
      throw explained(error);
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
  // It would have to be allowed by CORS; what browsers forbid, they leave out.
  const { 'user-agent': userAgent, ...allowed } = others;
  // What a browser knows besides is not among Node's types.
  return { headers: allowed, redirect: 'manual', credentials: 'omit', cache: 'no-store' } as RequestInit;
}

/** Bun when it is told to, and Deno where the request has an Accept-Encoding of its own, which all of ours have. */
const leavesBodiesAsTheyAre = (): boolean => 'Bun' in globalThis || 'Deno' in globalThis;

/** Whether the runtime has decompressed an answer. */
function isUndone(headers: HeaderRecord): boolean {
  const codings = (headers['content-encoding'] ?? '').toLowerCase().split(/\s*,\s*/);
  return !leavesBodiesAsTheyAre() && codings.some((coding) => undoneCodings.test(coding));
}
