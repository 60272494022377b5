import type { FailureKind } from './failure-kind.ts';

/**
 * Network errors that another try may get past.
 *
 * @see {@link https://nodejs.org/api/errors.html#common-system-errors} and `node:dns` for EAI_AGAIN, ENOTFOUND
 * @see {@link https://undici.nodejs.org/#/docs/api/Errors} for UND_ERR_
 */
const TRANSIENT_NETWORK_CODES: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ETIMEDOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_SOCKET',
]);

/** Tells what kind of failure a network error is; one part of `classify`. */
export function classifyNetwork(code: string): FailureKind {
  return TRANSIENT_NETWORK_CODES.has(code) ? 'transient' : 'none';
}
