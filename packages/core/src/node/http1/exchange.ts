import type { HttpRequest, TransportResponse } from '../../http.ts';
import type { Pacer } from '../pacer.ts';

/** One request and its response, from the moment when it is asked for until the response is whole or has failed. */
export interface Exchange {
  readonly request: HttpRequest;
  readonly signal: AbortSignal | undefined;
  readonly pacer: Pacer | undefined;
  /** The response's head has come. */
  resolve(response: TransportResponse): void;
  /** No response has come, and none will. */
  reject(error: unknown): void;
  /** Ends it, wherever it is; set by who has it at the time. */
  cancel(reason: unknown): void;
  /** It is over: its signal does not end it any more. */
  over(): void;
}
