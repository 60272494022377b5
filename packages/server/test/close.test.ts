import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type S3Server, startServer } from '../src/index.ts';
import { alice, raw, rawBytes, testServer } from './endpoint.ts';

/** Far below the minute for which a silent client is borne with otherwise. */
const soon = 15_000;
// Two seconds are waited on purpose, and a busy machine needs more than the usual five.
vi.setConfig({ testTimeout: 30_000 });
let server: S3Server;
let sockets: Socket[];

beforeEach(async () => {
  server = await testServer({ buckets: ['closing'] });
  sockets = [];
});

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await server.close();
});

/** A connection on which some bytes were sent, and have arrived. */
async function opened(bytes: string | Uint8Array = ''): Promise<Socket> {
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => {});
  sockets.push(socket);
  await once(socket, 'connect');
  if (bytes.length > 0) socket.write(bytes);
  await sleep(100);
  return socket;
}

async function timeToClose(): Promise<number> {
  const started = performance.now();
  await server.close();
  return performance.now() - started;
}

test.each([
  ['no byte was sent', ''],
  ['the request line is cut', 'GET /clos'],
  ['the headers are cut', 'GET /closing HTTP/1.1\r\nhost: localhost\r\n'],
])('a connection on which %s is ended at once', async (_, bytes) => {
  const socket = await opened(bytes);
  const closed = once(socket.resume(), 'close');
  expect(await timeToClose()).toBeLessThan(1000);
  await closed;
});

test('a connection that has had an answer, and brings half of another request, is ended at once', async () => {
  const request = rawBytes(server, { target: '/closing' }).toString().replace('connection: close\r\n', '');
  const socket = await opened(`${request}GET /clos`);
  expect(socket.read().toString()).toMatch(/^HTTP\/1\.1 200 /);
  expect(await timeToClose()).toBeLessThan(1000);
});

test('an upload whose client is silent is given a little time, and leaves nothing', async () => {
  const bytes = rawBytes(server, { method: 'PUT', target: '/closing/k', body: 'never sent whole' });
  await opened(bytes.subarray(0, -5));
  const { requests } = server.record();
  const [first, second] = await Promise.all([timeToClose(), timeToClose()]);
  expect(Math.min(first, second)).toBeGreaterThan(1500);
  expect(Math.max(first, second)).toBeLessThan(soon);
  expect(requests).toMatchObject([{ operation: 'PutObject', errorCode: expect.any(String) }]);
});

test('a client that does not read its answers is given a little time', async () => {
  await raw(server, { method: 'PUT', target: '/closing/large', body: Buffer.alloc(16 * 1024 ** 2) });
  const bytes = rawBytes(server, { target: '/closing/large' })
    .toString()
    .replace('connection: close\r\n', '');
  // The second answer waits for the first.
  const socket = await opened(bytes + bytes);
  socket.pause();
  expect(await timeToClose()).toBeLessThan(soon);
});

test('the time is an option', async () => {
  await server.close();
  server = await startServer({ users: [alice], buckets: ['closing'], limits: { closeTimeoutSeconds: 0.2 } });
  const bytes = rawBytes(server, { method: 'PUT', target: '/closing/k', body: 'never sent whole' });
  await opened(bytes.subarray(0, -5));
  expect(await timeToClose()).toBeLessThan(1500);
});

test('an upload that goes on ends well, however long it takes', async () => {
  await server.close();
  server = await startServer({ users: [alice], buckets: ['closing'], limits: { closeTimeoutSeconds: 0.5 } });
  const bytes = rawBytes(server, { method: 'PUT', target: '/closing/k', body: 'sent bit by bit' });
  const socket = await opened(bytes.subarray(0, -10));
  const answer = once(socket, 'data');
  const closed = server.close();
  for (let left = 10; left > 0; left -= 1) {
    await sleep(100);
    socket.write(bytes.subarray(-left, bytes.length - left + 1));
  }
  expect(String(await answer)).toMatch(/^HTTP\/1\.1 200 /);
  await closed;
});

test('work of the server itself ends well, and its client is told', async () => {
  await server.close();
  server = await startServer({ users: [alice], buckets: ['closing'], limits: { closeTimeoutSeconds: 0.1 } });
  server.inject({ operation: 'GetObject', delay: 600 });
  const socket = await opened(rawBytes(server, { target: '/closing/none' }));
  const answer = once(socket, 'data');
  await server.close();
  expect(String(await answer)).toMatch(/^HTTP\/1\.1 404 /);
});
