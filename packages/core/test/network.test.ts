import { getEventListeners, once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isStorageError, S3Name, type Storage, type StorageError, TransportError } from '../src/index.ts';
import { cutShort, refuse, reply, reset, ScriptedServer } from './scripted-server.ts';

let server: ScriptedServer;
let folder: string;
beforeEach(async () => {
  server = await ScriptedServer.start(reply(200));
  folder = await mkdtemp(join(tmpdir(), 's3kit-network-'));
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

async function failure(call: Promise<unknown>): Promise<StorageError> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isStorageError(error)) throw new Error('it did not fail with a StorageError', { cause: error });
  return error;
}

describe('retries', () => {
  test('a reset connection counts as status 104: logged, and tried again after the interval', async () => {
    server.script(reset, reset, reply(200, 'content'));
    const log: string[] = [];
    const waits: number[] = [];
    const storage = server.storage(
      { retry: { limit: 3, interval: 1.5, statusCodes: [104] } },
      {
        logger: (message) => log.push(message),
        sleep: async (milliseconds) => {
          waits.push(milliseconds);
        },
      },
    );
    expect(await storage.exists('k')).toEqual([true, {}]);
    expect(server.arrived).toHaveLength(3);
    expect(waits).toEqual([1500, 1500]);
    expect(log).toHaveLength(2);
    expect(log[0]).toContain('/bucket/k');
  });

  test('the limit is the number of tries', async () => {
    server.script(reset);
    const error = await failure(server.storage({ retry: { limit: 3, statusCodes: [104] } }).exists('k'));
    expect(server.arrived).toHaveLength(3);
    expect(error).toMatchObject({ response: null, code: 'ECONNRESET' });
    expect(error.exception).toBeInstanceOf(TransportError);
  });

  test('a status of the list is tried again, and S3’s last answer is what comes out', async () => {
    server.script(refuse(404, 'NoSuchKey', 'not yet'));
    const error = await failure(
      server.storage({ retry: { limit: 2, statusCodes: [404] } }).read('k', join(folder, 'f')),
    );
    expect(server.arrived).toHaveLength(2);
    expect(error).toMatchObject({ msg: 'read', code: 'NoSuchKey', requestId: 'R1', hostId: 'H1' });
  });

  test.each([
    [500, 'InternalError'],
    [503, 'SlowDown'],
    [503, 'ServiceUnavailable'],
  ])('%i %s is tried again without being asked to', async (status, code) => {
    server.script(refuse(status, code), refuse(status, code), reply(200));
    await server.storage().delete('k');
    expect(server.arrived).toHaveLength(3);
  });

  test.each([
    [400, 'InvalidRequest'],
    [403, 'AccessDenied'],
    [404, 'NoSuchBucket'],
    [409, 'BucketNotEmpty'],
    [501, 'NotImplemented'],
  ])('%i %s is not', async (status, code) => {
    server.script(refuse(status, code));
    expect(await failure(server.storage().delete('k'))).toMatchObject({ code, status });
    expect(server.arrived).toHaveLength(1);
  });

  test('every attempt is signed afresh', async () => {
    let time = Date.UTC(2026, 0, 1);
    server.script(refuse(503, 'SlowDown'), reply(200));
    await server.storage({}, { now: () => (time += 1000) }).delete('k');
    const [first, second] = server.arrived.map(({ headers }) => headers);
    expect(first?.['x-amz-date']).not.toBe(second?.['x-amz-date']);
    expect(first?.['authorization']).not.toBe(second?.['authorization']);
  });

  test('a 200 that holds an error is tried again as a 500', async () => {
    const fault = '<?xml version="1.0"?>\n<Error><Code>InternalError</Code><Message>again</Message></Error>';
    server.script(
      reply(200, fault),
      reply(200, ''),
      reply(200, '<CopyObjectResult><ETag>"x"</ETag></CopyObjectResult>'),
    );
    await server.storage().copy('a', 'b');
    expect(server.arrived).toHaveLength(3);
    expect(server.arrived[0]?.headers['x-amz-copy-source']).toBe('bucket/a');
  });

  test('a kept-alive connection that the server has closed is no failure', async () => {
    // Answers one request on each connection, and resets it at the next: what an idle timeout looks like.
    const answered = new WeakSet<net.Socket>();
    server.script((_, response) => {
      const { socket } = response;
      if (socket === null) return;
      if (answered.has(socket)) socket.resetAndDestroy();
      else {
        answered.add(socket);
        response.writeHead(200, { 'content-length': 0 }).end();
      }
    });
    const waits: number[] = [];
    const storage = server.storage(
      { retry: { limit: 1 } },
      { sleep: async (milliseconds) => void waits.push(milliseconds) },
    );
    for (const key of ['a', 'b', 'c']) await storage.delete(key);
    expect(server.arrived).toHaveLength(5);
    expect(waits).toEqual([]);
  });
});

