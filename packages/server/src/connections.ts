import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Pipeline } from './pipeline.ts';

/**
 * The connections of a server. Node's own `close` waits for those that never made a request, and for every client that has
 * stopped reading or sending.
 */
export class Connections {
  readonly #pipelines: Map<Socket, Pipeline> = new Map();
  #timeout: number;
  #closing = false;

  /** @param timeout - milliseconds for which a client may be silent while something is awaited from it */
  constructor(timeout: number) {
    this.#timeout = timeout;
  }

  /** Milliseconds for which a client may now be silent while something is awaited from it. */
  get timeout(): number {
    return this.#timeout;
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
    const done = pipeline.add(method, start);
    response.once('close', () => {
      // The connection ended before its answer, or ends with it: what came behind is not carried out.
      if (!socket.writable) return;
      done();
      // The answer may have promised to keep the connection, before the close began.
      if (this.#closing && pipeline.length === 0) socket.destroySoon();
    });
  }

  /**
   * Ends the connections without a request under way, and the others when they are through or their client is silent.
   *
   * @param timeout - milliseconds of silence that are allowed from now on
   */
  close(timeout: number): void {
    this.#closing = true;
    this.#timeout = Math.min(this.#timeout, timeout);
    for (const [socket, { length }] of this.#pipelines) {
      if (length === 0) socket.destroy();
      // Without a timeout it is not the client that is waited for: a long copy is carried out to its end.
      else if (socket.timeout) socket.setTimeout(this.#timeout);
    }
  }
}
