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
 * @throws the reason of the signal when it is aborted; an `Error` with the code `ECONNRESET` for an injected reset
 */
export type Transport = (request: TransportRequest, signal?: AbortSignal) => Promise<TransportResponse>;

/** Makes the transport that hands requests to an engine. */
export function inProcessTransport(engine: Engine): Transport {
  return (request, signal) => {
    const work = exchange(engine, request, signal);
    engine.track(work);
    return work;
  };
}

async function exchange(
  engine: Engine,
  request: TransportRequest,
  signal: AbortSignal | undefined,
): Promise<TransportResponse> {
  signal?.throwIfAborted();
  const { method, target } = request;
  const host = request.port === 80 ? request.hostname : `${request.hostname}:${request.port}`;
  const headers: Record<string, string[]> = { host: [host] };
  for (const [name, value] of Object.entries(request.headers)) headers[name.toLowerCase()] = [value];
  const length = request.body.kind === 'bytes' ? request.body.bytes.byteLength : request.body.length;
  if (headers['content-length'] === undefined && (length > 0 || method === 'PUT' || method === 'POST')) {
    headers['content-length'] = [String(length)];
  }
  const { reply, fault, finished } = await engine.answer({
    method,
    target,
    headers,
    remoteAddress: '127.0.0.1',
    body: () => bytesOf(request.body, signal),
  });
  finished();
  if (signal?.aborted || fault?.reset) {
    if (typeof reply.body === 'object') await reply.body.release();
    signal?.throwIfAborted();
    throw Object.assign(new Error('the connection was reset on purpose'), { code: 'ECONNRESET' });
  }
  const empty = method === 'HEAD';
  if (empty && typeof reply.body === 'object') await reply.body.release();
  const answerHeaders = Object.entries(replyHeaders(reply)).map(([name, value]) => [
    name.toLowerCase(),
    value,
  ]);
  return {
    status: reply.status,
    statusText: '',
    headers: Object.fromEntries(answerHeaders),
    destroy: () => {
      // It fails only where the file is gone already.
      if (typeof reply.body === 'object') reply.body.release().catch(() => undefined);
    },
    body: empty ? nothing() : aborting(replyBytes(reply, fault?.truncate), signal),
  };
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

async function* bytesOf(body: TransportBody, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  if (body.kind === 'bytes') {
    if (body.bytes.byteLength > 0) yield body.bytes;
    return;
  }
  yield* aborting(body.file.read(body.offset, body.length), signal);
}

async function* aborting(
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    signal?.throwIfAborted();
    yield chunk;
  }
}
