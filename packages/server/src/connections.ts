import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * The connections of a server. Node's own `close` waits for those that never made a request, and for every client that has
 * stopped reading or sending.
 */
export class Connections {
  /** How many requests are under way on each. */
  readonly #requests: Map<Socket, number> = new Map();
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
    this.#requests.set(socket, 0);
    socket.once('close', () => this.#requests.delete(socket));
  }

  /** A request has come; it is under way until its answer has been sent. */
  begin(socket: Socket, response: ServerResponse): void {
    this.#requests.set(socket, (this.#requests.get(socket) ?? 0) + 1);
    response.once('close', () => {
      const requests = this.#requests.get(socket);
      // The connection ended before its answer.
      if (requests === undefined) return;
      this.#requests.set(socket, requests - 1);
      // The answer may have promised to keep the connection, before the close began.
      if (this.#closing && requests === 1) socket.destroySoon();
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
    for (const [socket, requests] of this.#requests) {
      if (requests === 0) socket.destroy();
      // Without a timeout it is not the client that is waited for: a long copy is carried out to its end.
      else if (socket.timeout) socket.setTimeout(this.#timeout);
    }
  }
}
