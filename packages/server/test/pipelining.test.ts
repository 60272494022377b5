import { afterEach, beforeEach, expect, test } from 'vitest';
import type { S3Server } from '../src/index.ts';
import { exchange, type RawRequest, rawBytes, testServer } from './endpoint.ts';

let server: S3Server;

beforeEach(async () => {
  server = await testServer({ buckets: ['box'] });
});

afterEach(async () => {
  await server.close();
});

/** What is answered to requests that are sent at once; the last one ends the connection. */
async function pipelined(...requests: RawRequest[]): Promise<string[]> {
  const last = requests.length - 1;
  const bytes = requests.map((request, index) => {
    const text = rawBytes(server, request).toString('latin1');
    return index === last ? text : text.replace('connection: close\r\n', '');
  });
  const { status, text } = await exchange(server, Buffer.from(bytes.join(''), 'latin1'));
  const answers = `HTTP/1.1 ${status} \r\n\r\n${text}`.split(/(?=HTTP\/1\.1 )/);
  return answers.map((answer) => answer.replace(/^HTTP\/1\.1 (\d+).*?\r\n\r\n/s, '$1 '));
}

const get: RawRequest = { target: '/box/k' };

function put(body: string): RawRequest {
  return { method: 'PUT', target: '/box/k', body };
}

// RFC 9112 section 9.3.2: only requests that are all safe may be carried out side by side.
test('a request that is sent behind a change finds it made', async () => {
  server.inject({ operation: 'PutObject', delay: 50, times: 2 });
  expect(await pipelined(put('one'), get, put('two'), get)).toEqual(['200 ', '200 one', '200 ', '200 two']);
});

test('a change waits for what was asked before it', async () => {
  await pipelined(put('old'));
  server.inject({ operation: 'GetObject', delay: 50, times: 2 });
  expect(await pipelined(get, get, put('new'), get)).toEqual(['200 old', '200 old', '200 ', '200 new']);
});

test('requests that change nothing are carried out side by side', async () => {
  await pipelined(put('k'));
  server.inject({ operation: 'GetObject', delay: 300, times: 4 });
  const started = performance.now();
  expect(await pipelined(get, get, get, get)).toEqual(['200 k', '200 k', '200 k', '200 k']);
  expect(performance.now() - started).toBeLessThan(900);
});

test('what stands behind a request whose connection breaks is not carried out', async () => {
  server.inject({ operation: 'PutObject', reset: 'after', delay: 50, times: 1 });
  const recording = server.record();
  await expect(pipelined(put('one'), { method: 'DELETE', target: '/box/k' })).rejects.toThrow('ECONNRESET');
  expect(await pipelined(get)).toEqual(['200 one']);
  expect(recording.requests.map(({ operation }) => operation)).toEqual(['PutObject', 'GetObject']);
});
