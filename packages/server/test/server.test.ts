import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { type RequestSummary, startServer } from '../src/index.ts';
import { alice, codeOf, raw, rawBytes, testServer } from './endpoint.ts';

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 's3kit-server-test-'));
});

afterEach(() => {
  vi.unstubAllEnvs();
});

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

test('the defaults: loopback, any port, one user, a temporary folder that goes away', async () => {
  // A folder of this test's own: other programs have servers too.
  vi.stubEnv('TMPDIR', directory);
  const server = await startServer();
  expect(server.endpoint).toBe(`http://127.0.0.1:${server.port}`);
  const user = { accessKeyId: 's3kit', secretAccessKey: 's3kit-secret' };
  expect((await raw(server, { target: '/', user })).status).toBe(200);
  expect(await readdir(directory)).toEqual([expect.stringMatching(/^s3kit-server-\d+-\w{6}$/)]);
  await server.close();
  await server.close();
  expect(await readdir(directory)).toEqual([]);
});

/** A process that starts servers with temporary folders, and then does as it is told. */
async function runProcess(folder: string, rest: string): Promise<number | NodeJS.Signals> {
  const code = `
    import { startServer } from ${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)};
    const servers = [await startServer(), await startServer()];
    ${rest}`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  const [status, signal] = await once(child, 'exit');
  return signal ?? status;
}

test.each([
  ['it ends itself', 'process.exit(7);', 7],
  ['an error ends it', 'throw new Error("not caught");', 1],
  ['one server was closed', 'await servers[0].close(); process.exit(7);', 7],
])('temporary folders go with their process: %s', async (_, rest, expected) => {
  const folder = await mkdtemp(join(directory, 'process-'));
  expect(await runProcess(folder, rest)).toBe(expected);
  expect(await readdir(folder)).toEqual([]);
});

test('folders of processes that were killed are removed by the next, and no others', async () => {
  const folder = await mkdtemp(join(directory, 'killed-'));
  vi.stubEnv('TMPDIR', folder);
  expect(await runProcess(folder, 'process.kill(process.pid, "SIGKILL");')).toBe('SIGKILL');
  const left = await readdir(folder);
  expect(left.length).toBe(2);
  // Processes in containers have numbers of their own: the lock tells that a folder is in use.
  const [first = '', second = ''] = left;
  const inUse = await testServer({ directory: join(folder, first) });
  await mkdir(join(folder, 's3kit-server-none'));
  await mkdir(join(folder, 'elsewhere'));
  await symlink(join(folder, 'elsewhere'), join(folder, second.replace(/\w{6}$/, 'linked')));
  const server = await startServer();
  expect(await readdir(join(folder, 'elsewhere'))).toEqual([]);
  expect(await readdir(folder)).toHaveLength(5);
  expect(await readdir(folder)).toEqual(expect.arrayContaining([first, 's3kit-server-none']));
  expect(await readdir(folder)).not.toContain(second);
  expect((await raw(inUse, { target: '/' })).status).toBe(200);
  await inUse.close();
  await server.close();
});

test('whoever starts many servers has one listener for the end of the process', async () => {
  const before = process.listenerCount('exit');
  const servers = await Promise.all([startServer(), startServer(), startServer()]);
  expect(process.listenerCount('exit')).toBe(before + 1);
  for (const server of servers) await server.close();
  expect(process.listenerCount('exit')).toBe(before);
});

test('data stays in a directory, and one server at a time has it', async () => {
  const first = await testServer({ directory });
  await raw(first, { method: 'PUT', target: '/kept' });
  await raw(first, { method: 'PUT', target: '/kept/k', body: 'text' });
  await expect(testServer({ directory })).rejects.toThrow(
    `directory is in use by another server: ${join(directory, 'index')}`,
  );
  await first.close();
  const second = await testServer({ directory });
  expect((await raw(second, { target: '/kept/k' })).text).toBe('text');
  await second.close();
});

test('a start removes files that nothing refers to, and only these', async () => {
  await mkdir(join(directory, 'bodies', '00'), { recursive: true });
  await writeFile(join(directory, 'bodies', '00', 'f'.repeat(30)), 'left behind by a crash');
  const server = await testServer({ directory });
  expect(await readdir(join(directory, 'bodies', '00'))).not.toContain('f'.repeat(30));
  expect((await raw(server, { target: '/kept/k' })).text).toBe('text');
  await server.close();
});

