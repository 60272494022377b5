import { once } from 'node:events';
import { Agent, createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Fault, type FaultProxy, startFaultProxy } from '../src/index.ts';

const answerBody = 'x'.repeat(1000);

let service: Server;
let seen: { method: string; body: string }[];
let proxy: FaultProxy | undefined;
let agent: Agent;

beforeEach(async () => {
  seen = [];
  agent = new Agent({ keepAlive: true, maxSockets: 1 });
  service = createServer(async (request, response) => {
    let body = '';
    try {
      for await (const chunk of request) body += String(chunk);
    } catch {
      return;
    }
    seen.push({ method: request.method ?? '', body });
    response.setHeader('content-length', answerBody.length);
    response.end(request.method === 'HEAD' ? undefined : answerBody);
  });
  service.listen(0, '127.0.0.1');
  await once(service, 'listening');
});

afterEach(async () => {
  agent.destroy();
  await proxy?.close();
  service.closeAllConnections();
  service.close();
});

/** The faults of the requests, one after another; then none. */
async function through(...faults: readonly Fault[]): Promise<FaultProxy> {
  let index = 0;
  // Cast: a server that listens on TCP has an address of this form.
  const { port } = service.address() as AddressInfo;
  proxy = await startFaultProxy({
    targetPort: port,
    schedule: () => faults[index++] ?? { kind: 'pass' },
  });
  return proxy;
}

interface Got {
  readonly status?: number | undefined;
  readonly code?: string | undefined;
  readonly body: string;
  readonly headers?: IncomingMessage['headers'];
  readonly milliseconds: number;
}

function ask({ port }: FaultProxy, { method = 'PUT', body = 'hello', timeout = 5_000 } = {}): Promise<Got> {
  const started = performance.now();
  return new Promise((resolve) => {
    let text = '';
    const end = (fields: Partial<Got>): void =>
      resolve({ body: text, milliseconds: performance.now() - started, ...fields });
    const request = httpRequest(
      { agent, port, host: '127.0.0.1', method, timeout, headers: { 'content-length': body.length } },
      (response) => {
        const { statusCode: status, headers } = response;
        response.on('data', (chunk) => {
          text += String(chunk);
        });
        response.on('end', () => end({ status, headers }));
        response.on('error', (error: NodeJS.ErrnoException) => end({ status, code: error.code }));
      },
    );
    request.on('timeout', () => request.destroy(Object.assign(new Error('late'), { code: 'LATE' })));
    request.on('error', (error: NodeJS.ErrnoException) => end({ code: error.code }));
    request.end(body);
  });
}

test('requests and answers pass as they are, one after another on one connection', async () => {
  const to = await through();
  for (const method of ['PUT', 'HEAD', 'GET']) {
    const got = await ask(to, { method, body: 'b'.repeat(100_000) });
    expect(got).toMatchObject({ status: 200, body: method === 'HEAD' ? '' : answerBody });
  }
  expect(seen.map(({ body }) => body.length)).toEqual([100_000, 100_000, 100_000]);
  expect(to.exchanges.map(({ delivered, struck }) => [delivered, struck])).toEqual(
    Array(3).fill([true, false]),
  );
});

test.each([
  { kind: 'reset', direction: 'up', afterBytes: 0 },
  { kind: 'reset', direction: 'up', afterBytes: 50_000 },
] as const)('a request that is reset after $afterBytes bytes never gets to the service', async (fault) => {
  const to = await through(fault);
  expect(await ask(to, { body: 'b'.repeat(100_000) })).toMatchObject({ code: 'ECONNRESET' });
  await to.settled();
  expect(seen).toEqual([]);
  expect(to.exchanges[0]).toMatchObject({ struck: true, delivered: false, answer: '' });
});

test('an answer that is lost is one that the service gave', async () => {
  const to = await through({ kind: 'reset', direction: 'down', afterBytes: 0 });
  expect(await ask(to)).toMatchObject({ code: 'ECONNRESET', body: '' });
  await to.settled();
  expect(seen).toEqual([{ method: 'PUT', body: 'hello' }]);
  expect(to.exchanges[0]).toMatchObject({ struck: true, delivered: false });
  expect(to.exchanges[0]?.answer).toMatch(/^HTTP\/1.1 200 OK\r\n/);
});

test.each(['reset', 'truncate'] as const)('an answer that is cut by %s fails in its body', async (kind) => {
  const to = await through({ kind, direction: 'down', afterBytes: 600 });
  const got = await ask(to);
  expect(got).toMatchObject({ status: 200, code: 'ECONNRESET' });
  expect(got.body.length).toBeLessThan(600);
  expect(answerBody.startsWith(got.body)).toBe(true);
  if (kind === 'truncate') expect(got.body.length).toBeGreaterThan(300);
});