describe('a change that is refused after an attempt of which nobody knows how it ended', () => {
  const told = 'an earlier attempt may have done it';
  const changes: [string, (storage: Storage) => Promise<unknown>, number, string][] = [
    ['a write', (at) => at.write({ text: 'x' }, 'k', { ifNoneMatch: '*' }), 412, 'PreconditionFailed'],
    ['a copy', (at) => at.copy('k', 'l', { ifNoneMatch: '*' }), 412, 'PreconditionFailed'],
    ['a deletion', (at) => at.delete('k', { ifMatch: '"e"' }), 404, 'NoSuchKey'],
    ['a new bucket', (at) => at.bucketCreate('bucket'), 409, 'BucketAlreadyOwnedByYou'],
  ];

  test.each(changes)('says that it may have been done: %s', async (_, change, status, code) => {
    for (const lost of [reset, refuse(500, 'InternalError')]) {
      server.script(lost, refuse(status, code));
      const error = await failure(change(server.storage()));
      expect(error).toMatchObject({ code, status, mayBeDone: true });
      expect(error.message).toContain(told);
    }
  });

  test.each(changes)('does not say so where it was not: %s', async (_, change, status, code) => {
    server.script(refuse(status, code));
    const refused = await failure(change(server.storage()));
    expect(refused).toMatchObject({ mayBeDone: false });
    expect(refused.message).not.toContain(told);
    // What was asked of another region was not done there.
    const moved = '<Error><Code>PermanentRedirect</Code><Region>eu-west-1</Region></Error>';
    server.script(reply(301, moved), refuse(status, code));
    expect((await failure(change(server.storage()))).message).not.toContain(told);
    expect(server.arrived).toHaveLength(2);
    server.script(reset, refuse(403, 'AccessDenied'));
    expect((await failure(change(server.storage()))).message).not.toContain(told);
  });
});

