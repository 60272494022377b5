import type { Socket } from 'node:net';

/**
 * Sends what has been written to corked sockets, all together, when what has come has been dealt with.
 *
 * A service that has nothing to do sleeps; to wake it costs the sender more than to send. Many requests that go out one by one, as the
 * answers before them have been dealt with, would each find it asleep.
 */
export class Outbox {
  #sockets: Socket[] = [];

  add(socket: Socket): void {
    if (this.#sockets.length === 0) setImmediate(() => this.#send());
    this.#sockets.push(socket);
  }

  #send(): void {
    const sockets = this.#sockets;
    this.#sockets = [];
    for (const socket of sockets) socket.uncork();
  }
}
