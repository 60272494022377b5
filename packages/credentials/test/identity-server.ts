import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import type { HttpAgents } from '../src/index.ts';

/** A request as it arrived. */
export interface Arrived {
  readonly method: string;
  readonly target: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly body?: string;
}

/**
 * A real HTTP server in the place of AWS's services: it gives its answers one after the other, the last one forever, and
 * its agents lead every host, also those of HTTPS, to it.
 */
export class IdentityServer {
  readonly arrived: Arrived[] = [];
  readonly #server: http.Server;

  private constructor(answers: readonly Answer[]) {
    this.#server = http.createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8');
      request.on('data', (text: string) => {
        body += text;
      });
      request.on('end', () => {
        const { method = '', url: target = '', headers } = request;
        const answer = answers[Math.min(this.arrived.length, answers.length - 1)];
        this.arrived.push({ method, target, headers, body });
        response.writeHead(answer?.status ?? 500, { 'content-type': 'text/plain' });
        response.end(answer?.body ?? '');
      });
    });
  }

  static async start(answers: readonly Answer[]): Promise<IdentityServer> {
    const server = new IdentityServer(answers);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get #port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get agents(): HttpAgents {
    // Requests go to whoever the socket leads to; that of the https agent is in the clear as well.
    const createConnection = () => net.connect(this.#port, '127.0.0.1');
    return {
      httpAgent: Object.assign(new http.Agent(), { createConnection }),
      httpsAgent: Object.assign(new https.Agent(), { createConnection }),
    };
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
