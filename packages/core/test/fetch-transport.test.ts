import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  createFetchTransport,
  isInvalidArgument,
  isTransportError,
  type StorageError,
} from '../src/index.ts';
import * as noFiles from '../src/web/no-files.ts';
import { refuse, reply, reset, ScriptedServer } from './scripted-server.ts';

let server: ScriptedServer;
beforeEach(async () => {
  server = await ScriptedServer.start(reply(200));
});
afterEach(() => server.close());

const transport = createFetchTransport();

async function failure(call: Promise<unknown>): Promise<StorageError> {
  return call.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: StorageError) => error,
  );
}

describe('keys that fetch would rewrite', () => {
  test.each(['.', '..', '../a', 'a/../b', 'a/./b', 'a/..', 'a/.'])(
    '%j is refused before any request',
    async (key) => {
      const error: unknown = await failure(server.storage({}, { transport }).exists(key));
      expect(isInvalidArgument(error)).toBe(true);
      expect(error).toBeInstanceOf(TypeError);
      expect(server.arrived).toEqual([]);
    },
  );

  test.each([
    'a',
    '...',
    '.a/b..',
    'a//b',
    '/a',
    'a/',
    '%2e%2e/a',
    'a\\..\\b',
    "a b+c'd",
    '\t\u00e9\u{1f600}',
    '?#',
  ])('%j goes out as it is signed', async (key) => {
    await server.storage({}, { transport }).exists(key);
    await server.storage().exists(key);
    const [byFetch, byNode] = server.arrived.map(({ target }) => target);
    expect(byFetch).toBe(byNode);
    expect(decodeURIComponent(byFetch ?? '')).toBe(`/bucket/${key}`);
  });
});

describe('bodies', () => {
  test('bytes go with their length, and come back as a stream', async () => {
    server.script((request, response) => response.setHeader('etag', '"e"').end(request.body));
    const storage = server.storage({}, { transport });
    await storage.write(Buffer.alloc(100_000, 'abc'), 'k');
    expect(server.arrived[0]?.headers).toMatchObject({
      'content-length': '100000',
      'accept-encoding': 'identity',
    });
    expect(server.arrived[0]?.body.equals(Buffer.alloc(100_000, 'abc'))).toBe(true);
  });

  test('a body that ends before its announced length goes on where it broke', async () => {
    const etag = '"0123456789abcdef0123456789abcdef-1"';
    server.script(
      (_, response) => {
        response.writeHead(200, { 'content-length': '10', etag });
        response.write('01234', () => setTimeout(() => response.destroy(), 20));
      },
      reply(206, '56789', { 'content-range': 'bytes 5-9/10', etag }),
    );
    expect(await server.storage({}, { transport }).readText('k')).toBe('0123456789');
    expect(server.arrived[1]?.headers).toMatchObject({ range: 'bytes=5-9', 'if-match': etag });
  });

  test('a local file is refused where there are none', async () => {
    for (const refusal of [noFiles.fileSource(), noFiles.loadConfig(), noFiles.downloadFile()]) {
      const error = await failure(refusal);
      expect(isInvalidArgument(error)).toBe(true);
      expect(error.message).toMatch(/^there are no local files in this runtime; /);
    }
  });
});