test('a cut after more bytes than there are does not strike', async () => {
  const to = await through({ kind: 'truncate', afterBytes: 100_000 });
  expect(await ask(to)).toMatchObject({ status: 200, body: answerBody });
  expect(to.exchanges[0]).toMatchObject({ struck: false, delivered: true });
});

test.each(['up', 'down'] as const)('a stall %s goes on after its time', async (direction) => {
  const to = await through({ kind: 'stall', direction, afterBytes: 20, milliseconds: 100 });
  const got = await ask(to);
  expect(got).toMatchObject({ status: 200, body: answerBody });
  expect(got.milliseconds).toBeGreaterThan(90);
});

test.each(['up', 'down'] as const)('a stall %s for ever ends with the client', async (direction) => {
  const to = await through({
    kind: 'stall',
    direction,
    afterBytes: 20,
    milliseconds: Number.POSITIVE_INFINITY,
  });
  expect(await ask(to, { timeout: 100 })).toMatchObject({ code: 'LATE' });
  await to.settled();
  // What had reached the service whole is done, although nobody waits for it.
  expect(seen.length).toBe(direction === 'up' ? 0 : 1);
  expect(to.exchanges[0]).toMatchObject({ struck: true, delivered: false });
});

test('a drip comes slowly, and whole', async () => {
  const to = await through({ kind: 'drip', direction: 'down', bytes: 100, milliseconds: 10 });
  const got = await ask(to);
  expect(got).toMatchObject({ status: 200, body: answerBody });
  expect(got.milliseconds).toBeGreaterThan(90);
});

test('a delayed answer comes late', async () => {
  const to = await through({ kind: 'delay', milliseconds: 100 });
  expect((await ask(to)).milliseconds).toBeGreaterThan(90);
});

test('an answer that comes twice spoils the connection, not the next request', async () => {
  const to = await through({ kind: 'duplicate' });
  expect(await ask(to)).toMatchObject({ status: 200, body: answerBody });
  await expect.poll(() => Object.values(agent.freeSockets).flat().length).toBe(0);
  expect(await ask(to)).toMatchObject({ status: 200, body: answerBody });
  expect(seen.length).toBe(2);
});

test('connections are refused for a time, and then taken again', async () => {
  const to = await through({ kind: 'refuse', milliseconds: 150 });
  expect(await ask(to)).toMatchObject({ code: 'ECONNRESET' });
  expect(await ask(to)).toMatchObject({ code: 'ECONNREFUSED' });
  await to.settled();
  expect(await ask(to)).toMatchObject({ status: 200 });
  expect(seen.length).toBe(1);
});

test.each([
  [{ status: 503, code: 'SlowDown', retryAfter: 1 }, 503],
  [{ status: 200, code: 'InternalError' }, 200],
] as const)(
  'an injected answer is an error document, and the service is not asked: %o',
  async (answer, status) => {
    const to = await through({ kind: 'answer', answer });
    const got = await ask(to, { body: 'b'.repeat(100_000) });
    expect(got.status).toBe(status);
    expect(got.body).toContain(`<Error><Code>${answer.code}</Code>`);
    expect(got.headers?.['retry-after']).toBe('retryAfter' in answer ? '1' : undefined);
    expect(await ask(to)).toMatchObject({ status: 200, body: answerBody });
    expect(seen.length).toBe(1);
  },
);

test('an injected answer to HEAD has no body', async () => {
  const to = await through({ kind: 'answer', answer: { status: 503, code: 'SlowDown' } });
  expect(await ask(to, { method: 'HEAD' })).toMatchObject({ status: 503, body: '' });
  expect(await ask(to, { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
});

test.each(['reset', 'close', 'garbage', 'stall'] as const)('a TLS handshake fails: %s', async (failure) => {
  const to = await through({ kind: 'handshake', failure });
  const request = httpsRequest({ port: to.port, host: '127.0.0.1', timeout: 200, agent: false });
  request.on('timeout', () => request.destroy(Object.assign(new Error('late'), { code: 'LATE' })));
  request.end();
  const [error] = await once(request, 'error');
  const expected = { reset: 'ECONNRESET', close: 'ECONNRESET', garbage: /SSL|EPROTO/, stall: 'LATE' }[
    failure
  ];
  expect(error.code).toMatch(expected);
  expect(to.exchanges[0]?.request.method).toBe('TLS');
});

test('a service that is not there looks like a connection that is closed', async () => {
  const to = await through();
  service.closeAllConnections();
  service.close();
  expect(await ask(to)).toMatchObject({ code: 'ECONNRESET' });
});
