import { readdir } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { S3Server } from '../src/index.ts';
import { codeOf, exchange, raw, rawBytes, testServer } from './endpoint.ts';

let server: S3Server;
const sockets: Socket[] = [];

beforeAll(async () => {
  server = await testServer({ buckets: ['pressed'], limits: { idleTimeoutSeconds: 2 } });
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  // Whatever was sent, the next request is served.
  expect((await raw(server, { target: '/pressed?list-type=2' })).status).toBe(200);
});

afterAll(async () => {
  await server.close();
});

/** Sends bytes, and resolves to all that came back when the server ended the connection. */
function send(bytes: Buffer | string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(server.port, '127.0.0.1', () => socket.write(bytes));
    sockets.push(socket);
    socket.on('data', (chunk) => {
      text += String(chunk);
    });
    socket.on('error', () => resolve(text));
    socket.on('close', () => resolve(text));
  });
}

test.each([
  ['two lengths', 'Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd'],
  ['a length and chunks', 'Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['a length that is none', 'Content-Length: 3, 4\r\n\r\nabcd'],
  ['a negative length', 'Content-Length: -3\r\n\r\n'],
  ['an unknown encoding', 'Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n'],
  ['a space before a colon', 'Content-Length : 3\r\n\r\nabc'],
  ['a line feed alone', 'A: b\nContent-Length: 3\r\n\r\nabc'],
  ['a chunk size that is none', 'Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n'],
])('a request with %s is refused, and what follows it is no request', async (_, rest) => {
  const smuggled = 'GET /pressed HTTP/1.1\r\nHost: x\r\nX-Smuggled: yes\r\n\r\n';
  const recording = server.record();
  const text = await send(`PUT /pressed/k HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${rest}${smuggled}`);
  recording.stop();
  expect(text).toMatch(/^HTTP\/1\.1 4\d\d /);
  expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  expect(recording.requests.filter(({ method }) => method === 'GET')).toEqual([]);
});

test('10 MB of headers are not read to their end', async () => {
  const header = `X-Many: ${'a'.repeat(1000)}\r\n`;
  const text = await send(`GET / HTTP/1.1\r\nHost: x\r\n${header.repeat(10_000)}\r\n`);
  // The connection may be reset before the answer was read.
  expect(text === '' || /^HTTP\/1\.1 4\d\d /.test(text)).toBe(true);
});

const bombs: [string, string][] = [
  [
    'entities that grow',
    `<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">${Array.from({ length: 20 }, (_, n) => `<!ENTITY a${n} "&a${n - 1};&a${n - 1};">`).join('')}]><Tagging><TagSet><Tag><Key>&a19;</Key><Value/></Tag></TagSet></Tagging>`,
  ],
  ['an outer entity', '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]><Tagging>&a;</Tagging>'],
  ['a depth of 100,000', '<a>'.repeat(100_000)],
  ['an endless tag', `<Tagging ${'a'.repeat(500_000)}`],
];

test.each(bombs)('XML with %s is refused at once', async (_, body) => {
  const started = performance.now();
  const response = await raw(server, { method: 'PUT', target: '/pressed?tagging', body });
  expect([response.status, codeOf(response)]).toEqual([400, 'MalformedXML']);
  expect(performance.now() - started).toBeLessThan(1000);
  expect(response.text).not.toContain('root:');
});

test.each(['0', '10001', '99999999999999999999', '1e3', '-1', ''])(
  'part number %j is refused',
  async (number) => {
    const created = await raw(server, { method: 'POST', target: '/pressed/parts?uploads' });
    const id = /<UploadId>(.*?)</.exec(created.text)?.[1];
    const target = `/pressed/parts?partNumber=${number}&uploadId=${id}`;
    const response = await raw(server, { method: 'PUT', target, body: 'x' });
    expect([response.status, codeOf(response)]).toEqual([400, 'InvalidArgument']);
  },
);

test('a key of 1,025 bytes is refused', async () => {
  const response = await raw(server, { method: 'PUT', target: `/pressed/${'k'.repeat(1025)}`, body: 'x' });
  expect([response.status, codeOf(response)]).toEqual([400, 'KeyTooLongError']);
});

test('a body without an end, and without a length, is refused', async () => {
  const response = await exchange(
    server,
    rawBytes(server, {
      method: 'PUT',
      target: '/pressed/endless',
      headers: { 'content-length': String(6 * 1024 ** 4) },
      payloadHash: 'UNSIGNED-PAYLOAD',
    }),
  );
  expect([response.status, codeOf(response)]).toEqual([400, 'EntityTooLarge']);
});

test('a client that stops sending is let go, and leaves nothing', async () => {
  const bytes = rawBytes(server, { method: 'PUT', target: '/pressed/slow', body: Buffer.alloc(200_000) });
  await send(bytes.subarray(0, bytes.length - 10));
  expect((await raw(server, { target: '/pressed/slow' })).status).toBe(404);
  await send('GET /slow-head HTTP/1.1\r\nHost:');
}, 15_000);

test('1,000 idle connections cost little, and others are served meanwhile', async () => {
  const before = process.memoryUsage().rss;
  await Promise.all(
    Array.from({ length: 1000 }, () => {
      const socket = connect(server.port, '127.0.0.1');
      sockets.push(socket);
      return new Promise((resolve) => socket.once('connect', resolve).once('error', resolve));
    }),
  );
  expect((await raw(server, { target: '/pressed?list-type=2' })).status).toBe(200);
  // Both ends of each are in this process.
  expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
});

test('nothing outside of the folder is touched', async () => {
  for (const target of ['/pressed/../../../tmp/s3kit-escaped', '/pressed/%2e%2e%2f%2e%2e%2fs3kit-escaped']) {
    expect((await raw(server, { method: 'PUT', target, body: 'x' })).status).toBe(200);
    expect((await raw(server, { target })).text).toBe('x');
  }
  for (const folder of ['/', '/tmp', '.', '..']) {
    expect((await readdir(folder)).filter((name) => name.includes('s3kit-escaped'))).toEqual([]);
  }
});
