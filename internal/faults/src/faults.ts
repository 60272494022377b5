/** Which way bytes go: `up` from the client to the service, `down` back. */
export type Direction = 'up' | 'down';

/** An answer that a service in trouble gives instead of doing what was asked. */
export interface InjectedAnswer {
  readonly status: 200 | 429 | 500 | 503;
  /** S3's error code. */
  readonly code: 'InternalError' | 'SlowDown' | 'ServiceUnavailable' | 'TooManyRequests';
  /** Seconds, for a `Retry-After` header. @default no such header */
  readonly retryAfter?: number;
}

/**
 * What happens to one request and its answer.
 *
 * - `pass`: nothing
 * - `reset`: the connection is reset after so many bytes; down after 0 bytes, an answer is lost whole
 * - `stall`: after so many bytes nothing goes on, for a time or (`Infinity`) for ever
 * - `drip`: bytes go on a few at a time
 * - `truncate`: the answer ends after so many bytes, and the connection is closed in good order
 * - `delay`: the answer comes late
 * - `duplicate`: the answer comes twice
 * - `refuse`: all connections are reset, and new ones refused for a time
 * - `answer`: the service is not asked, and an error document is the answer; with status 200, an error inside of it
 * - `handshake`: what a client that begins with TLS gets, for want of a certificate
 */
export type Fault =
  | { readonly kind: 'pass' }
  | { readonly kind: 'reset'; readonly direction: Direction; readonly afterBytes: number }
  | {
      readonly kind: 'stall';
      readonly direction: Direction;
      readonly afterBytes: number;
      readonly milliseconds: number;
    }
  | {
      readonly kind: 'drip';
      readonly direction: Direction;
      readonly bytes: number;
      readonly milliseconds: number;
    }
  | { readonly kind: 'truncate'; readonly afterBytes: number }
  | { readonly kind: 'delay'; readonly milliseconds: number }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'refuse'; readonly milliseconds: number }
  | { readonly kind: 'answer'; readonly answer: InjectedAnswer }
  | { readonly kind: 'handshake'; readonly failure: 'reset' | 'close' | 'garbage' | 'stall' };

/** The names of the faults. */
export type FaultKind = Fault['kind'];

/** A request as the proxy sees it when its head has come. */
export interface SeenRequest {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly target: string;
  /** Names in lower case; the last of repeated ones. */
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes of the head. */
  readonly headLength: number;
  /** Bytes of the body. */
  readonly bodyLength: number;
  /** How many requests with the same label came before. */
  readonly occurrence: number;
}

/** Decides what happens to a request. */
export type Schedule = (request: SeenRequest) => Fault;
