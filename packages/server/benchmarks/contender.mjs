import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Signer } from '@s3kit/sigv4';

const program = new URL('./serve.mjs', import.meta.url);
const credentials = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };
const signer = new Signer({ region: 'us-east-1', credentials });

/** A server of one kind in a process of its own, with a client of so many connections. */
export class Contender {
  static async start(name, connections = 16) {
    const directory = await mkdtemp(join(tmpdir(), 's3kit-bench-'));
    const child = fork(program, [name, directory]);
    const [{ port, milliseconds }] = await once(child, 'message');
    return Object.assign(new Contender(), {
      name,
      directory,
      child,
      port,
      milliseconds,
      agent: new Agent({ keepAlive: true, maxSockets: connections }),
    });
  }

  /** Sends one signed request and reads its answer; resolves to the bytes of the answer. */
  send(method, target, body, payloadHash = 'UNSIGNED-PAYLOAD') {
    const host = `127.0.0.1:${this.port}`;
    const [path, query = ''] = target.split('?');
    const { headers } = signer.sign({ method, host, path, query, headers: {}, payloadHash });
    if (body) headers['content-length'] = String(body.length);
    return new Promise((resolve, reject) => {
      const outgoing = request(
        { host: '127.0.0.1', port: this.port, method, path: target, headers, agent: this.agent },
        (response) => {
          let size = 0;
          let text = '';
          response.on('data', (chunk) => {
            size += chunk.length;
            if (size < 2_000_000 && response.statusCode >= 300) text += chunk;
          });
          response.on('error', reject);
          response.on('end', () =>
            response.statusCode < 300
              ? resolve(size)
              : reject(new Error(`${this.name}: ${method} ${target}: ${response.statusCode} ${text}`)),
          );
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  /** Bytes of the process. */
  async memory() {
    this.child.send('memory');
    const [{ rss }] = await once(this.child, 'message');
    return rss;
  }

  async stop() {
    this.agent.destroy();
    this.child.disconnect();
    await once(this.child, 'exit');
    await rm(this.directory, { recursive: true, force: true });
  }
}