describe('a Content-Encoding that the runtime undoes', () => {
  const stored = gzipSync('hello');
  beforeEach(() => {
    server.script((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': stored.length, etag: '"e"' });
      response.end(stored);
    });
  });

  test('is an error that says what to do', async () => {
    const error = await failure(server.storage({}, { transport }).readBytes('k'));
    expect(error).toMatchObject({ code: 'ERR_S3KIT_DECODED' });
    expect(error.message).toMatch(/s3:\/\/bucket\/k has the Content-Encoding gzip.*acceptDecoded/);
    expect(server.arrived).toHaveLength(1);
  });

  test('is taken, and told, where it is wanted; its length and checksum then mean nothing', async () => {
    const storage = server.storage({}, { transport });
    const object = await storage.readStream('k', { acceptDecoded: true });
    expect(object).toMatchObject({ decoded: true, size: stored.length });
    expect(await storage.readText('k', { acceptDecoded: true })).toBe('hello');
  });

  test('does not happen on Node: what comes is what S3 stores', async () => {
    const storage = server.storage();
    expect(Buffer.from(await storage.readBytes('k')).equals(stored)).toBe(true);
    expect(await storage.readStream('k')).toMatchObject({ decoded: false });
  });

  test('is found out by the length where the browser hides the header', async () => {
    const hiding: typeof fetch = async (...args) => {
      const response = await fetch(...args);
      const headers = new Headers(response.headers);
      headers.delete('content-encoding');
      return new Response(response.body, { headers });
    };
    server.script((_, response) => {
      const long = gzipSync('hello '.repeat(1_000));
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': long.length });
      response.end(long);
    });
    const storage = server.storage({}, { transport: createFetchTransport({ fetch: hiding }) });
    const error = await failure(storage.readText('k'));
    expect(error).toMatchObject({ code: 'ERR_S3KIT_DECODED' });
    expect(error.message).toContain('expose Content-Encoding');
    expect(server.arrived).toHaveLength(1);
  });
});

describe('failures', () => {
  test('redirects are not followed', async () => {
    server.script(reply(307, '', { location: 'http://127.0.0.1:9/elsewhere' }));
    const error = await failure(server.storage({}, { transport }).readText('k'));
    expect(error).toMatchObject({ status: 307, code: 'TemporaryRedirect' });
  });

  test('a redirect that a browser hides is explained, and not tried again', async () => {
    let calls = 0;
    const hiding = async (): Promise<Response> => {
      calls++;
      return Object.defineProperty(new Response(), 'type', { value: 'opaqueredirect' });
    };
    const storage = server.storage({}, { transport: createFetchTransport({ fetch: hiding }) });
    const error = await failure(storage.readText('k'));
    expect(error.message).toMatch(/redirects this request, and a browser does not say where/);
    expect(calls).toBe(1);
  });

  test('a broken connection is a TransportError, and tried again', async () => {
    server.script(reset, reply(200, 'x'));
    expect(await server.storage({}, { transport }).readText('k')).toBe('x');
    expect(server.arrived).toHaveLength(2);
    const nobody = server.storage({ endpoint: '127.0.0.1:9', retry: { limit: 1 } }, { transport });
    const error = await failure(nobody.readText('k'));
    expect(isTransportError(error.exception)).toBe(true);
    expect(error.code).toMatch(/^E[A-Z]+$/);
  });

  test('S3’s refusals are what they are on Node', async () => {
    server.script(refuse(404, 'NoSuchKey', 'none'));
    expect(await failure(server.storage({}, { transport }).readText('k'))).toMatchObject({
      code: 'NoSuchKey',
      requestId: 'R1',
    });
  });

  test('an answer that does not come, and a body that stalls, end in time', async () => {
    const hasty = createFetchTransport({ attemptTimeout: 30, idleTimeout: 30 });
    server.script(() => undefined);
    const storage = server.storage({ retry: { limit: 1 } }, { transport: hasty });
    expect(await failure(storage.readText('k'))).toMatchObject({ code: 'ETIMEDOUT' });
    server.script((_, response) => {
      response.writeHead(200, { 'content-length': '10' });
      response.write('01234');
    });
    expect(await failure(storage.readText('k'))).toMatchObject({ code: 'ETIMEDOUT' });
  });

  test('the caller’s signal ends it with its reason, before the answer and after', async () => {
    const reason = new Error('enough');
    server.script(() => undefined);
    const storage = server.storage({}, { transport });
    const control = new AbortController();
    setTimeout(() => control.abort(reason), 20);
    expect((await failure(storage.readText('k', { signal: control.signal }))).exception).toBe(reason);

    server.script((_, response) => {
      response.writeHead(200, { 'content-length': '10' });
      response.write('01234');
    });
    const later = new AbortController();
    const { body } = await storage.readStream('k', { signal: later.signal });
    const reading = (async () => {
      for await (const _ of body) later.abort(reason);
    })();
    await expect(reading).rejects.toBe(reason);
  });
});
