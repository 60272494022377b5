import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import tls from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { emptyBody, type HttpRequest, isTransportError, type RequestBody } from '../src/http.ts';
import {
  createNodeTransport,
  type NodeTransport,
  type NodeTransportOptions,
} from '../src/node/node-transport.ts';

const closings: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

function transport(options: NodeTransportOptions = {}): NodeTransport {
  const made = createNodeTransport(options);
  closings.push(() => made.close());
  return made;
}

interface Listening {
  readonly port: number;
  /** Connections that have been made. */
  readonly sockets: net.Socket[];
  /** All that has come, in the order in which it came. */
  readonly received: () => string;
}

/** A server that does with each connection what it is told. */
async function listen(
  serve: (socket: net.Socket, received: () => string) => void,
  create: (onSocket: (socket: net.Socket) => void) => net.Server = (onSocket) => net.createServer(onSocket),
): Promise<Listening> {
  const sockets: net.Socket[] = [];
  let all = '';
  const server = create((socket) => {
    sockets.push(socket);
    let own = '';
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      own += chunk.toString('latin1');
      all += chunk.toString('latin1');
      serve(socket, () => own);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closings.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, sockets, received: () => all };
}

function request(port: number, more: Partial<HttpRequest> = {}): HttpRequest {
  return {
    method: 'GET',
    protocol: 'http:',
    hostname: '127.0.0.1',
    port,
    target: '/b/k?a=b',
    headers: { host: `127.0.0.1:${port}`, 'x-amz-date': 'now' },
    body: emptyBody,
    ...more,
  };
}

const bytes = (text: string): RequestBody => ({ kind: 'bytes', bytes: Buffer.from(text) });

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces).toString('latin1');
}

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

const ok = (text: string): string => `HTTP/1.1 200 OK\r\ncontent-length: ${text.length}\r\n\r\n${text}`;

describe('a request', () => {
  test('goes out as it is, with its framing', async () => {
    const { port, received } = await listen((socket) => socket.write(ok('')));
    const { send } = transport();
    await send(request(port));
    await send(request(port, { method: 'PUT', target: '/a/../b', body: bytes('hello') }));
    await send(request(port, { method: 'PUT' }));
    expect(received()).toBe(
      [
        `GET /b/k?a=b HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nx-amz-date: now\r\nconnection: keep-alive\r\n\r\n`,
        `PUT /a/../b HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nx-amz-date: now\r\ncontent-length: 5\r\nconnection: keep-alive\r\n\r\nhello`,
        `PUT /b/k?a=b HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nx-amz-date: now\r\ncontent-length: 0\r\nconnection: keep-alive\r\n\r\n`,
      ].join(''),
    );
  });

  test.each([
    ['a line break in a header', { headers: { 'x-amz-meta-a': 'b\r\nx-evil: 1' } }],
    ['a NUL in a header', { headers: { 'x-amz-meta-a': 'b\0' } }],
    ['letters of no byte in a header', { headers: { 'x-amz-meta-a': '€' } }],
    ['a header’s name that is none', { headers: { 'a b': 'c' } }],
    ['a space in the target', { target: '/b/k HTTP/1.1' }],
    ['a line break in the target', { target: '/b/k\r\nx-evil: 1' }],
  ])('with %s is refused, and nothing of it is sent', async (_, more) => {
    const { port, received } = await listen((socket) => socket.write(ok('')));
    expect(await failureOf(transport().send(request(port, more)))).toBeInstanceOf(TypeError);
    expect(received()).toBe('');
  });
});

