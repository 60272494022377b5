import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { errorCode, outOfRange } from '../errors.ts';
import {
  type BodyDestination,
  bodyLength,
  type HttpRequest,
  isTransportError,
  maximumConnections,
  type Transport,
  TransportError,
  type TransportResponse,
} from '../http.ts';
import { Pacer } from './pacer.ts';
import type { RangeThreads } from './range-threads.ts';

// Slower than 64 KiB a second is no transfer.
const bytesPerMillisecond = 64 * 1.024;
const longestContinueWait = 1_000;
const longestTimer = 2 ** 31 - 1;
const slowestRate = 8 * 1024;
const countedPiece = 256 * 1024;

/** How long Node's transport waits, and for whom it vouches. */
export interface NodeTransportOptions {
  /** Milliseconds that a connection, TLS included, may take. @default 3000 */
  readonly connectTimeout?: number;
  /** Milliseconds without a byte in either direction before a request fails. @default 60000 */
  readonly idleTimeout?: number;
  /**
   * Milliseconds until an answer must begin, all told; a second more for each 64 KiB of the request's body.
   *
   * @default 300000
   */
  readonly attemptTimeout?: number;
  /** Bytes a second, of all that is sent and received together; 8,192 or more. @default no limit */
  readonly maximumRate?: number;
  /** Most connections at a time to one host. @default 64 */
  readonly maximumConnections?: number;
  /**
   * Threads beside the caller's that fetch ranges of large downloads to files, for what one core cannot take in. None where
   * `maximumRate` or an agent is given.
   *
   * @default 0
   */
  readonly threads?: number;
  /** Certificates of authorities to trust instead of the system's, in PEM. */
  readonly certificateAuthorities?: string | readonly string[];
  /** Opens the connections of HTTP in place of an agent of its own, for example through a proxy. */
  readonly httpAgent?: http.Agent;
  /** The same for HTTPS; it is this agent that then decides whom to trust. */
  readonly httpsAgent?: https.Agent;
}

/** A transport and what closes its idle connections. */
export interface NodeTransport {
  readonly send: Transport;
  close(): void;
}

/**
 * One HTTP exchange over `node:http(s)`, on connections that are kept alive.
 *
 * The request target goes out as it is, unlike with `fetch`, which would rewrite `/a/../b`; and no body is ever
 * decompressed.
 */
