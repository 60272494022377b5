import { afterEach, beforeEach, expect, test } from 'vitest';
import type { S3Connection, S3Events } from '../src/index.ts';
import { cutShort, refuse, reply, reset, ScriptedServer } from './scripted-server.ts';

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
  server.script(reply(200, 'content', { etag: '"e"', 'x-amz-request-id': 'R9', 'x-amz-id-2': 'H9' }));
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
  expect(told.map(([name]) => name)).toEqual(['request']);
  for await (const chunk of body) expect(chunk.byteLength).toBe(7);
  expect(told.map(([name]) => name)).toEqual(['request', 'response', 'end']);
  expect(told[1]).toMatchObject(['response', { bytesReceived: 7 }]);
});

test.each(['readText', 'readBytes'] as const)(
  '%s ends when its body has been read, and lasts as long',
  async (method) => {
    server.script((_, response) => {
      response.writeHead(200, { 'content-length': 6 }).write('abc');
      setTimeout(() => response.end('def'), 200);
    });
    const storage = server.storage();
    const told = listen(storage.connection);
    await storage[method]('k');
    expect(told.map(([name]) => name)).toEqual(['request', 'response', 'end']);
    expect(told[1]?.[1]).toMatchObject({ status: 200, bytesReceived: 6 });
    expect(told[2]?.[1]).toMatchObject({ status: 200, code: undefined, duration: expect.any(Number) });
    // Timers can be a millisecond early.
    expect((told[2]?.[1] as S3Events['end'] | undefined)?.duration).toBeGreaterThan(190);
  },
);

test('a body that is dropped half read has been answered, and its call ends with that', async () => {
  server.script((_, response) => {
    response.writeHead(200, { 'content-length': 6 }).write('abc');
  });
  const storage = server.storage();
  const told = listen(storage.connection);
  for await (const _ of (await storage.readStream('k')).body) break;
  expect(told).toMatchObject([
    ['request', {}],
    ['response', { status: 200, bytesReceived: 3 }],
    ['end', { status: 200, code: undefined }],
  ]);
});

test('a body that breaks off in the end is an error of its call', async () => {
  server.script(cutShort(6, 'abc'));
  const storage = server.storage({ retry: { limit: 1 } });
  const told = listen(storage.connection);
  await expect(storage.readText('k')).rejects.toThrow();
  expect(told).toMatchObject([
    ['request', { attempt: 1 }],
    ['error', { code: 'ECONNRESET', status: undefined, attempt: 1 }],
    ['end', { code: 'ECONNRESET', status: undefined }],
  ]);
});

test('so is a body that is too short, of a transport that does not see to that', async () => {
  async function* body(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('abc');
  }
  const storage = server.storage(
    { retry: { limit: 1 } },
    {
      transport: async () => ({
        status: 200,
        statusText: 'OK',
        headers: { 'content-length': '6' },
        body: body(),
        destroy: () => undefined,
      }),
    },
  );
  const told = listen(storage.connection);
  await expect(storage.readText('k')).rejects.toThrow();
  expect(told.map(([name]) => name)).toEqual(['request', 'error', 'end']);
});

test('a body that its signal ends is an error of its call', async () => {
  server.script((_, response) => {
    response.writeHead(200, { 'content-length': 6 }).write('abc');
  });
  const storage = server.storage();
  const told = listen(storage.connection);
  const stop = new AbortController();
  const { body } = await storage.readStream('k', { signal: stop.signal });
  const reading = async (): Promise<void> => {
    for await (const _ of body) stop.abort(new Error('enough'));
  };
  await expect(reading()).rejects.toThrow('enough');
  expect(told.slice(1)).toMatchObject([
    ['error', { message: 'enough' }],
    ['end', { code: 'Error' }],
  ]);
});

test('what is missing of a body that broke off is a call of its own', async () => {
  server.script(
    (_, response) => {
      response.writeHead(200, { 'content-length': 6, etag: '"e"' }).write('abc');
      setTimeout(() => response.socket?.destroy(), 10);
    },
    reply(206, 'def', { etag: '"e"', 'content-range': 'bytes 3-5/6' }),
  );
  const storage = server.storage();
  const told = listen(storage.connection);
  expect(await storage.readText('k')).toBe('abcdef');
  const [first, second] = [...new Set(told.map(([, { call }]) => call))];
  const names = (of: unknown): string[] => told.filter(([, { call }]) => call === of).map(([name]) => name);
  expect(names(first)).toEqual(['request', 'error', 'end']);
  expect(names(second)).toEqual(['request', 'response', 'end']);
  expect(told).toHaveLength(6);
});

test('an answer that breaks off within an attempt was not read: there is another attempt', async () => {
  server.script(cutShort(60, '<ListBucketResult>'), reply(200, '<ListBucketResult/>'));
  const storage = server.storage();
  const told = listen(storage.connection);
  for await (const _ of storage.bucketListKeys('bucket'));
  expect(told.map(([name, { attempt }]) => `${name} ${attempt}`)).toEqual([
    'request 1',
    'retry 1',
    'request 2',
    'response 2',
    'end 2',
  ]);
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

test('what an async listener fails with is nobody’s', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  try {
    const storage = server.storage();
    const fail = async (): Promise<never> => {
      throw new Error('the metrics are down');
    };
    storage.connection.on('end', fail);
    await storage.write({ text: 'x' }, 'k', { onProgress: fail });
    await new Promise((resolve) => setTimeout(resolve, 20));
  } finally {
    process.off('unhandledRejection', note);
  }
  expect(unhandled).toEqual([]);
});
