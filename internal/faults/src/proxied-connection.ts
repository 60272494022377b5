import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { ByteReader } from './byte-reader.ts';
import type { Exchange } from './exchange.ts';
import { AnswerEnd, injectedAnswer, type RequestHead, readRequestHead } from './http-heads.ts';
import { pump } from './pump.ts';

/** What a connection asks of its proxy. */
export interface ConnectionHost {
  /** The port of the service, on this machine. */
  readonly targetPort: number;
  /** Notes a request, and decides what happens to it. */
  begin(request: RequestHead): Exchange;
  /** Resets everything, and takes no connections for a time. */
  refuse(milliseconds: number): void;
}

// As much of an answer as is kept, for whoever wants to know what was in one that got lost.
const keptOfAnswer = 4096;

/** The connection of a client, with the one to the service that belongs to it. */
export class ProxiedConnection {
  readonly #host: ConnectionHost;
  readonly #client: Socket;
  readonly #clientReader: ByteReader;
  readonly #gone = new AbortController();
  #service: { readonly socket: Socket; readonly reader: ByteReader } | undefined;
  #busy = false;

  constructor(host: ConnectionHost, client: Socket) {
    this.#host = host;
    this.#client = client;
    client.setNoDelay(true);
    this.#clientReader = new ByteReader(client, () => this.#gone.abort());
  }

  /** Carries request after request until a side closes, or a fault cuts the connection; never rejects. */
  async serve(): Promise<void> {
    try {
      while (await this.#serveOne()) {
        // The next request.
      }
    } catch {
      // No HTTP, or no service: the client sees a connection that is closed.
    } finally {
      this.#client.destroy();
      this.#service?.socket.destroy();
    }
  }

  /** Resets the connection to the client, as if the network had. */
  reset(): void {
    reset(this.#client);
  }

  async #serveOne(): Promise<boolean> {
    const head = await this.#clientReader.readHead();
    if (head === undefined) return false;
    const exchange = this.#host.begin(readRequestHead(head));
    const { fault } = exchange;
    switch (fault.kind) {
      case 'handshake':
        await this.#failHandshake(fault.failure);
        return false;
      case 'refuse':
        this.#host.refuse(fault.milliseconds);
        return false;
      case 'answer':
        await write(this.#client, injectedAnswer(fault.answer, exchange.request.method));
        return this.#skipBody(exchange.request.bodyLength);
      default:
        this.#busy = true;
        try {
          return await this.#forward(exchange, head);
        } finally {
          this.#busy = false;
        }
    }
  }

  async #failHandshake(failure: 'reset' | 'close' | 'garbage' | 'stall'): Promise<void> {
    if (failure === 'reset') reset(this.#client);
    if (failure === 'garbage') await write(this.#client, Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'));
    if (failure === 'stall' && !this.#gone.signal.aborted) await once(this.#gone.signal, 'abort');
    this.#client.end();
  }

  async #skipBody(length: number): Promise<boolean> {
    for (let left = length; left > 0; ) {
      const chunk = await this.#clientReader.nextAtMost(left);
      if (chunk === undefined) return false;
      left -= chunk.length;
    }
    return true;
  }

  async #forward(exchange: Exchange, head: Buffer): Promise<boolean> {
    const [forwarded, goesOn] = await Promise.all([
      this.#forwardRequest(exchange, head),
      this.#forwardAnswer(exchange),
    ]);
    return forwarded && goesOn;
  }

  async #forwardRequest(exchange: Exchange, head: Buffer): Promise<boolean> {
    const { socket } = this.#openService();
    let headLeft: Buffer | undefined = head;
    let left = exchange.request.bodyLength;
    const ending = await pump({
      direction: 'up',
      fault: exchange.fault,
      signal: this.#gone.signal,
      strike: exchange.strike,
      write: (chunk) => {
        exchange.passed.up += chunk.length;
        return write(socket, chunk);
      },
      next: async () => {
        if (headLeft !== undefined) {
          const whole = headLeft;
          headLeft = undefined;
          return whole;
        }
        const chunk = left === 0 ? undefined : await this.#clientReader.nextAtMost(left);
        left -= chunk?.length ?? 0;
        return chunk;
      },
    });
    if (ending === 'whole' && left === 0) return true;
    // What comes of a request that is not whole is nothing.
    reset(socket);
    reset(this.#client);
    return false;
  }

  /**
   * Carries the answer. Where the client no longer wants it, it is still awaited: a service learns late, or never, that
   * a client went away, and does what it was asked.
   */
  async #forwardAnswer(exchange: Exchange): Promise<boolean> {
    const { reader } = this.#openService();
    const { fault } = exchange;
    const end = new AnswerEnd(exchange.request.method);
    const next = async (): Promise<Buffer | undefined> => {
      const chunk = end.reached ? undefined : await reader.next();
      if (chunk === undefined) return undefined;
      end.feed(chunk);
      if (exchange.answer.length < keptOfAnswer) exchange.answer += chunk.toString('latin1');
      return chunk;
    };
    const whole: Buffer[] = [];
    const ending = await pump({
      direction: 'down',
      fault,
      signal: this.#gone.signal,
      strike: exchange.strike,
      next,
      write: (chunk) => {
        if (fault.kind === 'duplicate') whole.push(chunk);
        if (!this.#gone.signal.aborted) exchange.passed.down += chunk.length;
        return write(this.#client, chunk);
      },
    });
    if (ending === 'reset') reset(this.#client);
    if (ending === 'end') this.#client.end();
    while ((await next()) !== undefined) {
      // Nobody gets it.
    }
    if (ending !== 'whole' || !end.reached) return false;
    exchange.delivered = !this.#gone.signal.aborted;
    if (fault.kind === 'duplicate') {
      exchange.strike();
      await write(this.#client, Buffer.concat(whole));
    }
    return true;
  }

  #openService(): { readonly socket: Socket; readonly reader: ByteReader } {
    if (this.#service !== undefined) return this.#service;
    const socket = connect(this.#host.targetPort, '127.0.0.1');
    socket.setNoDelay(true);
    const reader = new ByteReader(socket, () => {
      // A service that closes an idle connection closes the client's; during an exchange, the answer goes first.
      if (!this.#busy) this.#client.destroy();
    });
    this.#service = { socket, reader };
    return this.#service;
  }
}

/** Resets a connection. One whose end was sent already can only be closed: Node would leave it open, and spin on it. */
function reset(socket: Socket): void {
  if (socket.writableEnded || socket.connecting) socket.destroy();
  else socket.resetAndDestroy();
}

/** Hands over bytes, and waits while there is no room for more. To a socket that is closed, nothing goes. */
async function write(socket: Socket, chunk: Buffer): Promise<void> {
  if (socket.destroyed || !socket.writable) return;
  if (socket.write(chunk)) return;
  await new Promise<void>((resolve) => {
    const go = (): void => {
      socket.off('drain', go);
      socket.off('close', go);
      resolve();
    };
    socket.on('drain', go);
    socket.on('close', go);
  });
}
