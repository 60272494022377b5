import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Pipeline } from './pipeline.ts';

/**
 * The connections of a server. Node's own `close` waits for those that never made a request, and for every client that has
 * stopped reading or sending.
 */
export class Connections {
  readonly #pipelines: Map<Socket, Pipeline> = new Map();
  readonly #usualTimeout: number;
  readonly #shortTimeout: number;
  /** How many wait for the requests under way to end. */
  #waiting = 0;
  #closing = false;

  /**
   * @param timeout - milliseconds for which a client may be silent while something is awaited from it
   * @param shortTimeout - the same while a reset or a close waits for the requests under way
   */
  constructor(timeout: number, shortTimeout: number) {
    this.#usualTimeout = timeout;
    this.#shortTimeout = Math.min(timeout, shortTimeout);
  }

  /** Milliseconds for which a client may now be silent while something is awaited from it. */
  get timeout(): number {
    return this.#waiting > 0 ? this.#shortTimeout : this.#usualTimeout;
  }

  opened(socket: Socket): void {
    this.#pipelines.set(socket, new Pipeline());
    socket.once('close', () => this.#pipelines.delete(socket));
  }

  /**
   * A request has come; it is under way until its answer has been sent.
   *
   * @param start - carries it out, when it is its turn; never called if the connection ends before
   */
  begin({ method = '', socket }: IncomingMessage, response: ServerResponse, start: () => void): void {
    const pipeline = this.#pipelines.get(socket);
    // The connection has ended.
    if (!pipeline) return;
    // While a request waits for a reset, nothing is awaited from its client, unless it is for a request before it.
    if (pipeline.length === 0) socket.setTimeout(0);
    const done = pipeline.add(method, start);
    response.once('close', () => {
      // The connection ended before its answer, or ends with it: what came behind is not carried out.
      if (!socket.writable) return;
      done();
      // The answer may have promised to keep the connection, before the close began.
      if (this.#closing && pipeline.length === 0) socket.destroySoon();
    });
  }

  /** Ends the connections whose client is silent while a work waits for the requests under way. */
  async hurry(work: () => Promise<void>): Promise<void> {
    this.#waiting += 1;
    for (const [socket, { length }] of this.#pipelines) {
      // Without a timeout it is not the client that is waited for: a long copy is carried out to its end.
      if (length > 0 && socket.timeout) socket.setTimeout(this.timeout);
    }
    try {
      await work();
    } finally {
      this.#waiting -= 1;
    }
  }

  /** Ends the connections without a request under way, and each of the others when it is through. */
  close(): void {
    this.#closing = true;
    for (const [socket, { length }] of this.#pipelines) {
      if (length === 0) socket.destroy();
    }
  }
}