test('names of files say nothing of keys, and overwritten bodies are removed', async () => {
  const folder = join(directory, 'sizes');
  const server = await testServer({ directory: folder, durable: false });
  await raw(server, { method: 'PUT', target: '/sizes' });
  for (const body of ['one', 'two', 'three'])
    await raw(server, { method: 'PUT', target: '/sizes/secret-name', body });
  const files = (await readdir(join(folder, 'bodies'), { recursive: true })).filter(
    (name) => name.length > 2,
  );
  expect(files).toHaveLength(1);
  expect(files[0]).toMatch(/^[0-9a-f]{2}.[0-9a-f]{30}$/);
  expect((await stat(join(folder, 'bodies', files[0] ?? ''))).size).toBe(5);
  await server.close();
});

test('a client that goes away in the middle leaves the old object, and no file', async () => {
  const folder = join(directory, 'interrupted');
  const server = await testServer({ directory: folder });
  await raw(server, { method: 'PUT', target: '/interrupted' });
  await raw(server, { method: 'PUT', target: '/interrupted/k', body: 'old' });
  const bytes = rawBytes(server, {
    method: 'PUT',
    target: '/interrupted/k',
    body: Buffer.alloc(2_000_000, 'new'),
  });
  const files = async () =>
    (await readdir(join(folder, 'bodies'), { recursive: true })).filter((name) => name.length > 2).length;
  const socket = connect(server.port, '127.0.0.1', () =>
    socket.write(bytes.subarray(0, bytes.length - 1000)),
  );
  await expect.poll(files).toBe(2);
  socket.destroy();
  await expect.poll(files).toBe(1);
  expect((await raw(server, { target: '/interrupted/k' })).text).toBe('old');
  await server.close();
});

test('options that cannot be are refused', async () => {
  await expect(startServer({ port: -1 })).rejects.toThrow(RangeError);
  await expect(startServer({ users: [] })).rejects.toThrow('users must name at least one user');
  await expect(startServer({ users: [alice, alice] })).rejects.toThrow('alice is there twice');
  await expect(startServer({ users: [{ accessKeyId: 'a', secretAccessKey: '' }] })).rejects.toThrow(
    TypeError,
  );
  await expect(startServer({ limits: { maximumListKeys: 0 } })).rejects.toThrow('limits.maximumListKeys');
  await expect(startServer({ directory: '' })).rejects.toThrow('directory must not be empty');
  const server = await startServer();
  await expect(startServer({ port: server.port })).rejects.toThrow('EADDRINUSE');
  await server.close();
});

test.each([
  ['limits.minPartSize is no limit', { limits: { minPartSize: 1 } }],
  ["limits.maximumListKeys must be above 0, not '5'", { limits: { maximumListKeys: '5' } }],
  ['limits must be an object, not a number', { limits: 5 }],
  ['verify must be a boolean, not a string', { verify: 'false' }],
  ['durable must be a boolean, not a string', { durable: 'no' }],
  ['region must not be empty', { region: '' }],
  ['region must be a string, not null', { region: null }],
  ['host must be a string, not a number', { host: 1 }],
  ['directory must be a string, not an object', { directory: {} }],
  ['now must be a function, not a number', { now: 5 }],
  ['now must return a date, not 5', { now: () => 5 }],
  ['now must return a date, not Invalid Date', { now: () => new Date('') }],
  ['onRequest must be a function, not a number', { onRequest: 5 }],
  ['onNotification must be a function, not an object', { onNotification: {} }],
  ['buckets must be an array, not a string', { buckets: 'abc' }],
  ['buckets: 5 is no name', { buckets: [5] }],
  ['users must be an array, not a string', { users: 'alice' }],
  ['users: each needs an accessKeyId', { users: [null] }],
  ['port must be a number, not a string', { port: '80' }],
])('options of JavaScript are refused by name: %s', async (message, options) => {
  // Cast: the types would not let these pass.
  await expect(startServer(options as object)).rejects.toThrow(message);
});

test('what needs the data says that the server is closed', async () => {
  const server = await testServer();
  const closing = server.close();
  for (const late of [() => server.reset(), () => server.advanceClock(1)]) {
    await expect(late()).rejects.toThrow('the server is closed');
    await closing;
    await expect(late()).rejects.toThrow('the server is closed');
  }
});

