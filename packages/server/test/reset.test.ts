import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openInProcess, type S3Server } from '../src/index.ts';
import { alice, codeOf, raw, rawBytes, testServer } from './endpoint.ts';

/** Far below the minute for which a silent client is borne with otherwise. */
const soon = 15_000;
vi.setConfig({ testTimeout: 30_000 });
let server: S3Server;
let sockets: Socket[];

beforeEach(async () => {
  server = await testServer({ buckets: ['box'], limits: { closeTimeoutSeconds: 0.5 } });
  sockets = [];
});

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await server.close();
});

/** A connection on which some bytes were sent, and have arrived; nothing is read. */
async function opened(bytes: string | Uint8Array): Promise<Socket> {
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => {});
  sockets.push(socket);
  await once(socket, 'connect');
  socket.write(bytes);
  await sleep(100);
  return socket;
}

async function unread(): Promise<Socket> {
  await raw(server, { method: 'PUT', target: '/box/large', body: Buffer.alloc(16 * 1024 ** 2) });
  const request = rawBytes(server, { target: '/box/large' }).toString();
  return (await opened(request.replace('connection: close\r\n', ''))).pause();
}

async function timeToReset(): Promise<number> {
  const started = performance.now();
  await server.reset();
  return performance.now() - started;
}

test('a client that does not read its answer is given a little time', async () => {
  await unread();
  expect(await timeToReset()).toBeLessThan(soon);
});

test('an upload whose client is silent is given a little time, and leaves nothing', async () => {
  await opened(rawBytes(server, { method: 'PUT', target: '/box/k', body: 'cut' }).subarray(0, -1));
  expect(await timeToReset()).toBeLessThan(soon);
  expect((await raw(server, { target: '/box?list-type=2' })).text).toContain('<KeyCount>0</KeyCount>');
});

test('requests that come meanwhile are carried out after it', async () => {
  const behind = await unread();
  const reset = server.reset();
  behind.write(rawBytes(server, { target: '/box/large' }));
  const put = raw(server, { method: 'PUT', target: '/box/new', body: 'new' });
  expect(codeOf(await raw(server, { target: '/box/large' }))).toBe('NoSuchKey');
  expect((await put).status).toBe(200);
  await reset;
  expect((await raw(server, { target: '/box/new' })).text).toBe('new');
});

test('an upload under way before it ends well, and those after it may be silent as before', async () => {
  const bytes = rawBytes(server, { method: 'PUT', target: '/box/k', body: 'sent bit by bit' });
  const first = await opened(bytes.subarray(0, -5));
  const answer = once(first, 'data');
  const reset = server.reset();
  for (let left = 5; left > 0; left -= 1) {
    await sleep(200);
    first.write(bytes.subarray(-left, bytes.length - left + 1));
  }
  expect(String(await answer)).toMatch(/^HTTP\/1\.1 200 /);
  await reset;
  const later = await opened(bytes.subarray(0, -5));
  const second = once(later, 'data');
  await sleep(1000);
  later.write(bytes.subarray(-5));
  expect(String(await second)).toMatch(/^HTTP\/1\.1 200 /);
});

test('several at once, and a close behind them', async () => {
  await unread();
  const first = server.reset();
  const put = raw(server, { method: 'PUT', target: '/box/k', body: 'k' });
  await sleep(100);
  const second = server.reset();
  const get = raw(server, { target: '/box/k' });
  await Promise.all([first, second]);
  expect((await put).status).toBe(200);
  expect(codeOf(await get)).toBe('NoSuchKey');
  await Promise.all([server.reset(), server.close()]);
});

test('without a socket, too, requests that come meanwhile are carried out after it', async () => {
  await using inProcess = await openInProcess({ users: [alice], buckets: ['box'], verify: false });
  const put = () =>
    inProcess.transport({
      method: 'PUT',
      target: '/made',
      headers: {},
      hostname: 'localhost',
      port: 80,
      body: { kind: 'bytes', bytes: new Uint8Array() },
    });
  expect((await put()).status).toBe(200);
  const reset = inProcess.reset();
  expect((await put()).status).toBe(200);
  await reset;
});
