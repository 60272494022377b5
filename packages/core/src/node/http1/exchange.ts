import type { HttpRequest, TransportResponse } from '../../http.ts';
import type { Pacer } from '../pacer.ts';
import { Chain, type Link } from './chain.ts';

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
  /** Its place among those that its signal ends. */
  link: Link<Exchange> | undefined;
}

/**
 * The exchanges that each signal ends. A signal that many share has one listener: one for each would cost as much as the sending.
 */
export class Cancellation {
  readonly #bySignal: WeakMap<AbortSignal, Chain<Exchange>> = new WeakMap();

  add(exchange: Exchange, signal: AbortSignal): void {
    exchange.link = (this.#bySignal.get(signal) ?? this.#listen(signal)).add(exchange);
  }

  delete({ signal, link }: Exchange): void {
    if (signal !== undefined && link !== undefined) this.#bySignal.get(signal)?.delete(link);
  }

  #listen(signal: AbortSignal): Chain<Exchange> {
    const exchanges = new Chain<Exchange>();
    this.#bySignal.set(signal, exchanges);
    signal.addEventListener(
      'abort',
      () => {
        for (let next = exchanges.shift(); next !== undefined; next = exchanges.shift())
          next.cancel(signal.reason);
      },
      { once: true },
    );
    return exchanges;
  }
}
