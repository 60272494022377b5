import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { errorCode } from '../errors.ts';
import {
  bodyLength,
  type HttpRequest,
  isTransportError,
  type Transport,
  type TransportResponse,
} from '../http.ts';
import type { SocketSettings } from './http1/http-socket.ts';
import type { NodeAgent } from './node-transport.ts';
import { onAbort } from './on-abort.ts';
import type { Pacer } from './pacer.ts';
import { pieceSize, piecesOf } from './request-pieces.ts';
import { timedOut, toTransportError } from './transport-faults.ts';
import { longestContinueWait, timeForAnswer } from './transport-times.ts';

/** What opens connections in place of the pool. */
export interface AgentSettings extends SocketSettings {
  readonly pacer: Pacer | undefined;
  readonly httpAgent: NodeAgent | undefined;
  readonly httpsAgent: NodeAgent | undefined;
}

/**
 * One HTTP exchange over `node:http(s)`, for agents: they open connections in ways of their own, such as through a proxy, and only
 * Node's own client knows how to ask them.
 *
 * The request target goes out as it is, unlike with `fetch`, which would rewrite `/a/../b`; and no body is ever
 * decompressed.
 */
export function createAgentTransport({
  connectTimeout,
  idleTimeout,
  attemptTimeout,
  pacer,
  httpAgent,
  httpsAgent,
}: AgentSettings): Transport {
  // Agents of Node, which the public types describe without its names.
  const agents = { 'http:': httpAgent, 'https:': httpsAgent } as Record<
    HttpRequest['protocol'],
    http.Agent | undefined
  >;

  return (request, signal) =>
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
        timeout: idleTimeout,
      });
      const abort = (): void => void outgoing.destroy(new Error('aborted'));
      outgoing.once('close', onAbort(signal, abort));
      if (signal?.aborted) abort();
      const timer = setTimeout(
        () => outgoing.destroy(timedOut(request, 'no answer came in time')),
        timeForAnswer(request, attemptTimeout, pacer),
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
}

async function sendBody(
  outgoing: http.ClientRequest,
  request: HttpRequest,
  pacer: Pacer | undefined,
): Promise<void> {
  const { body, onSent } = request;
  try {
    if (request.expectContinue && !(await isWelcome(outgoing))) return;
    const pieces = piecesOf(body);
    const chunks = pacer === undefined ? pieces : pacer.pace(pieces);
    await pipeline(
      Readable.from(counted(chunks, onSent), { objectMode: false, highWaterMark: pieceSize }),
      outgoing,
    );
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
  onSent: ((bytes: number) => void) | undefined,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    yield chunk;
    onSent?.(chunk.byteLength);
  }
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