test('the clock may be another one', async () => {
  const now = new Date('2001-02-03T04:05:06Z');
  const server = await testServer({ now: () => now });
  expect((await raw(server, { target: '/' })).status).toBe(403);
  await raw(server, { method: 'PUT', target: '/clock', date: now });
  await raw(server, { method: 'PUT', target: '/clock/k', date: now, body: 'x' });
  const { headers } = await raw(server, { target: '/clock/k', date: now });
  expect(headers['last-modified']).toBe('Sat, 03 Feb 2001 04:05:06 GMT');
  expect(headers['date']).toBe('Sat, 03 Feb 2001 04:05:06 GMT');
  await server.close();
});

test('an observer is told of requests, without secrets, and cannot fail them', async () => {
  const seen: RequestSummary[] = [];
  const server = await testServer({
    onRequest: (summary) => {
      seen.push(summary);
      throw new Error('the observer broke');
    },
  });
  await raw(server, { method: 'PUT', target: '/observed' });
  const response = await raw(server, {
    target: '/observed/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a&X-Amz-Signature=0123',
    user: null,
  });
  await server.close();
  expect(seen).toMatchObject([
    { method: 'PUT', target: '/observed', status: 200 },
    { method: 'GET', status: response.status, errorCode: codeOf(response) },
  ]);
  expect(seen[1]?.target).not.toContain('0123');
  expect(seen[1]?.requestId).toBe(response.headers['x-amz-request-id']);
  expect(seen[0]?.duration).toBeGreaterThan(0);
});

test('an observer may be async, and cannot end the process either', async () => {
  const rejections: unknown[] = [];
  const listener = (reason: unknown): unknown => rejections.push(reason);
  process.on('unhandledRejection', listener);
  const told: string[] = [];
  const breaks = (name: string) => async (): Promise<void> => {
    told.push(name);
    throw new Error('the observer broke');
  };
  const server = await testServer({
    buckets: ['observed'],
    onRequest: breaks('request'),
    onNotification: breaks('notification'),
  });
  const body =
    '<NotificationConfiguration><QueueConfiguration><Queue>arn:aws:sqs:us-east-1:111122223333:q</Queue><Event>s3:ObjectCreated:*</Event></QueueConfiguration></NotificationConfiguration>';
  expect((await raw(server, { method: 'PUT', target: '/observed?notification', body })).status).toBe(200);
  expect((await raw(server, { method: 'PUT', target: '/observed/k', body: 'x' })).status).toBe(200);
  await server.close();
  // Node tells of a rejection when the microtasks are through.
  await new Promise((resolve) => setTimeout(resolve, 20));
  process.off('unhandledRejection', listener);
  expect(told).toEqual(['request', 'notification', 'request']);
  expect(rejections).toEqual([]);
});

test('no form of the server shows a secret', async () => {
  const server = await testServer();
  expect(inspect(server, { depth: 20, showHidden: true }) + JSON.stringify(server)).not.toContain(
    'alice-secret',
  );
  await server.close();
});

