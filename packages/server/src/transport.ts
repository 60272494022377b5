import type { Engine } from './engine.ts';
import { replyBytes, replyHeaders } from './reply.ts';

/** A signed request, as clients of `@s3kit/core` hand it to a transport. */
export interface TransportRequest {
  readonly method: string;
  /** Path and query exactly as they would go on the wire. */
  readonly target: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly hostname: string;
  readonly port: number;
  readonly body: TransportBody;
}

/** Bytes in memory, or a piece of a file that is read when it is wanted. */
export type TransportBody =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | {
      readonly kind: 'file';
      readonly file: { read(offset: number, length: number): AsyncIterable<Uint8Array> };
      readonly offset: number;
      readonly length: number;
    };

/** The answer: the head, and a body that is to be read to its end. */
export interface TransportResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array>;
  /** Lets go of a body that is not read to its end. */
  destroy(): void;
}

/**
 * One exchange that opens no socket.
 *
 * @throws the reason of the signal when it is aborted. For an injected reset, and in the middle of a body that is cut, an
 * error as `@s3kit/core` makes it of a broken socket: `name` `TransportError`, `code` `ECONNRESET`, `hostname`, `port`
 */
export type Transport = (request: TransportRequest, signal?: AbortSignal) => Promise<TransportResponse>;

/** Makes the transport that hands requests to an engine. */
export function inProcessTransport(engine: Engine): Transport {
  return (request, signal) =>
    orAborted(
      engine.run(() => exchange(engine, request, signal)),
      signal,
    );
}

async function exchange(
  engine: Engine,
  request: TransportRequest,
  signal: AbortSignal | undefined,
): Promise<TransportResponse> {
  signal?.throwIfAborted();
  const sent = new SentBody(request.body, signal);
  const { reply, fault, finished } = await engine.answer({
    method: request.method,
    target: request.target,
    headers: wireHeaders(request, sent.length),
    remoteAddress: '127.0.0.1',
    body: () => sent.bytes(),
  });
  finished();
  const { body } = reply;
  const release = async (): Promise<void> => {
    if (typeof body === 'object') await body.release();
  };
  if (signal?.aborted || fault?.reset || sent.failed) {
    await release();
    signal?.throwIfAborted();
    // A file that cannot be read is the client's own trouble, and no answer of the server's.
    if (sent.failed) throw sent.failure;
    throw connectionBroke(request, 'the connection was reset on purpose');
  }
  const empty = request.method === 'HEAD';
  if (empty) await release();
  const headers = Object.entries(replyHeaders(reply)).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    status: reply.status,
    statusText: '',
    headers: Object.fromEntries(headers),
    // It fails only where the file is gone already.
    destroy: () => void release().catch(() => undefined),
    body: empty ? nothing() : received(request, replyBytes(reply, fault?.truncate), signal),
  };
}

/** What a connection's own layers add to the headers of a request. */
function wireHeaders(
  { method, hostname, port, headers: given }: TransportRequest,
  length: number,
): Record<string, string[]> {
  const headers: Record<string, string[]> = { host: [port === 80 ? hostname : `${hostname}:${port}`] };
  for (const [name, value] of Object.entries(given)) headers[name.toLowerCase()] = [value];
  if (headers['content-length'] === undefined && (length > 0 || method === 'PUT' || method === 'POST')) {
    headers['content-length'] = [String(length)];
  }
  return headers;
}

/** The work's outcome, or the signal's reason as soon as it is aborted. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** A broken connection, as clients of `@s3kit/core` know it: by name and code, for the server does not depend on it. */
function connectionBroke(
  { hostname, port }: TransportRequest,
  problem: string,
  cause?: unknown,
): Error & { code: string } {
  const error = new Error(`${problem} (${hostname}:${port})`, cause === undefined ? {} : { cause });
  return Object.assign(error, {
    name: 'TransportError',
    code: 'ECONNRESET',
    hostname,
    port,
    staleConnection: false,
  });
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** A request's body on its way to the engine, and what went wrong with it. */
class SentBody {
  readonly #body: TransportBody;
  readonly #signal: AbortSignal | undefined;
  failed = false;
  failure: unknown;

  constructor(body: TransportBody, signal: AbortSignal | undefined) {
    this.#body = body;
    this.#signal = signal;
  }

  get length(): number {
    return this.#body.kind === 'bytes' ? this.#body.bytes.byteLength : this.#body.length;
  }

  async *bytes(): AsyncGenerator<Uint8Array> {
    const body = this.#body;
    if (body.kind === 'bytes') {
      if (body.bytes.byteLength > 0) yield body.bytes;
      return;
    }
    const source = body.file.read(body.offset, body.length)[Symbol.asyncIterator]();
    try {
      for (;;) {
        const { done, value } = await this.#watched(source.next());
        if (done) return;
        yield value;
      }
    } finally {
      await source.return?.();
    }
  }

  async #watched<T>(step: Promise<T>): Promise<T> {
    try {
      this.#signal?.throwIfAborted();
      return await step;
    } catch (error) {
      this.failed = true;
      this.failure = error;
      throw error;
    }
  }
}

/** An answer's body; where it breaks off, the connection does. */
async function* received(
  request: TransportRequest,
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of source) {
      signal?.throwIfAborted();
      yield chunk;
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw connectionBroke(request, 'the connection broke off', error);
  }
}
