import type { HttpRequest, TransportResponse } from '../../http.ts';
import { Chain } from '../chain.ts';
import { onAbort } from '../on-abort.ts';
import type { Pacer } from '../pacer.ts';
import type { Exchange } from './exchange.ts';
import { HttpSocket, type Origin, type SocketOwner, type SocketSettings } from './http-socket.ts';
import { Outbox } from './outbox.ts';
import { Slabs } from './slabs.ts';

/** What the connections of a pool have in common. */
export interface PoolSettings extends SocketSettings {
  /** Most connections at a time to one origin; what is asked for besides waits. */
  readonly maximumConnections: number;
  readonly pacer: Pacer | undefined;
}

// Origins that are remembered without any connection to them, for their TLS sessions.
const keptOrigins = 64;

const nothing = (): void => undefined;

/** What all connections of a pool use. */
interface Shared {
  readonly settings: PoolSettings;
  readonly slabs: Slabs;
  readonly outbox: Outbox;
}

/** Connections of HTTP/1.1 that are kept alive, and requests that wait for one. */
export class SocketPool {
  readonly #shared: Shared;
  readonly #origins: Map<string, OriginSockets> = new Map();

  constructor(settings: PoolSettings) {
    this.#shared = {
      settings,
      slabs: new Slabs(),
      outbox: new Outbox(),
    };
  }

  /** Sends a request; resolves when the head of its response is there. */
  send(request: HttpRequest, signal: AbortSignal | undefined): Promise<TransportResponse> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason);
      const { settings } = this.#shared;
      const exchange: Exchange = {
        request,
        signal,
        pacer: settings.pacer,
        resolve,
        reject,
        cancel: reject,
        over: nothing,
      };
      if (signal !== undefined) exchange.over = onAbort(signal, () => exchange.cancel(signal.reason));
      this.#socketsOf(request).serve(exchange);
    });
  }

  /** Closes all connections: those that are in use when their exchange is over. */
  close(): void {
    for (const sockets of this.#origins.values()) sockets.close();
  }

  #socketsOf({ protocol, hostname, port }: HttpRequest): OriginSockets {
    const name = `${protocol}//${hostname}:${port}`;
    const known = this.#origins.get(name);
    if (known !== undefined) return known;
    // Where a bucket's name is part of the host's, there are as many of them as buckets.
    const forget = (): void => {
      if (this.#origins.size > keptOrigins) this.#origins.delete(name);
    };
    const made = new OriginSockets({ protocol, hostname, port }, this.#shared, forget);
    this.#origins.set(name, made);
    return made;
  }
}

/** The connections to one origin. */
class OriginSockets implements SocketOwner {
  readonly settings: PoolSettings;
  readonly slabs: Slabs;
  readonly outbox: Outbox;
  session: Buffer | undefined;
  readonly #origin: Origin;
  readonly #onEmpty: () => void;
  readonly #all: Set<HttpSocket> = new Set();
  /** The one that was used last comes first: those that are not needed then close. */
  readonly #idle: HttpSocket[] = [];
  readonly #waiting: Chain<Exchange> = new Chain();

  constructor(origin: Origin, { settings, slabs, outbox }: Shared, onEmpty: () => void) {
    this.settings = settings;
    this.slabs = slabs;
    this.outbox = outbox;
    this.#origin = origin;
    this.#onEmpty = onEmpty;
  }

  serve(exchange: Exchange): void {
    for (let socket = this.#idle.pop(); socket !== undefined; socket = this.#idle.pop()) {
      if (socket.isUsable) {
        socket.use(exchange);
        return;
      }
      socket.close();
    }
    if (this.#all.size < this.settings.maximumConnections) this.#open(exchange);
    else this.#wait(exchange);
  }

  #wait(exchange: Exchange): void {
    const place = this.#waiting.add(exchange);
    exchange.cancel = (reason) => {
      this.#waiting.delete(place);
      exchange.over();
      exchange.reject(reason);
    };
  }

  onFree(socket: HttpSocket): void {
    const next = this.#waiting.shift();
    if (next === undefined) {
      this.#idle.push(socket);
      socket.rest();
    } else socket.use(next);
  }

  onGone(socket: HttpSocket): void {
    this.#all.delete(socket);
    const place = this.#idle.indexOf(socket);
    if (place >= 0) this.#idle.splice(place, 1);
    const next = this.#waiting.shift();
    if (next !== undefined) this.#open(next);
    else if (this.#all.size === 0) this.#onEmpty();
  }

  close(): void {
    for (const socket of this.#all) socket.retire();
  }

  #open(exchange: Exchange): void {
    this.#all.add(new HttpSocket(this.#origin, this, exchange));
  }
}