test('closing lets a request under way finish', async () => {
  const server = await testServer({ directory: join(directory, 'closing') });
  await raw(server, { method: 'PUT', target: '/closing' });
  const body = Buffer.alloc(200_000, 'slow');
  const closing = rawBytes(server, { method: 'PUT', target: '/closing/k', body }).toString('latin1');
  const bytes = Buffer.from(closing.replace('connection: close', 'connection: keep-alive'), 'latin1');
  const socket = connect(server.port, '127.0.0.1', () => socket.write(bytes.subarray(0, 100_000)));
  const answer = new Promise<string>((resolve, reject) => {
    socket.once('data', (data) => resolve(data.toString()));
    socket.once('error', reject);
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  const closed = server.close();
  await new Promise((resolve) => setTimeout(resolve, 50));
  socket.write(bytes.subarray(100_000));
  expect(await answer).toMatch(/^HTTP\/1\.1 200 /);
  const answered = Date.now();
  await closed;
  // Far below the time for which an idle connection is kept.
  expect(Date.now() - answered).toBeLessThan(2000);
  const again = await testServer({ directory: join(directory, 'closing') });
  expect((await raw(again, { method: 'HEAD', target: '/closing/k' })).headers['etag']).toBe(
    `"${createHash('md5').update(body).digest('hex')}"`,
  );
  await again.close();
});

test('closing does not wait for connections that clients keep', async () => {
  const server = await testServer();
  const agent = new Agent({ keepAlive: true });
  await new Promise<void>((resolve, reject) => {
    get(`${server.endpoint}/`, { agent }, (response) => response.resume().on('end', () => resolve())).on(
      'error',
      reject,
    );
  });
  const started = Date.now();
  await server.close();
  expect(Date.now() - started).toBeLessThan(2000);
  agent.destroy();
});

test('an idle connection is closed', async () => {
  const server = await testServer({ limits: { idleTimeoutSeconds: 0.2 } });
  const started = Date.now();
  await new Promise<void>((resolve) => {
    const socket = connect(server.port, '127.0.0.1');
    socket.on('close', () => resolve());
    socket.on('error', () => {});
    socket.resume();
  });
  expect(Date.now() - started).toBeLessThan(5000);
  await server.close();
});

test('an upload that falls silent is ended, and leaves nothing', async () => {
  const server = await testServer({ limits: { idleTimeoutSeconds: 0.2 } });
  await raw(server, { method: 'PUT', target: '/silent' });
  const bytes = rawBytes(server, { method: 'PUT', target: '/silent/k', body: 'never sent whole' });
  await new Promise<void>((resolve) => {
    const socket = connect(server.port, '127.0.0.1', () => socket.write(bytes.subarray(0, -5)));
    socket.on('close', () => resolve());
    socket.on('error', () => {});
    socket.resume();
  });
  expect((await raw(server, { target: '/silent/k' })).status).toBe(404);
  await server.close();
});

test('a client that does not read its answer is let go', async () => {
  const seen: RequestSummary[] = [];
  const server = await testServer({
    limits: { idleTimeoutSeconds: 0.2 },
    onRequest: (summary) => seen.push(summary),
  });
  await raw(server, { method: 'PUT', target: '/unread' });
  await raw(server, { method: 'PUT', target: '/unread/k', body: Buffer.alloc(32 * 1024 ** 2) });
  const socket = connect(server.port, '127.0.0.1', () =>
    socket.write(rawBytes(server, { target: '/unread/k' })),
  );
  socket.on('error', () => {});
  socket.pause();
  await expect.poll(() => seen.at(-1)?.operation, { timeout: 4000 }).toBe('GetObject');
  socket.destroy();
  await server.close();
});

test('an object is read to its end while it is replaced and deleted', async () => {
  const server = await testServer();
  await raw(server, { method: 'PUT', target: '/replaced' });
  const body = Buffer.alloc(8 * 1024 ** 2, 'old');
  await raw(server, { method: 'PUT', target: '/replaced/k', body });
  const bytes = rawBytes(server, { target: '/replaced/k' });
  const received = await new Promise<number>((resolve, reject) => {
    let size = 0;
    const socket = connect(server.port, '127.0.0.1', () => socket.write(bytes));
    socket.once('readable', () => {
      // The answer has begun; the rest of it waits in the kernel and the server.
      void raw(server, { method: 'PUT', target: '/replaced/k', body: 'new' })
        .then(() => raw(server, { method: 'DELETE', target: '/replaced/k' }))
        .then(() =>
          socket.on('data', (data) => {
            size += data.length;
          }),
        );
    });
    socket.on('end', () => resolve(size));
    socket.on('error', reject);
  });
  expect(received).toBeGreaterThanOrEqual(body.length);
  await server.close();
});

test('a body of any size passes through in bounded memory', async () => {
  const server = await testServer();
  await raw(server, { method: 'PUT', target: '/bounded' });
  const size = 400 * 1024 ** 2;
  const head = rawBytes(server, {
    method: 'PUT',
    target: '/bounded/k',
    headers: { 'content-length': String(size) },
    payloadHash: 'UNSIGNED-PAYLOAD',
  });
  const chunk = Buffer.alloc(1024 ** 2);
  const before = process.memoryUsage().rss;
  let highest = before;
  const watch = setInterval(() => {
    highest = Math.max(highest, process.memoryUsage().rss);
  }, 10);
  const status = await new Promise<string>((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1');
    let left = size;
    const write = (): void => {
      left -= chunk.length;
      if (socket.write(chunk) && left > 0) setImmediate(write);
      else if (left > 0) socket.once('drain', write);
    };
    socket.once('connect', () => {
      socket.write(head);
      write();
    });
    socket.once('data', (data) => resolve(data.toString().slice(0, 12)));
    socket.once('error', reject);
  });
  clearInterval(watch);
  expect(status).toBe('HTTP/1.1 200');
  expect(highest - before).toBeLessThan(150 * 1024 ** 2);
  await server.close();
}, 30_000);

test('a limit that is undefined is not given: it is the standard one', async () => {
  const server = await testServer({ limits: { maximumListKeys: undefined, idleTimeoutSeconds: undefined } });
  expect((await raw(server, { target: '/' })).status).toBe(200);
  await server.close();
});
