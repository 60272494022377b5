import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { S3Connection, Storage } from '@s3kit/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { proxyAgents, proxyOf } from '../src/index.ts';
import { isWithoutProxy } from '../src/proxy-agents.ts';

/** The requests that a server got, by their targets. */
type Targets = string[];

function pem(name: string): string {
  return readFileSync(new URL(`certificate/${name}.pem`, import.meta.url), 'utf8');
}

const certificate = pem('certificate');
const key = pem('key');
const servers: http.Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

async function listen(server: http.Server): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** A service that answers every request, in the clear or by TLS. */
async function service(secure: boolean): Promise<{ port: number; targets: Targets }> {
  const targets: Targets = [];
  const answer: http.RequestListener = (request, response) => {
    targets.push(`${request.method} ${request.url}`);
    request.resume().on('end', () => response.end());
  };
  const server = secure ? https.createServer({ key, cert: certificate }, answer) : http.createServer(answer);
  return { port: await listen(server), targets };
}

interface Proxy {
  readonly port: number;
  readonly asked: http.IncomingMessage[];
}

/** A proxy that opens tunnels for whoever has the password. */
async function proxyServer(status = 200): Promise<Proxy> {
  const asked: http.IncomingMessage[] = [];
  const sockets = new Set<net.Socket>();
  const server = http.createServer((_, response) => response.writeHead(405).end());
  server.on('connect', (request: http.IncomingMessage, client: net.Socket) => {
    asked.push(request);
    if (status !== 200) {
      client.end(`HTTP/1.1 ${status} No\r\n\r\n`);
      return;
    }
    const [, port] = (request.url ?? '').split(':');
    const upstream = net.connect(Number(port), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
  });
  const port = await listen(server);
  const closeAll = server.closeAllConnections.bind(server);
  server.closeAllConnections = () => {
    closeAll();
    for (const socket of sockets) socket.destroy();
  };
  return { port, asked };
}

async function storageFor(endpoint: string, environment: Record<string, string>): Promise<Storage> {
  const agents = await proxyAgents({ environment, certificateAuthorities: certificate });
  return new Storage(
    new S3Connection(
      {
        accessKeyId: 'AKIDEXAMPLE',
        secretAccessKey: 'secret',
        defaultBucket: 'bucket',
        endpoint,
        retry: { limit: 1 },
      },
      { ...agents },
    ),
  );
}

describe('a proxy that the environment sets', () => {
  let proxy: Proxy;
  beforeEach(async () => {
    proxy = await proxyServer();
  });

  test.each([
    ['https', 'HTTPS_PROXY', true],
    ['https', 'https_proxy', true],
    ['https', 'ALL_PROXY', true],
    ['http', 'HTTP_PROXY', false],
  ] as const)('%s requests go through the tunnel of %s', async (scheme, name, secure) => {
    const { port, targets } = await service(secure);
    const storage = await storageFor(`${scheme}://localhost:${port}`, {
      [name]: `http://me:p%40ss@127.0.0.1:${proxy.port}`,
    });
    await storage.delete('a/../b');
    await storage.delete('c');
    // As it was signed: a URL object would have made it /bucket/b.
    expect(targets).toEqual(['DELETE /bucket/a/../b', 'DELETE /bucket/c']);
    // One tunnel, kept alive.
    expect(proxy.asked.map(({ url }) => url)).toEqual([`localhost:${port}`]);
    expect(proxy.asked[0]?.headers['proxy-authorization']).toBe(
      `Basic ${Buffer.from('me:p@ss').toString('base64')}`,
    );
    storage.connection.close();
  });

  test('a body that waits for leave to be sent goes through as well', async () => {
    const { port, targets } = await service(false);
    const storage = await storageFor(`http://localhost:${port}`, { http_proxy: `127.0.0.1:${proxy.port}` });
    await storage.write(Buffer.alloc(2 * 1024 * 1024), 'large');
    expect(targets).toEqual(['PUT /bucket/large']);
    expect(proxy.asked).toHaveLength(1);
    storage.connection.close();
  });

  test.each([true, false])('NO_PROXY is reached without (TLS: %s)', async (secure) => {
    const { port, targets } = await service(secure);
    const storage = await storageFor(`${secure ? 'https' : 'http'}://localhost:${port}`, {
      ALL_PROXY: `http://127.0.0.1:${proxy.port}`,
      NO_PROXY: `example.com,localhost:${port}`,
    });
    await storage.exists('k');
    expect(targets).toEqual(['HEAD /bucket/k']);
    expect(proxy.asked).toHaveLength(0);
    storage.connection.close();
  });

  test('a proxy that refuses is told from a service that refuses, without its password', async () => {
    const refusing = await proxyServer(407);
    const { port, targets } = await service(true);
    const storage = await storageFor(`https://localhost:${port}`, {
      HTTPS_PROXY: `http://me:hidden-word@127.0.0.1:${refusing.port}`,
    });
    const failure = await storage.exists('k').catch(String);
    expect(failure).toContain(`no way through the proxy 127.0.0.1:${refusing.port}: it answered 407`);
    expect(failure).not.toContain('hidden-word');
    expect(targets).toEqual([]);
  });

  test('a certificate that nobody trusts is refused through the tunnel too', async () => {
    const { port } = await service(true);
    const agents = await proxyAgents({ environment: { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` } });
    const connection = new S3Connection(
      { accessKeyId: 'a', secretAccessKey: 'b', endpoint: `https://localhost:${port}`, retry: { limit: 1 } },
      { ...agents },
    );
    await expect(new Storage(connection).bucketList().next()).rejects.toThrow(/self-signed|certificate/);
    connection.close();
  });

  test('without a proxy in the environment there are no agents', async () => {
    expect(await proxyAgents({ environment: { NO_PROXY: '*' } })).toBeUndefined();
  });

  test('is not printed with its password', async () => {
    const environment = { ALL_PROXY: 'http://user:hidden-word@127.0.0.1:9' };
    const agents = await proxyAgents({ environment });
    expect(Object.keys(agents ?? {})).toEqual(['httpAgent', 'httpsAgent']);
    expect(inspect(agents, { depth: 9 }) + JSON.stringify(agents)).not.toContain('hidden-word');
  });
});

describe('NO_PROXY', () => {
  test.each<[string, string, number, boolean]>([
    ['example.com', 'example.com', 443, true],
    ['example.com', 's3.example.com', 443, true],
    ['.example.com', 's3.example.com', 443, true],
    ['.example.com', 'example.com', 443, true],
    ['*.example.com', 's3.example.com', 443, true],
    ['example.com', 'anexample.com', 443, false],
    ['example.com:8443', 'example.com', 443, false],
    ['example.com:8443', 'example.com', 8443, true],
    ['a, b c', 'c', 80, true],
    ['LocalHost', 'LOCALHOST', 80, true],
    ['*', 'anything', 443, true],
    ['10.0.0.1', '10.0.0.1', 80, true],
    ['::1', '::1', 80, true],
    ['[::1]:9000', '[::1]', 9000, true],
    ['', 'example.com', 443, false],
  ])('%j and the host %s:%d: %s', (noProxy, host, port, expected) => {
    expect(isWithoutProxy(noProxy, host, port)).toBe(expected);
  });
});

test.each([
  ['http://a.example/', 'http://plain:3128/'],
  ['https://a.example/', 'http://secure:3128/'],
  ['https://a.example:8443/', undefined],
  ['http://b.test/', undefined],
  ['http://[::1]:9000/', undefined],
])('the proxy of %s', (url, expected) => {
  const environment = {
    HTTP_PROXY: 'plain:3128',
    https_proxy: 'http://secure:3128',
    NO_PROXY: 'a.example:8443,.test,::1',
  };
  expect(proxyOf(new URL(url), environment)?.href).toBe(expected);
  expect(proxyOf(new URL(url), {})).toBeUndefined();
});
