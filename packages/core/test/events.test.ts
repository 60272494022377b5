import { afterEach, beforeEach, expect, test } from 'vitest';
import type { S3Connection, S3Events } from '../src/index.ts';
import { refuse, reply, reset, ScriptedServer } from './scripted-server.ts';

let server: ScriptedServer;
beforeEach(async () => {
  server = await ScriptedServer.start(reply(200));
});
afterEach(() => server.close());

type Told = { [Name in keyof S3Events]: [Name, S3Events[Name]] }[keyof S3Events];

/** Gathers all that a connection tells. */
function listen(connection: S3Connection): Told[] {
  const told: Told[] = [];
  const names: (keyof S3Events)[] = ['request', 'response', 'retry', 'error', 'end'];
  for (const name of names) connection.on(name, (event) => told.push([name, event] as Told));
  return told;
}

test('a call tells of its request, its response with times and ids, and its end', async () => {
  server.script(reply(200, 'content', { 'x-amz-request-id': 'R9', 'x-amz-id-2': 'H9' }));
  const storage = server.storage({}, { now: () => 1_000 });
  const told = listen(storage.connection);
  await storage.write({ text: 'hello' }, 'a b');
  expect(told.map(([name]) => name)).toEqual(['request', 'response', 'end']);
  const call = {
    method: 'PUT',
    bucket: 'bucket',
    key: 'a b',
    url: `http://127.0.0.1:${server.port}/bucket/a%20b`,
    bytes: 5,
  };
  expect(told[0]?.[1]).toMatchObject({ call, attempt: 1, time: 1_000 });
  expect(told[1]?.[1]).toMatchObject({
    call,
    status: 200,
    requestId: 'R9',
    hostId: 'H9',
    bytesReceived: 7,
    timing: {
      queued: expect.any(Number),
      connect: expect.any(Number),
      firstByte: expect.any(Number),
      total: expect.any(Number),
    },
  });
  expect(told[2]?.[1]).toMatchObject({ call, attempt: 1, status: 200, code: undefined });
  expect(told[1]?.[1].call).toBe(told[0]?.[1].call);
});

test('a connection that is used again is not made again', async () => {
  const storage = server.storage();
  await storage.exists('k');
  const told = listen(storage.connection);
  await storage.exists('k');
  const response = told.find(([name]) => name === 'response')?.[1];
  expect(response).toMatchObject({ timing: { queued: expect.any(Number), connect: undefined } });
});

test('what is read as it comes is told of when it has been read, or dropped', async () => {
  server.script(reply(200, 'content'));
  const storage = server.storage();
  const told = listen(storage.connection);
  const { body } = await storage.readStream('k');
  expect(told.map(([name]) => name)).toEqual(['request', 'end']);
  for await (const chunk of body) expect(chunk.byteLength).toBe(7);
  expect(told.at(-1)).toMatchObject(['response', { bytesReceived: 7 }]);
  for await (const _ of (await storage.readStream('k')).body) break;
  expect(told.filter(([name]) => name === 'response')).toHaveLength(2);
});

test('retries tell why and when, of both policies and of the network', async () => {
  server.script(refuse(503, 'SlowDown', 'less'), refuse(404, 'NoSuchKey'), reset, reply(200));
  const storage = server.storage(
    { retry: { limit: 9, interval: 2, statusCodes: [404] } },
    { random: () => 0.5 },
  );
  const told = listen(storage.connection);
  await storage.readText('k');
  const retries = told.filter(([name]) => name === 'retry').map(([, event]) => event);
  expect(retries).toMatchObject([
    { attempt: 1, status: 503, code: 'SlowDown', problem: 'SlowDown: less', delay: expect.any(Number) },
    { attempt: 2, status: 404, code: 'NoSuchKey', delay: 2_000 },
    { attempt: 3, status: undefined, code: 'ECONNRESET' },
  ]);
  expect(told.find(([name]) => name === 'end')?.[1]).toMatchObject({ attempt: 4, status: 200 });
});

test('a refusal and a broken connection are errors, and ends', async () => {
  server.script(refuse(403, 'AccessDenied', 'no'));
  const storage = server.storage({ retry: { limit: 1 } });
  const told = listen(storage.connection);
  await storage.readText('k').catch(() => undefined);
  server.script(reset);
  await storage.readText('k').catch(() => undefined);
  expect(told.filter(([name]) => name === 'error' || name === 'end')).toMatchObject([
    ['error', { message: 'AccessDenied: no', code: 'AccessDenied', status: 403, requestId: 'R1' }],
    ['end', { status: 403, code: 'AccessDenied' }],
    ['error', { code: 'ECONNRESET', status: undefined }],
    ['end', { code: 'ECONNRESET', status: undefined }],
  ]);
});

test('nothing that is secret is told', async () => {
  const sessionToken = 'THE-SESSION-TOKEN';
  const customerKey = 'dGhlIGtleSBvZiBhIGN1c3RvbWVyLCAzMiBieXRlcyE=';
  const storage = server.storage({ sessionToken });
  const told = listen(storage.connection);
  await storage.write({ text: 'x' }, 'k', {
    headers: { 'x-amz-server-side-encryption-customer-key': customerKey, 'x-amz-meta-a': 'b' },
  });
  await storage.readText('k', { params: { 'X-Amz-Signature': 'THE-SIGNATURE' } });
  const text = JSON.stringify(told);
  const [sent] = server.arrived;
  const signature = /Signature=(\w+)/.exec(sent?.headers.authorization ?? '')?.[1];
  expect(signature).toHaveLength(64);
  for (const secret of [sessionToken, customerKey, 'THE-SIGNATURE', signature, 'wJalrXUtnFEMI'])
    expect(text).not.toContain(secret);
  expect(told[0]).toMatchObject(['request', { headers: { authorization: '***', 'x-amz-meta-a': 'b' } }]);
});

test('a listener that throws harms nobody, and one that is gone hears nothing', async () => {
  const { connection, ...rest } = server.storage();
  const storage = Object.assign(server.storage(), rest);
  let heard = 0;
  const end = storage.connection.on('request', () => {
    heard++;
    throw new Error('of the listener');
  });
  expect(await storage.exists('k')).toEqual([true, {}]);
  end();
  await storage.exists('k');
  expect(heard).toBe(1);
  connection.close();
});

test('the user agent tells the package, the runtime and the application', async () => {
  await server.storage().exists('k');
  await server.storage({ appId: 'backup' }).exists('k');
  const node = `s3kit/source node/${process.versions.node}`;
  expect(server.arrived.map(({ headers }) => headers['user-agent'])).toEqual([node, `${node} app/backup`]);
  expect(() => server.storage({ appId: 'two words' })).toThrow(/appId must be 1 to 50/);
});