describe('connections', () => {
  test('are used again, the last one first', async () => {
    const { port, sockets } = await listen((socket) => socket.write(ok('x')));
    const { send } = transport();
    for (let count = 0; count < 5; count++) expect(await textOf((await send(request(port))).body)).toBe('x');
    expect(sockets).toHaveLength(1);
  });

  test('are no more than allowed; the others wait, and those that give up are gone', async () => {
    let open = 0;
    const waiting: net.Socket[] = [];
    const { port, sockets } = await listen((socket) => {
      open++;
      waiting.push(socket);
    });
    const { send } = transport({ maximumConnections: 2 });
    const stop = new AbortController();
    const all = ['/1', '/2', '/3', '/4'].map(async (target) =>
      textOf((await send(request(port, { target }), target === '/3' ? stop.signal : undefined)).body),
    );
    const third = failureOf(all[2] ?? Promise.resolve());
    await expect.poll(() => open).toBe(2);
    stop.abort(new Error('enough'));
    expect(await third).toBe(stop.signal.reason);
    waiting.shift()?.write(ok('a'));
    await expect.poll(() => open).toBe(3);
    for (const socket of waiting) socket.write(ok('b'));
    expect(await Promise.all([all[0], all[1], all[3]])).toEqual(['a', 'b', 'b']);
    expect(sockets).toHaveLength(2);
  });

  test('that the service closes while nobody uses them are not used', async () => {
    const { port, sockets } = await listen((socket) => socket.end(ok('x')));
    const { send } = transport();
    expect(await textOf((await send(request(port))).body)).toBe('x');
    await once(sockets[0] as net.Socket, 'close');
    expect(await textOf((await send(request(port))).body)).toBe('x');
    expect(sockets).toHaveLength(2);
  });

  test('on which something comes that nobody has asked for are closed', async () => {
    const { port, sockets } = await listen((socket) => socket.write(ok('x')));
    const { send } = transport();
    await textOf((await send(request(port))).body);
    sockets[0]?.write(ok('evil'));
    await once(sockets[0] as net.Socket, 'close');
    expect(await textOf((await send(request(port))).body)).toBe('x');
  });

  test('that end with a reset when they are used again say so', async () => {
    const answered = new Set<net.Socket>();
    const { port } = await listen((socket) => {
      if (answered.has(socket)) socket.resetAndDestroy();
      else socket.write(ok('x'));
      answered.add(socket);
    });
    const { send } = transport();
    await textOf((await send(request(port))).body);
    expect(await failureOf(send(request(port)))).toMatchObject({ code: 'ECONNRESET', staleConnection: true });
  });

  test('that end before an answer, the first time, are no stale ones', async () => {
    const { port } = await listen((socket) => socket.end());
    const error = await failureOf(transport().send(request(port)));
    expect(isTransportError(error) && error.message).toBe(`the connection was reset (127.0.0.1:${port})`);
    expect(error).toMatchObject({ code: 'ECONNRESET', staleConnection: false });
  });

  test('are not used in the last second that the service keeps them', async () => {
    const { port, sockets } = await listen((socket) =>
      socket.write('HTTP/1.1 200 OK\r\nkeep-alive: timeout=1\r\ncontent-length: 0\r\n\r\n'),
    );
    const { send } = transport();
    await send(request(port));
    await send(request(port));
    expect(sockets).toHaveLength(2);
  });

  test('are closed by close()', async () => {
    const { port, sockets } = await listen((socket) => socket.write(ok('x')));
    const { send, close } = transport();
    await textOf((await send(request(port))).body);
    close();
    await once(sockets[0] as net.Socket, 'close');
  });

  test('that are in use are closed by close() when their exchange is over', async () => {
    let answer = (): void => undefined;
    const { port, sockets } = await listen((socket, received) => {
      if (received().includes('GET /1 '))
        answer = () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nabc');
      else socket.write(ok('x'));
    });
    const { send, close } = transport();
    const first = send(request(port, { target: '/1' }));
    await expect.poll(() => sockets.length).toBe(1);
    await expect.poll(() => String(answer)).toContain('write');
    close();
    answer();
    const { body } = await first;
    const reading = textOf(body);
    expect(await textOf((await send(request(port, { target: '/2' }))).body)).toBe('x');
    expect(sockets).toHaveLength(2);
    sockets[0]?.write('def');
    expect(await reading).toBe('abcdef');
    await expect.poll(() => sockets.map(({ closed }) => closed)).toEqual([true, false]);
  });

  test('that are to be closed keep the process running only while somebody waits for a body', async () => {
    const { port, sockets } = await listen((socket) => {
      // Its own end counts too.
      socket.unref();
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nabc');
    });
    const held = (): number =>
      process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
    await expect.poll(held).toBe(0);
    const { send, close } = transport();
    const { body } = await send(request(port));
    expect(held()).toBe(1);
    close();
    expect(held()).toBe(0);
    const reading = textOf(body);
    await expect.poll(held).toBe(1);
    sockets[0]?.write('def');
    expect(await reading).toBe('abcdef');
    await expect.poll(held).toBe(0);
  });
});