describe('reading', () => {
  test('a body that is cut short is asked for again, and the file holds each byte once', async () => {
    server.script(cutShort(10, '01234'), reply(200, '0123456789', { 'x-amz-meta-a': '1' }));
    expect(await server.storage().read('k', join(folder, 'f'))).toEqual({ 'x-amz-meta-a': '1' });
    expect(await readFile(join(folder, 'f'), 'utf8')).toBe('0123456789');
    expect(server.arrived).toHaveLength(2);
  });

  test('a file has the time and the permissions that its headers are said to mean, when it takes its place', async () => {
    server.script(
      reply(200, 'x', { 'last-modified': 'Sat, 01 Nov 2025 00:00:00 GMT', 'x-amz-meta-mode': '600' }),
    );
    await server.storage().read('k', join(folder, 'f'), {
      attributes: (headers) => ({
        modified: Date.parse(headers['last-modified'] ?? ''),
        permissions: Number.parseInt(headers['x-amz-meta-mode'] ?? '', 8),
      }),
    });
    const { mtimeMs, mode } = await stat(join(folder, 'f'));
    expect([mtimeMs, mode & 0o777]).toEqual([Date.UTC(2025, 10, 1), 0o600]);
  });

  test.each(['1969-12-31T23:59:59.999Z', '1905-06-07T08:09:10.001Z', '1970-01-01T00:00:00.000Z'])(
    'also a time of %s, and to the millisecond',
    async (text) => {
      server.script(reply(200, 'x'));
      const modified = Date.parse(text);
      await server.storage().read('k', join(folder, 'f'), { attributes: () => ({ modified }) });
      const { mtimeNs } = await stat(join(folder, 'f'), { bigint: true });
      expect(new Date(Math.floor(Number(mtimeNs / 1_000n) / 1_000)).toISOString()).toBe(text);
    },
  );

  test('a body that stays cut short leaves the old file, and nothing beside it', async () => {
    await writeFile(join(folder, 'f'), 'old');
    server.script(cutShort(10, '01234'));
    const error = await failure(server.storage({ retry: { limit: 2 } }).read('k', join(folder, 'f')));
    expect(error.response).toBeNull();
    expect(await readdir(folder)).toEqual(['f']);
    expect(await readFile(join(folder, 'f'), 'utf8')).toBe('old');
  });

  test('an aborted read ends at once, and leaves nothing', async () => {
    const stop = new AbortController();
    server.script((_, response) => {
      response.writeHead(200, { 'content-length': 10 });
      response.write('01234');
      setTimeout(() => stop.abort(new Error('no more')), 20);
    });
    const error = await failure(server.storage().read('k', join(folder, 'f'), { signal: stop.signal }));
    expect(error.message).toContain('no more');
    expect(await readdir(folder)).toEqual([]);
  });

  test('a silent server is given up after the idle timeout', async () => {
    server.script((_, response) => response.writeHead(200, { 'content-length': 10 }).write('0'));
    const error = await failure(
      server.storage({ retry: { limit: 1 } }, { idleTimeout: 100 }).read('k', join(folder, 'f')),
    );
    expect(error).toMatchObject({ code: 'ETIMEDOUT' });
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('an endpoint that cannot be reached', () => {
  test('names host and port, within seconds', async () => {
    const gone = net.createServer().listen(0, '127.0.0.1');
    await once(gone, 'listening');
    const { port } = gone.address() as net.AddressInfo;
    gone.close();
    await once(gone, 'close');
    const started = performance.now();
    const error = await failure(server.storage({ endpoint: `127.0.0.1:${port}` }).bucketGet('bucket'));
    expect(performance.now() - started).toBeLessThan(5_000);
    expect(error).toMatchObject({ code: 'ECONNREFUSED', response: null });
    expect(error.message).toBe(`bucketGet: connection refused: nothing listens there (127.0.0.1:${port})`);
  });

  test('a host that does not exist', async () => {
    const error = await failure(
      server.storage({ endpoint: 'no-such-host.invalid', retry: { limit: 1 } }).bucketGet('bucket'),
    );
    expect(error.message).toMatch(
      /bucketGet: (there is no host of that name|the host name cannot be resolved now) \(no-such-host\.invalid:80\)/,
    );
  });

  test('a host that swallows connections is given up after the connect timeout', async () => {
    // A listener that accepts nothing: its backlog is filled first.
    const deaf = net
      .createServer({ pauseOnConnect: true })
      .listen({ port: 0, host: '127.0.0.1', backlog: 1 });
    await once(deaf, 'listening');
    const { port } = deaf.address() as net.AddressInfo;
    const error = await failure(
      server
        .storage(
          { endpoint: `https://127.0.0.1:${port}`, retry: { limit: 1 }, tls: true },
          { connectTimeout: 150 },
        )
        .bucketGet('bucket'),
    );
    expect(error).toMatchObject({ code: 'ETIMEDOUT' });
    expect(error.message).toContain(`the connection was not made in time (127.0.0.1:${port})`);
    deaf.close();
  });
});

describe('what goes on the wire', () => {
  test('the key’s exact path, and a body with its length and digest', async () => {
    await writeFile(join(folder, 'f'), 'hello');
    await server
      .storage()
      .write(join(folder, 'f'), new S3Name("a/../b/ ü+'//", 'bucket'), { headers: { 'X-Amz-Meta-A': '1' } });
    expect(server.arrived[0]).toMatchObject({ method: 'PUT', target: '/bucket/a/../b/%20%C3%BC%2B%27//' });
    expect(server.arrived[0]?.body.toString()).toBe('hello');
    expect(server.arrived[0]?.headers).toMatchObject({
      'content-length': '5',
      'x-amz-meta-a': '1',
      // The SHA-256 of "hello" (FIPS 180-4).
      'x-amz-content-sha256': '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
      'accept-encoding': 'identity',
    });
  });

  test('an empty file is sent as an empty body', async () => {
    await writeFile(join(folder, 'f'), '');
    await server.storage().write(join(folder, 'f'), 'k');
    expect(server.arrived[0]?.headers['content-length']).toBe('0');
  });

  test('a session token', async () => {
    await server.storage({ sessionToken: 'TOKEN' }).delete('k');
    expect(server.arrived[0]?.headers['x-amz-security-token']).toBe('TOKEN');
  });

  test('bucketCreate sends the region as the location constraint, except for us-east-1', async () => {
    await server.storage({ region: 'eu-west-1' }).bucketCreate('bucket');
    expect(server.arrived[0]?.body.toString()).toBe(
      '<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>',
    );
    server.script(reply(200));
    await server.storage().bucketCreate('bucket');
    expect(server.arrived[0]?.body.toString()).toBe('');
    server.script(reply(200));
    await server
      .storage()
      .bucketCreate('bucket', { data: { CreateBucketConfiguration: { LocationConstraint: 'EU' } } });
    expect(server.arrived[0]?.body.toString()).toContain('<LocationConstraint>EU</LocationConstraint>');
  });
});

test('requests of one signal end together, and share one listener', async () => {
  const stop = new AbortController();
  const { signal } = stop;
  const storage = server.storage();
  expect(await storage.exists('before', { signal })).toEqual([true, {}]);
  server.script(() => undefined);
  const waiting = Promise.allSettled(
    Array.from({ length: 20 }, (_, index) => storage.exists(`k${index}`, { signal })),
  );
  await expect.poll(() => server.arrived.length).toBe(20);
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  stop.abort(new Error('enough'));
  for (const { status, ...outcome } of await waiting) {
    expect(status).toBe('rejected');
    expect(String('reason' in outcome && outcome.reason)).toContain('enough');
  }
});

test('a header that comes several times has all its values', async () => {
  server.script((_, response) => {
    response.writeHead(200, ['x-amz-meta-a', 'one', 'X-Amz-Meta-A', 'two', 'content-length', '0']);
    response.end();
  });
  expect(await server.storage().exists('k')).toEqual([true, { 'x-amz-meta-a': 'one, two' }]);
});

test('a read that is aborted before its turn leaves no temporary file', async () => {
  const stop = new AbortController();
  stop.abort(new Error('enough'));
  await expect(server.storage().read('k', join(folder, 'f'), { signal: stop.signal })).rejects.toThrow(
    'enough',
  );
  expect(await readdir(folder)).toEqual([]);
});

describe('a rate that is limited', () => {
  test.each([
    ['what is sent', async (storage: Storage) => void (await storage.write(new Uint8Array(200_000), 'k'))],
    ['what is received', async (storage: Storage) => void (await storage.readBytes('k'))],
  ])('slows down %s, and changes nothing of it', async (_, transfer) => {
    server.script((request, response) =>
      reply(200, request.method === 'GET' ? 'x'.repeat(200_000) : '')(request, response),
    );
    const started = performance.now();
    await transfer(server.storage({}, { maximumRate: 400_000 }));
    // Half a second; the first piece goes at once.
    expect(performance.now() - started).toBeGreaterThan(400);
    if (server.arrived[0]?.method === 'PUT') expect(server.arrived[0].body.length).toBe(200_000);
  });

  test('is shared by all transfers of a connection', async () => {
    const storage = server.storage({}, { maximumRate: 400_000 });
    const started = performance.now();
    await Promise.all(['a', 'b', 'c', 'd'].map((key) => storage.write(new Uint8Array(50_000), key)));
    expect(performance.now() - started).toBeGreaterThan(400);
  });

  test('that is too slow for any service is refused', () => {
    expect(() => server.storage({}, { maximumRate: 100 })).toThrow(RangeError);
  });

  test.each([
    { connectTimeout: 0 },
    { idleTimeout: Number.NaN },
    { attemptTimeout: -1 },
    { maximumConnections: 0 },
    { maximumConnections: Number.NaN },
    { maximumConnections: 1.5 },
  ])('%j is refused at once', (runtime) => {
    const [name = ''] = Object.keys(runtime);
    expect(() => server.storage({}, runtime)).toThrow(RangeError);
    expect(() => server.storage({}, runtime)).toThrow(name);
  });

  test('no parts at a time are refused before any request', async () => {
    const storage = server.storage({}, { partConcurrency: 0 });
    await expect(storage.write(Buffer.alloc(20 * 1024 * 1024), 'k')).rejects.toThrow(
      /concurrency is a whole/,
    );
    expect(server.arrived).toEqual([]);
  });

  test('time without end is no time that is over at once', async () => {
    server.script((_, response) => void setTimeout(() => response.end('late'), 100));
    const timers = {
      connectTimeout: 2 ** 40,
      idleTimeout: Number.POSITIVE_INFINITY,
      attemptTimeout: 2 ** 40,
    };
    const storage = server.storage({ retry: { limit: 1 } }, timers);
    expect(await storage.readText('k')).toBe('late');
    storage.connection.close();
  });
});
