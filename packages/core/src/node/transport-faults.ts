import { errorCode } from '../errors.ts';
import { type HttpRequest, isTransportError, TransportError } from '../http.ts';

type Peer = Pick<HttpRequest, 'hostname' | 'port'>;

/** The error of what has taken too long. */
export function timedOut({ hostname, port }: Peer, problem: string): TransportError {
  return new TransportError(problem, { code: 'ETIMEDOUT', hostname, port });
}

/** The error of an answer that is none. */
export function protocolFault({ hostname, port }: Peer, cause: unknown): TransportError {
  const problem = cause instanceof Error ? cause.message : String(cause);
  return new TransportError(problem, { code: 'EPROTO', hostname, port }, cause);
}

/** What the system says where the other side closes in the middle. */
export function connectionClosed(): Error {
  return Object.assign(new Error('the connection was closed before the answer’s end'), {
    code: 'ECONNRESET',
  });
}

const explanations: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused: nothing listens there',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the host name cannot be resolved now',
  ERR_SSL_WRONG_VERSION_NUMBER: 'no TLS is spoken there: perhaps the endpoint begins with http://',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
};

/**
 * The network's error in words; any other error as it is.
 *
 * @param isStale - whether the connection was used before, and nothing came on it this time
 */
export function toTransportError(error: unknown, { hostname, port }: Peer, isStale: boolean): unknown {
  if (isTransportError(error) || !(error instanceof Error)) return error;
  // A host with several addresses fails with all their errors together.
  const [first = error] = error instanceof AggregateError ? (error.errors as Error[]) : [error];
  const code = errorCode(error) ?? errorCode(first);
  if (code === undefined || 'path' in error) return error;
  const staleConnection = isStale && (code === 'ECONNRESET' || code === 'EPIPE');
  return new TransportError(
    explanations[code] ?? first.message,
    { code, hostname, port, staleConnection },
    error,
  );
}