describe('an answer', () => {
  test('that comes before the body’s end ends the sending; its connection is not used again', async () => {
    const { port, sockets } = await listen((socket, received) => {
      if (received().startsWith('GET')) socket.write(ok('x'));
      else socket.write('HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno');
      socket.pause();
    });
    const { send } = transport();
    let sent = 0;
    const body: RequestBody = { kind: 'bytes', bytes: new Uint8Array(64 * 1024 * 1024) };
    const answer = await send(
      request(port, {
        method: 'PUT',
        body,
        onSent: (count) => {
          sent += count;
        },
      }),
    );
    expect([answer.status, await textOf(answer.body)]).toEqual([403, 'no']);
    expect(sent).toBeLessThan(body.bytes.byteLength);
    expect(await textOf((await send(request(port))).body)).toBe('x');
    expect(sockets).toHaveLength(2);
  });

  test.each([
    '220 smtp.example.com ESMTP\r\n\r\n',
    // These say no more, and wait.
    'SSH-2.0-OpenSSH_9.6\r\n',
    '-ERR unknown command\r\n',
    'HTCPCP/1.0 418\r\n',
  ])('that is none is an error of the network: %j', async (greeting) => {
    const { port } = await listen((socket) => socket.write(greeting));
    expect(await failureOf(transport().send(request(port)))).toMatchObject({
      name: 'TransportError',
      code: 'EPROTO',
      message: `the answer does not begin as one of HTTP does (127.0.0.1:${port})`,
    });
  });

  test('whose body breaks off gives what has come, and then the error', async () => {
    const { port } = await listen((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc'));
    const { body } = await transport().send(request(port));
    let text = '';
    const reading = (async () => {
      for await (const piece of body) text += Buffer.from(piece).toString();
    })();
    expect(await failureOf(reading)).toMatchObject({ name: 'TransportError', code: 'ECONNRESET' });
    expect(text).toBe('abc');
  });

  test.each([true, false])('of many bytes comes whole, with borrowed pieces: %s', async (borrows) => {
    const content = Buffer.alloc(5_000_000);
    for (let index = 0; index < content.length; index++) content[index] = (index * 7 + (index >> 8)) % 251;
    const { port } = await listen((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${content.length}\r\n\r\n`);
      socket.write(content);
    });
    const { send } = transport();
    for (let round = 0; round < 3; round++) {
      const { body } = await send(request(port, { borrows }));
      const pieces: Uint8Array[] = [];
      for await (const piece of body) {
        pieces.push(borrows ? Buffer.from(piece) : piece);
        // Meanwhile more comes, up to what may be held.
        if (pieces.length % 5 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
      }
      expect(Buffer.concat(pieces).equals(content)).toBe(true);
    }
  });

  test('that nobody reads is held back; and a reader who takes his time is not cut off', async () => {
    const size = 64 * 1024 * 1024;
    let written = 0;
    const { port } = await listen((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${size}\r\n\r\n`);
      const block = Buffer.alloc(1024 * 1024);
      const more = (): void => {
        while (written < size) {
          written += block.length;
          if (!socket.write(block)) return void socket.once('drain', more);
        }
      };
      more();
    });
    const { body } = await transport({ idleTimeout: 150 }).send(request(port));
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(written).toBeLessThan(size / 2);
    let length = 0;
    for await (const piece of body) length += piece.byteLength;
    expect(length).toBe(size);
  });

  test('that is dropped closes its connection', async () => {
    const { port, sockets } = await listen((socket) =>
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\nx'),
    );
    const { send } = transport();
    const dropped = await send(request(port));
    dropped.destroy();
    await once(sockets[0] as net.Socket, 'close');
    const { body } = await send(request(port));
    for await (const piece of body) {
      expect(piece.byteLength).toBe(1);
      break;
    }
    await once(sockets[1] as net.Socket, 'close');
    expect(await textOf(dropped.body)).toBe('');
  });

  test('that is dropped leaves the piece that is still in use as it is', async () => {
    const fill = (byte: string): string => byte.repeat(300_000);
    let count = 0;
    const { port } = await listen((socket) => {
      count++;
      socket.write(
        `HTTP/1.1 200 OK\r\ncontent-length: 900000\r\n\r\n${fill(count === 1 ? 'a' : 'b').repeat(3)}`,
      );
    });
    const { send } = transport();
    const dropped = await send(request(port, { borrows: true }));
    const iterator = dropped.body[Symbol.asyncIterator]();
    // The first piece came with the head; the next ones are in memory that is used again.
    await iterator.next();
    const { value: piece } = await iterator.next();
    dropped.destroy();
    for (let round = 0; round < 3; round++) {
      const { body } = await send(request(port, { borrows: true }));
      for await (const other of body) expect(other[0]).toBe('b'.charCodeAt(0));
    }
    expect(Buffer.from(piece as Uint8Array).every((byte) => byte === 'a'.charCodeAt(0))).toBe(true);
  });

  test('that stops coming is given up, with the signal’s reason', async () => {
    const { port } = await listen((socket) =>
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc'),
    );
    const stop = new AbortController();
    const { body } = await transport().send(request(port), stop.signal);
    const reading = failureOf(textOf(body));
    stop.abort(new Error('enough'));
    expect(await reading).toBe(stop.signal.reason);
    expect(await failureOf(transport().send(request(port), stop.signal))).toBe(stop.signal.reason);
  });

  test('that does not come is given up after the attempt’s time', async () => {
    const { port } = await listen(() => undefined);
    const { send } = transport({ attemptTimeout: 100 });
    expect(await failureOf(send(request(port)))).toMatchObject({
      code: 'ETIMEDOUT',
      message: `no answer came in time (127.0.0.1:${port})`,
    });
  });
});

describe('over TLS', () => {
  const read = (name: string): string =>
    readFileSync(new URL(`certificate/${name}.pem`, import.meta.url), 'utf8');
  const [key, cert] = [read('key'), read('certificate')];

  test('a certificate that is trusted; sessions are resumed; large bodies come whole, both ways', async () => {
    const content = Buffer.alloc(3_000_000, 'abcdefg');
    const resumed: boolean[] = [];
    const { port } = await listen(
      (socket, received) => {
        if (received().length < content.length) return;
        socket.write(`HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: ${content.length}\r\n\r\n`);
        socket.end(content);
      },
      (onSocket) =>
        tls.createServer({ key, cert }, (socket) => {
          resumed.push(socket.isSessionReused());
          onSocket(socket);
        }),
    );
    const { send } = transport({ certificateAuthorities: cert });
    for (let round = 0; round < 3; round++) {
      const { body } = await send(
        request(port, {
          protocol: 'https:',
          hostname: 'localhost',
          method: 'PUT',
          body: { kind: 'bytes', bytes: content },
        }),
      );
      const pieces: Uint8Array[] = [];
      for await (const piece of body) pieces.push(piece);
      expect(Buffer.concat(pieces).equals(content)).toBe(true);
    }
    expect(resumed).toEqual([false, true, true]);
  });

  test('a certificate that nobody vouches for is refused', async () => {
    const { port } = await listen(
      () => undefined,
      (onSocket) => tls.createServer({ key, cert }, onSocket),
    );
    expect(
      await failureOf(transport().send(request(port, { protocol: 'https:', hostname: 'localhost' }))),
    ).toMatchObject({ name: 'TransportError', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  });

  test('a certificate of another name is refused', async () => {
    const { port } = await listen(
      () => undefined,
      (onSocket) => tls.createServer({ key, cert }, onSocket),
    );
    const error = await failureOf(
      transport({ certificateAuthorities: cert }).send(
        request(port, { protocol: 'https:', hostname: '127.0.0.2' }),
      ),
    );
    expect(error).toMatchObject({ name: 'TransportError' });
  });
});

test('an agent of the caller opens the connections, and is asked for each', async () => {
  const { port, received } = await listen((socket) => socket.write(ok('hello')));
  let made = 0;
  class Counting extends http.Agent {
    override createConnection(
      ...given: Parameters<http.Agent['createConnection']>
    ): ReturnType<http.Agent['createConnection']> {
      made++;
      return super.createConnection(...given);
    }
  }
  const { send } = transport({ httpAgent: new Counting({ keepAlive: true }) });
  for (let count = 0; count < 2; count++)
    expect(await textOf((await send(request(port, { method: 'PUT', body: bytes('content') }))).body)).toBe(
      'hello',
    );
  expect(made).toBe(1);
  expect(received()).toContain('\r\n\r\ncontent');
});
