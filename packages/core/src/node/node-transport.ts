import { outOfRange } from '../errors.ts';
import {
  type BodyDestination,
  type HttpRequest,
  maximumConnections,
  type Transport,
  type TransportResponse,
} from '../http.ts';
import { withoutRefusedExpectations } from './expectations.ts';
import { SocketPool } from './http1/socket-pool.ts';
import { Pacer } from './pacer.ts';
import type { RangeThreads } from './range-threads.ts';
import { timer } from './transport-times.ts';

const slowestRate = 8 * 1024;

/**
 * An agent of `node:http` or `node:https`, or a class made of one, by what all of them have: the declarations name no types
 * of Node, as they are for browsers too.
 */
export interface NodeAgent {
  readonly maxSockets: number;
  readonly maxFreeSockets: number;
  destroy(): void;
}

/** How long Node's transport waits, and for whom it vouches. */
export interface NodeTransportOptions {
  /** Milliseconds that a connection, TLS included, may take. @default 3000 */
  readonly connectTimeout?: number | undefined;
  /** Milliseconds without a byte in either direction before a request fails. @default 60000 */
  readonly idleTimeout?: number | undefined;
  /**
   * Milliseconds until an answer must begin, all told; a second more for each 64 KiB of the request's body.
   *
   * @default 300000
   */
  readonly attemptTimeout?: number | undefined;
  /** Bytes a second, of all that is sent and received together; 8,192 or more. @default no limit */
  readonly maximumRate?: number | undefined;
  /** Most connections at a time to one host. @default 64 */
  readonly maximumConnections?: number | undefined;
  /**
   * Threads beside the caller's that fetch ranges of large downloads to files, for what one core cannot take in. None where
   * `maximumRate` or an agent is given.
   *
   * @default 0
   */
  readonly threads?: number | undefined;
  /** Certificates of authorities to trust instead of the system's, in PEM. */
  readonly certificateAuthorities?: string | readonly string[] | undefined;
  /** Opens the connections of HTTP in place of an agent of its own, for example through a proxy. */
  readonly httpAgent?: NodeAgent | undefined;
  /** The same for HTTPS; it is this agent that then decides whom to trust. */
  readonly httpsAgent?: NodeAgent | undefined;
}

/** A transport and what closes its connections. */
export interface NodeTransport {
  readonly send: Transport;
  /** Closes connections that are idle, and others when their exchange is over. An agent is destroyed, with all that it has. */
  close(): void;
}

/**
 * One HTTP exchange over a connection of HTTP/1.1 that is kept alive; over `node:http(s)` where there is an agent.
 *
 * The request target goes out as it is, unlike with `fetch`, which would rewrite `/a/../b`; and no body is ever
 * decompressed.
 */
export function createNodeTransport({
  connectTimeout = 3_000,
  idleTimeout = 60_000,
  attemptTimeout = 300_000,
  maximumConnections: most = maximumConnections,
  maximumRate,
  threads: wanted = 0,
  certificateAuthorities,
  httpAgent,
  httpsAgent,
}: NodeTransportOptions = {}): NodeTransport {
  if (maximumRate !== undefined && !(maximumRate >= slowestRate))
    throw outOfRange(`maximumRate is ${slowestRate} bytes a second or more, not ${maximumRate}`);
  if (!(Number.isSafeInteger(most) && most > 0))
    throw outOfRange(`maximumConnections is a whole number, 1 or more, not ${most}`);
  const pacer = maximumRate === undefined ? undefined : new Pacer(maximumRate);
  const settings = {
    connectTimeout: timer('connectTimeout', connectTimeout),
    idleTimeout: timer('idleTimeout', idleTimeout),
    attemptTimeout: timer('attemptTimeout', attemptTimeout),
    ...(certificateAuthorities === undefined ? {} : { certificateAuthorities }),
  };
  const pool = new SocketPool({ ...settings, maximumConnections: most, pacer });

  let byAgents: Promise<Transport> | undefined;
  const exchange = withoutRefusedExpectations((request, signal) => {
    if ((request.protocol === 'https:' ? httpsAgent : httpAgent) === undefined)
      return pool.send(request, signal);
    byAgents ??= import('./agent-transport.ts').then(({ createAgentTransport }) =>
      createAgentTransport({ ...settings, pacer, httpAgent, httpsAgent }),
    );
    return byAgents.then((send) => send(request, signal));
  });

  let threads: Promise<RangeThreads> | undefined;
  const threadCount =
    maximumRate === undefined && httpAgent === undefined && httpsAgent === undefined ? wanted : 0;
  const inThread = async (
    request: HttpRequest,
    into: BodyDestination,
    signal: AbortSignal | undefined,
  ): Promise<TransportResponse> => {
    threads ??= import('./range-threads.ts').then(
      ({ RangeThreads }) => new RangeThreads(threadCount, { ...settings, maximumConnections: most }),
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
      pool.close();
      for (const agent of [httpAgent, httpsAgent]) agent?.destroy();
    },
  };
}
