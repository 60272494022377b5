import net from 'node:net';
import process from 'node:process';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import type { HttpRequest } from '../../http.ts';
import { piecesOf } from '../request-pieces.ts';
import { connectionClosed, protocolFault, timedOut, toTransportError } from '../transport-faults.ts';
import { longestContinueWait, timeForAnswer } from '../transport-times.ts';
import type { Exchange } from './exchange.ts';
import type { Outbox } from './outbox.ts';
import { requestHead } from './request-head.ts';
import { ResponseBody } from './response-body.ts';
import { type ResponseHead, type ResponseListener, ResponseReader } from './response-reader.ts';
import { type Slab, type Slabs, smallSlabSize } from './slabs.ts';

/** How connections are made, and how long they wait. */
export interface SocketSettings {
  /** Milliseconds that a connection, TLS included, may take. */
  readonly connectTimeout: number;
  /** Milliseconds without a byte in either direction before an exchange fails, or an idle connection is closed. */
  readonly idleTimeout: number;
  /** Milliseconds until an answer must begin. */
  readonly attemptTimeout: number;
  /** Certificates of authorities to trust instead of the system's, in PEM. */
  readonly certificateAuthorities?: string | readonly string[];
}

/** Where a connection leads. */
export type Origin = Pick<HttpRequest, 'protocol' | 'hostname' | 'port'>;

/** What a connection shares with others, and tells of itself. */
export interface SocketOwner {
  readonly settings: SocketSettings;
  readonly slabs: Slabs;
  readonly outbox: Outbox;
  /** What the last connection over TLS has agreed on, which makes the next one cheaper. */
  session: Buffer | undefined;
  /** It can be used. */
  onFree(socket: HttpSocket): void;
  /** It is closed. */
  onGone(socket: HttpSocket): void;
}

// Bytes: what is left of a slab is filled as long as it is worth a read.
const worthFilling = 32 * 1024;
// Milliseconds: a service that closes idle connections after so many seconds is not asked in the last of them.
const margin = 1_000;

/** One connection, on which exchanges take place one after another. */
export class HttpSocket implements ResponseListener {
  readonly #owner: SocketOwner;
  readonly #origin: Origin;
  readonly #socket: net.Socket;
  #connecting: NodeJS.Timeout | undefined;
  #slab: Slab | undefined;
  #exchange: Exchange | undefined;
  #reader: ResponseReader | undefined;
  #body: ResponseBody | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Milliseconds of that timer. */
  #allowed = 0;
  /** Whether the request has been handed to the system as a whole. */
  #sent = false;
  #answered = false;
  #reused = false;
  #paused = false;
  /** Whether it is to be closed when its exchange is over. */
  #retired = false;
  /** Goes on with a body that waits to be welcome. */
  #welcome: ((isWelcome: boolean) => void) | undefined;
  #usableUntil = Number.POSITIVE_INFINITY;

