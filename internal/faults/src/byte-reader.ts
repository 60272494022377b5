import type { Socket } from 'node:net';

const endOfHead = Buffer.from('\r\n\r\n');

// Node refuses heads of more than 16 KiB; a client that sends none at all must not fill the memory.
const longestHead = 64 * 1024;

// Read ahead so far, so that the end of a connection is noticed also while its bytes are held back.
const aheadAtMost = 1024 * 1024;

/** What comes from a socket, taken piece by piece; the socket waits while much is left to be taken. */
export class ByteReader {
  readonly #socket: Socket;
  readonly #ahead: Buffer[] = [];
  #aheadBytes = 0;
  #ended = false;
  #wake: () => void = () => undefined;

  /** @param onEnd - told, once or more, that nothing more will come */
  constructor(socket: Socket, onEnd: () => void) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#ahead.push(chunk);
      this.#aheadBytes += chunk.length;
      if (this.#aheadBytes > aheadAtMost) socket.pause();
      this.#wake();
    });
    const end = (): void => {
      this.#ended = true;
      onEnd();
      this.#wake();
    };
    socket.on('end', end);
    socket.on('close', end);
    // What an error means here, the close that follows says too.
    socket.on('error', () => undefined);
  }

  /** The next bytes, as they came; undefined at the end. */
  async next(): Promise<Buffer | undefined> {
    while (this.#ahead.length === 0) {
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const chunk = this.#ahead.shift();
    this.#aheadBytes -= chunk?.length ?? 0;
    if (this.#aheadBytes <= aheadAtMost) this.#socket.resume();
    return chunk;
  }

  /** The head of a message, with the empty line that ends it; undefined where the socket ends before. */
  async readHead(): Promise<Buffer | undefined> {
    let head: Buffer = Buffer.alloc(0);
    for (;;) {
      const next = await this.next();
      if (next === undefined) return undefined;
      head = Buffer.concat([head, next]);
      if (isTlsHello(head)) return head;
      const end = head.indexOf(endOfHead) + endOfHead.length;
      if (end >= endOfHead.length) {
        this.#putBack(head.subarray(end));
        return head.subarray(0, end);
      }
      if (head.length > longestHead) throw new Error(`a head of more than ${longestHead} bytes`);
    }
  }

  /** The next bytes, at most so many; undefined at the end. */
  async nextAtMost(length: number): Promise<Buffer | undefined> {
    const chunk = await this.next();
    if (chunk === undefined) return undefined;
    this.#putBack(chunk.subarray(length));
    return chunk.subarray(0, length);
  }

  #putBack(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#ahead.unshift(chunk);
    this.#aheadBytes += chunk.length;
  }
}

/** Whether bytes are the beginning of TLS: a record of type 22, handshake, of version 3 (RFC 8446, 5.1). */
export function isTlsHello(bytes: Buffer): boolean {
  return bytes[0] === 22 && bytes[1] === 3;
}
