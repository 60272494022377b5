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
}

/**
 * The exchanges that each signal ends. A signal that many share has one listener: one for each would cost as much as the sending.
 */
export class Cancellation {
  readonly #bySignal: WeakMap<AbortSignal, Set<Exchange>> = new WeakMap();

  add(exchange: Exchange, signal: AbortSignal): void {
    const exchanges = this.#bySignal.get(signal) ?? this.#listen(signal);
    exchanges.add(exchange);
  }

  delete(exchange: Exchange): void {
    const { signal } = exchange;
    if (signal !== undefined) this.#bySignal.get(signal)?.delete(exchange);
  }

  #listen(signal: AbortSignal): Set<Exchange> {
    const exchanges = new Set<Exchange>();
    this.#bySignal.set(signal, exchanges);
    signal.addEventListener(
      'abort',
      () => {
        for (const exchange of exchanges) exchange.cancel(signal.reason);
      },
      { once: true },
    );
    return exchanges;
  }
}