export function createNodeTransport({
  connectTimeout = 3_000,
  idleTimeout = 60_000,
  attemptTimeout = 300_000,
  maximumConnections: maxSockets = maximumConnections,
  maximumRate,
  threads: wanted = 0,
  certificateAuthorities,
  httpAgent,
  httpsAgent,
}: NodeTransportOptions = {}): NodeTransport {
  if (maximumRate !== undefined && !(maximumRate >= slowestRate))
    throw outOfRange(`maximumRate is ${slowestRate} bytes a second or more, not ${maximumRate}`);
  const pacer = maximumRate === undefined ? undefined : new Pacer(maximumRate);
  // Told to the agent, once for each connection, the idle timeout costs each request half of what it does there.
  const common = { keepAlive: true, maxSockets, scheduling: 'lifo' as const, timeout: idleTimeout };
  const agents = {
    'http:': httpAgent ?? new http.Agent(common),
    'https:':
      httpsAgent ??
      new https.Agent(
        certificateAuthorities === undefined ? common : { ...common, ca: [certificateAuthorities].flat() },
      ),
  };

  const given = { 'http:': httpAgent, 'https:': httpsAgent };
  const abortable = new Abortable();

  const exchange: Transport = (request, signal) =>
    new Promise((resolve, reject) => {
      const { protocol, method, target, port, body } = request;
      const length = bodyLength(body);
      const headers = request.expectContinue
        ? { ...request.headers, expect: '100-continue' }
        : request.headers;
      const outgoing = (protocol === 'https:' ? https : http).request({
        agent: agents[protocol],
        // A literal IPv6 address stands in brackets in a URL, but not where a socket is opened.
        host: request.hostname.replace(/^\[(.*)\]$/, '$1'),
        port,
        method,
        path: target,
        headers:
          length === 0 && (method === 'GET' || method === 'HEAD' || method === 'DELETE')
            ? headers
            : { ...headers, 'content-length': length },
        ...(given[protocol] === undefined ? {} : { timeout: idleTimeout }),
      });
      if (signal !== undefined) abortable.add(outgoing, signal);
      const timer = setTimeout(
        () => outgoing.destroy(timedOut(request, 'the answer did not come in time')),
        // A body that is slowed down on purpose is in no hurry.
        pacer === undefined ? attemptTimeout + length / bytesPerMillisecond : longestTimer,
      );
      const fail = (error: unknown): void => {
        clearTimeout(timer);
        outgoing.destroy();
        reject(signal?.aborted ? signal.reason : toTransportError(error, request, outgoing.reusedSocket));
      };
      outgoing.on('error', fail);
      outgoing.on('timeout', () =>
        outgoing.destroy(timedOut(request, `no byte came or went for ${idleTimeout / 1000} s`)),
      );
      outgoing.on('socket', (socket) => {
        request.reached?.('socket');
        limitConnecting(
          socket,
          protocol,
          connectTimeout,
          () => outgoing.destroy(timedOut(request, 'the connection was not made in time')),
          () => request.reached?.('connection'),
        );
      });
      outgoing.on('response', (incoming) => {
        clearTimeout(timer);
        // From here on, a failure is the body's: it reaches whoever reads that.
        outgoing.off('error', fail);
        outgoing.on('error', (error) => incoming.destroy(error));
        resolve(toResponse(incoming, request, signal, pacer));
      });
      sendBody(outgoing, request, pacer).catch(fail);
    });

  let threads: Promise<RangeThreads> | undefined;
  const threadCount =
    maximumRate === undefined && httpAgent === undefined && httpsAgent === undefined ? wanted : 0;
  const inThread = async (
    request: HttpRequest,
    into: BodyDestination,
    signal: AbortSignal | undefined,
  ): Promise<TransportResponse> => {
    // What an agent or a pacer is cannot be told to another thread; these can.
    const settings = { connectTimeout, idleTimeout, attemptTimeout, maximumConnections: maxSockets };
    threads ??= import('./range-threads.ts').then(
      ({ RangeThreads }) =>
        new RangeThreads(
          threadCount,
          certificateAuthorities === undefined ? settings : { ...settings, certificateAuthorities },
        ),
    );
    return (await (await threads).fetch(request, into, signal)) ?? exchange(request, signal);
  };
  const send: Transport = (request, signal) =>
    request.into === undefined || threadCount === 0
      ? exchange(request, signal)
      : inThread(request, request.into, signal);

  return {
    send,
    close() {
      void threads?.then((made) => made.close());
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

async function sendBody(
  outgoing: http.ClientRequest,
  request: HttpRequest,
  pacer: Pacer | undefined,
): Promise<void> {
  const { body, onSent } = request;
  try {
    if (request.expectContinue && !(await isWelcome(outgoing))) return;
    if (body.kind === 'file' || pacer !== undefined) {
      const read = body.kind === 'file' ? body.file.read(body.offset, body.length) : [body.bytes];
      const chunks = pacer === undefined ? read : pacer.pace(read);
      await pipeline(
        Readable.from(onSent === undefined ? chunks : counted(chunks, onSent), {
          objectMode: false,
          highWaterMark: 256 * 1024,
        }),
        outgoing,
      );
    } else if (onSent === undefined || body.bytes.byteLength === 0) {
      outgoing.end(body.bytes.byteLength === 0 ? undefined : body.bytes);
    } else {
      await writeCounted(outgoing, body.bytes, onSent);
    }
  } catch (error) {
    // The request's own 'error' event tells of a broken connection, and of an answer that came before the body's end.
    if (!isConnectionFault(error)) throw error;
  }
}

/**
 * Whether the service wants the body. One that says nothing for a second gets it: many do not know the question.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110.html#section-10.1.1}
 */
async function isWelcome(outgoing: http.ClientRequest): Promise<boolean> {
  outgoing.flushHeaders();
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    const decide = (welcome: boolean): void => {
      clearTimeout(timer);
      resolve(welcome);
    };
    // The second begins when there is a connection.
    outgoing.once('socket', (socket) => {
      const wait = (): void => {
        timer = setTimeout(decide, longestContinueWait, true);
      };
      if (socket.connecting) socket.once('connect', wait);
      else wait();
    });
    outgoing.once('continue', () => decide(true));
    outgoing.once('close', () => decide(false));
    outgoing.prependOnceListener('response', (incoming) => {
      decide(false);
      // A connection on which a body is still expected serves no other request.
      if (!outgoing.writableEnded) incoming.once('close', () => outgoing.destroy());
    });
  });
}

async function* counted(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  onSent: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    yield chunk;
    onSent(chunk.byteLength);
  }
}