  /** Connects, for an exchange, which begins when there is a connection. */
  constructor(origin: Origin, owner: SocketOwner, exchange: Exchange) {
    this.#origin = origin;
    this.#owner = owner;
    this.#exchange = exchange;
    const { connectTimeout, idleTimeout } = owner.settings;
    exchange.cancel = (reason) => this.#fail(reason);
    exchange.request.reached?.('socket');
    const socket = this.#connect();
    this.#socket = socket;
    this.#connecting = setTimeout(
      () => this.#fail(timedOut(origin, 'the connection was not made in time')),
      connectTimeout,
    );
    socket.setTimeout(idleTimeout);
    socket.once(origin.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
      clearTimeout(this.#connecting);
      const first = this.#exchange;
      if (first === undefined) return;
      first.request.reached?.('connection');
      this.#begin(first);
    });
    socket.on('timeout', () => {
      if (this.#exchange === undefined) this.close();
      // It is the reader who takes his time.
      else if (!this.#paused)
        this.#fail(timedOut(origin, `no byte came or went for ${idleTimeout / 1000} s`));
    });
    socket.on('error', (error) => this.#fail(error));
    socket.on('end', () => this.#onClosedByService());
    socket.on('close', () => {
      clearTimeout(this.#connecting);
      clearTimeout(this.#timer);
      this.#onClosedByService();
      if (this.#slab !== undefined) owner.slabs.release(this.#slab);
      this.#slab = undefined;
      owner.onGone(this);
    });
  }

  /** Whether an idle connection can be used for another exchange. */
  get isUsable(): boolean {
    return !this.#socket.destroyed && this.#socket.writable && performance.now() < this.#usableUntil;
  }

  /** Begins another exchange. */
  use(exchange: Exchange): void {
    this.#reused = true;
    this.#exchange = exchange;
    exchange.cancel = (reason) => this.#fail(reason);
    exchange.request.reached?.('socket');
    this.#socket.ref();
    this.#begin(exchange);
  }

  /** Nothing is to be done for now; it alone does not keep the process running. */
  rest(): void {
    this.#socket.unref();
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Closes it when its exchange is over. */
  retire(): void {
    if (this.#exchange === undefined) {
      this.close();
      return;
    }
    this.#retired = true;
    this.#holdWhileAwaited();
  }

  /** A connection that is to be closed keeps the process running only for somebody who waits for what comes from it. */
  #holdWhileAwaited(): void {
    if (!this.#retired) return;
    if (this.#body?.isAwaited === false) this.#socket.unref();
    else this.#socket.ref();
  }

  #connect(): net.Socket {
    const { protocol, hostname, port } = this.#origin;
    // A literal IPv6 address stands in brackets in a URL, but not where a socket is opened.
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    const options = {
      host,
      port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 1_000,
      onread: {
        buffer: () => this.#nextMemory(),
        callback: (length: number, memory: Uint8Array) => this.#read(length, memory),
      },
    };
    if (protocol === 'http:') return net.connect(options);
    const owner = this.#owner;
    const { certificateAuthorities: authorities } = owner.settings;
    // It takes milliseconds to load, and many processes never need it.
    const tls = process.getBuiltinModule('node:tls');
    // Node passes on what its documents say of net.connect(); its types know less.
    const tlsOptions: ConnectionOptions = {
      ...options,
      ALPNProtocols: ['http/1.1'],
      ...(net.isIP(host) === 0 ? { servername: host } : {}),
      ...(authorities === undefined ? {} : { ca: [authorities].flat() }),
      ...(owner.session === undefined ? {} : { session: owner.session }),
    };
    const socket: TLSSocket = tls.connect(tlsOptions);
    socket.on('session', (session) => {
      owner.session = session;
    });
    return socket;
  }

  #begin(exchange: Exchange): void {
    const { request } = exchange;
    this.#reader = new ResponseReader(request.method, this);
    this.#sent = false;
    this.#answered = false;
    this.#startTimer(exchange);
    try {
      this.#send(exchange, requestHead(request));
    } catch (error) {
      this.#fail(error);
    }
  }

  /** One timer for all exchanges that may take as long: to make one for each costs as much as to sign the request. */
  #startTimer({ request, pacer }: Exchange): void {
    const allowed = timeForAnswer(request, this.#owner.settings.attemptTimeout, pacer);
    if (this.#timer !== undefined && this.#allowed === allowed) {
      this.#timer.refresh();
      return;
    }
    clearTimeout(this.#timer);
    this.#allowed = allowed;
    this.#timer = setTimeout(() => {
      if (this.#exchange !== undefined && !this.#answered)
        this.#fail(timedOut(this.#origin, 'no answer came in time'));
    }, allowed);
    // The socket keeps the process running while there is something to wait for.
    this.#timer.unref();
  }

  #send(exchange: Exchange, head: string): void {
    const { request, pacer } = exchange;
    const { body, onSent, expectContinue } = request;
    const socket = this.#socket;
    const atOnce = body.kind === 'bytes' && (pacer === undefined || body.bytes.byteLength === 0);
    if (!atOnce || onSent !== undefined || expectContinue === true) {
      socket.write(head, 'latin1');
      this.#sendBody(exchange).catch((error: unknown) => {
        if (this.#exchange === exchange) this.#fail(error);
      });
      return;
    }
    this.#sent = true;
    socket.cork();
    socket.write(head, 'latin1');
    if (body.bytes.byteLength > 0) socket.write(body.bytes);
    this.#owner.outbox.add(socket);
  }

  async #sendBody(exchange: Exchange): Promise<void> {
    const { request, pacer } = exchange;
    const { body, onSent } = request;
    if (request.expectContinue === true && !(await this.#isWelcome())) return;
    const pieces = piecesOf(body);
    for await (const piece of pacer === undefined ? pieces : pacer.pace(pieces)) {
      // An answer that comes before the body's end wants no more of it.
      if (this.#exchange !== exchange || this.#answered) return;
      await new Promise<void>((resolve) => this.#socket.write(piece, () => resolve()));
      onSent?.(piece.byteLength);
    }
    if (this.#exchange === exchange) this.#sent = true;
  }

  /**
   * Whether the service wants the body. One that says nothing for a second gets it: many do not know the question.
   *
   * @see {@link https://www.rfc-editor.org/rfc/rfc9110.html#section-10.1.1}
   */
  #isWelcome(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#welcome?.(true), longestContinueWait);
      this.#welcome = (isWelcome) => {
        clearTimeout(timer);
        this.#welcome = undefined;
        resolve(isWelcome);
      };
    });
  }

  /** Where the next bytes go: large bodies into large slabs, all else into small ones. */
  #nextMemory(): Buffer {
    const left = this.#reader?.left ?? 0;
    const size = left > smallSlabSize ? 'large' : 'small';
    const slab = this.#slab;
    if (slab !== undefined) {
      const isSmall = slab.bytes.length === smallSlabSize;
      // Nobody else holds what has come.
      if (isSmall && slab.holders === 1) slab.filled = 0;
      const fits = isSmall ? size === 'small' : left > 0;
      if (fits && slab.bytes.length - slab.filled >= worthFilling) return slab.bytes.subarray(slab.filled);
      this.#owner.slabs.release(slab);
    }
    this.#slab = this.#owner.slabs.take(size);
    return this.#slab.bytes;
  }

  /** Takes in what has come; false where no more can be taken for now. */
  #read(length: number, memory: Uint8Array): boolean {
    const reader = this.#reader;
    const exchange = this.#exchange;
    if (reader === undefined || exchange === undefined) {
      // Nobody has asked.
      this.close();
      return false;
    }
    try {
      // It is what `#nextMemory` gave.
      reader.read((memory as Buffer).subarray(0, length));
    } catch (error) {
      this.#fail(protocolFault(this.#origin, error));
      return false;
    }
    if (this.#slab !== undefined) this.#slab.filled += length;
    if (reader.done) {
      this.#finish();
      return true;
    }
    this.#paused = this.#body?.isFull ?? false;
    this.#holdWhileAwaited();
    return !this.#paused;
  }

  onInterim(status: number): void {
    if (status === 100) this.#welcome?.(true);
  }

  onHead({ status, statusText, headers }: ResponseHead): void {
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    this.#answered = true;
    this.#welcome?.(false);
    const seconds = /\btimeout=(\d+)/.exec(headers['keep-alive'] ?? '')?.[1];
    if (seconds !== undefined) this.#usableUntil = performance.now() + Number(seconds) * 1_000 - margin;
    const { request, pacer } = exchange;
    const body = new ResponseBody(
      this.#owner.slabs,
      {
        resume: () => this.#resume(body),
        awaited: () => this.#holdWhileAwaited(),
        abandon: () => this.#abandon(body),
      },
      request.borrows ?? false,
    );
    this.#body = body;
    exchange.resolve({
      status,
      statusText,
      headers,
      body: pacer === undefined ? body : pacer.pace(body),
      checked: true,
      destroy: () => body.abandon(),
    });
  }

  onBytes(start: number, end: number): void {
    const slab = this.#slab;
    if (slab !== undefined) this.#body?.push(slab, slab.filled + start, slab.filled + end);
  }

  onEnd(): void {
    this.#body?.end();
  }

  /** The response is whole: the connection is for the next, where that is possible. */
  #finish(): void {
    const exchange = this.#exchange;
    const reader = this.#reader;
    if (exchange === undefined || reader === undefined) return;
    this.#forget(exchange);
    const isFree =
      !this.#retired &&
      reader.persistent &&
      this.#sent &&
      this.#socket.writableLength === 0 &&
      !this.#socket.destroyed;
    if (isFree) this.#owner.onFree(this);
    else this.close();
  }

  #onClosedByService(): void {
    const reader = this.#reader;
    if (this.#exchange === undefined) this.close();
    else if (reader?.close() === true) this.#finish();
    else this.#fail(connectionClosed());
  }

  #fail(error: unknown): void {
    const exchange = this.#exchange;
    this.close();
    if (exchange === undefined) return;
    const { signal, request } = exchange;
    const isStale = this.#reused && this.#reader?.begun === false;
    const reason = signal?.aborted === true ? signal.reason : toTransportError(error, request, isStale);
    const body = this.#body;
    this.#forget(exchange);
    this.#welcome?.(false);
    if (body === undefined) exchange.reject(reason);
    else body.fail(reason);
  }

  #forget(exchange: Exchange): void {
    clearTimeout(this.#connecting);
    this.#exchange = undefined;
    this.#reader = undefined;
    this.#body = undefined;
    this.#paused = false;
    exchange.over();
  }

  #resume(body: ResponseBody): void {
    if (this.#body !== body || !this.#paused) return;
    this.#paused = false;
    // It may have run out while nobody read.
    this.#socket.setTimeout(this.#owner.settings.idleTimeout);
    this.#socket.resume();
  }

  /** Without the rest of the body, nobody can tell where the next answer begins. */
  #abandon(body: ResponseBody): void {
    const exchange = this.#exchange;
    if (this.#body !== body || exchange === undefined) return;
    this.#forget(exchange);
    this.close();
  }
}
