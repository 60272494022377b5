import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { S3Connection, type S3ConnectionConfig, type S3ConnectionRuntime, Storage } from '../src/index.ts';

/** A request as it arrived. */
export interface Arrived {
  readonly method: string;
  /** The request target, as it stood on the wire. */
  readonly target: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

export type Handler = (request: Arrived, response: http.ServerResponse) => void;

/** A real HTTP server on a free port that answers each request by the next of its handlers, the last one forever. */
export class ScriptedServer {
  readonly arrived: Arrived[] = [];
  readonly #server: http.Server;
  #handlers: readonly Handler[] = [];

  private constructor() {
    this.#server = http.createServer((incoming, response) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', () => undefined);
      incoming.on('end', () => {
        const { method = '', url: target = '', headers } = incoming;
        const request = { method, target, headers, body: Buffer.concat(chunks) };
        const handler = this.#handlers[Math.min(this.arrived.length, this.#handlers.length - 1)];
        this.arrived.push(request);
        handler?.(request, response);
      });
    });
  }

  static async start(...handlers: Handler[]): Promise<ScriptedServer> {
    const server = new ScriptedServer();
    server.script(...handlers);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  script(...handlers: Handler[]): void {
    this.arrived.length = 0;
    this.#handlers = handlers;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  storage(config: Partial<S3ConnectionConfig> = {}, runtime: S3ConnectionRuntime = {}): Storage {
    return new Storage(
      new S3Connection(
        {
          accessKeyId: 'AKIDEXAMPLE',
          secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
          defaultBucket: 'bucket',
          endpoint: `127.0.0.1:${this.port}`,
          tls: false,
          ...config,
        },
        { sleep: async () => undefined, ...runtime },
      ),
    );
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** Answers with a status, and a body. */
export function reply(status: number, body: string = '', headers: http.OutgoingHttpHeaders = {}): Handler {
  return (_, response) => {
    response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers });
    response.end(body);
  };
}

/** Answers with an error document. */
export function refuse(status: number, code: string, message: string = ''): Handler {
  return reply(
    status,
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message><RequestId>R1</RequestId><HostId>H1</HostId></Error>`,
  );
}

/** Resets the connection. */
export const reset: Handler = (_, response) => {
  response.socket?.resetAndDestroy();
};

/** Announces more than it sends, and closes. */
export function cutShort(announced: number, sent: string): Handler {
  return (_, response) => {
    response.writeHead(200, { 'content-length': announced });
    response.write(sent);
    setTimeout(() => response.socket?.destroy(), 10);
  };
}