/**
 * The requests that each signal ends. A signal that many requests share has one listener: one for each request would cost more than
 * half of what else Node does for it.
 */
class Abortable {
  readonly #bySignal: WeakMap<AbortSignal, Set<http.ClientRequest>> = new WeakMap();

  add(outgoing: http.ClientRequest, signal: AbortSignal): void {
    const requests = this.#bySignal.get(signal) ?? this.#listen(signal);
    requests.add(outgoing);
    outgoing.once('close', () => requests.delete(outgoing));
    if (signal.aborted) outgoing.destroy(new Error('aborted'));
  }

  #listen(signal: AbortSignal): Set<http.ClientRequest> {
    const requests = new Set<http.ClientRequest>();
    this.#bySignal.set(signal, requests);
    const abort = (): void => {
      for (const outgoing of requests) outgoing.destroy(new Error('aborted'));
    };
    signal.addEventListener('abort', abort, { once: true });
    return requests;
  }
}

/** Sends bytes in pieces, so that one can be told of each when it has left. */
async function writeCounted(
  outgoing: http.ClientRequest,
  bytes: Uint8Array,
  onSent: (bytes: number) => void,
): Promise<void> {
  for (let offset = 0; offset < bytes.byteLength; offset += countedPiece) {
    const piece = bytes.subarray(offset, offset + countedPiece);
    await new Promise<void>((resolve, reject) =>
      outgoing.write(piece, (error) => (error ? reject(error) : resolve())),
    );
    onSent(piece.byteLength);
  }
  outgoing.end();
}

function isConnectionFault(error: unknown): boolean {
  return (
    ['EPIPE', 'ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED'].includes(
      errorCode(error) ?? '',
    ) || isTransportError(error)
  );
}

function limitConnecting(
  socket: Socket,
  protocol: HttpRequest['protocol'],
  milliseconds: number,
  onTimeout: () => void,
  onConnected: () => void,
): void {
  if (!socket.connecting) return;
  const timer = setTimeout(onTimeout, milliseconds);
  const stop = (): void => clearTimeout(timer);
  socket.once(protocol === 'https:' ? 'secureConnect' : 'connect', () => {
    stop();
    onConnected();
  });
  socket.once('close', stop);
}

function timedOut({ hostname, port }: HttpRequest, problem: string): TransportError {
  return new TransportError(problem, { code: 'ETIMEDOUT', hostname, port });
}

const explanations: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused: nothing listens there',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the host name cannot be resolved now',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
};

function toTransportError(error: unknown, { hostname, port }: HttpRequest, reusedSocket: boolean): unknown {
  if (isTransportError(error) || !(error instanceof Error)) return error;
  // A host with several addresses fails with all their errors together.
  const [first = error] = error instanceof AggregateError ? (error.errors as Error[]) : [error];
  const code = errorCode(error) ?? errorCode(first);
  if (code === undefined || 'path' in error) return error;
  const staleConnection = reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE');
  return new TransportError(
    explanations[code] ?? first.message,
    { code, hostname, port, staleConnection },
    error,
  );
}

function toResponse(
  incoming: http.IncomingMessage,
  request: HttpRequest,
  signal: AbortSignal | undefined,
  pacer: Pacer | undefined,
): TransportResponse {
  const { rawHeaders } = incoming;
  const headers: Record<string, string> = {};
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    const value = rawHeaders[index + 1] ?? '';
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  const isEmpty = headers['content-length'] === '0';
  if (isEmpty) incoming.resume();
  // A body may break before anybody reads it; whoever then does is told.
  incoming.on('error', () => undefined);
  return {
    status: incoming.statusCode ?? 0,
    statusText: incoming.statusMessage ?? '',
    headers,
    body: isEmpty ? noBytes : readBody(incoming, request, signal, pacer),
    destroy: () => void incoming.destroy(),
  };
}

const noBytes: AsyncIterable<Uint8Array> = {
  [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true, value: undefined }) }),
};

async function* readBody(
  incoming: http.IncomingMessage,
  request: HttpRequest,
  signal: AbortSignal | undefined,
  pacer: Pacer | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    yield* pacer === undefined ? incoming : pacer.pace(incoming);
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw toTransportError(error, request, false);
  } finally {
    incoming.destroy();
  }
}
