import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  checkPayloadHash,
  encodeKey,
  encodeQuery,
  type FetchBody,
  isSignatureError,
  Signer,
  sha256Hex,
  signedFetch,
  type Verified,
  verify,
} from '../src/index.ts';

const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'a secret' };
const signer = new Signer({ region: 'eu-west-1', credentials });

/** A server that verifies what it gets, and says what it saw. */
let server: Server;
let origin = '';
let requests: string[] = [];

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer); // a request without an encoding
  return Buffer.concat(chunks);
}

beforeAll(async () => {
  server = createServer(async (request, response) => {
    requests.push(request.url ?? '');
    const body = await bodyOf(request);
    const [path = '', query = ''] = (request.url ?? '').split(/\?(.*)/s);
    const { method = '', headersDistinct: headers } = request;
    try {
      const verified: Verified = verify(
        { method, path, query, headers },
        { secretFor: () => credentials.secretAccessKey },
      );
      if (verified.kind === 'anonymous') throw new Error('no signature was found');
      checkPayloadHash(verified, sha256Hex(body));
      if (path === '/redirect') response.writeHead(307, { location: `${origin}/elsewhere` });
      response.end(
        JSON.stringify({ method, path, query, body: body.toString(), payloadHash: verified.payloadHash }),
      );
    } catch (error) {
      response.writeHead(isSignatureError(error) ? error.status : 500).end(String(error));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port
  origin = `http://127.0.0.1:${port}`;
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function seen(
  path: string,
  init: Parameters<typeof signedFetch>[2] = {},
  options: Parameters<typeof signedFetch>[3] = {},
): Promise<unknown> {
  const response = await signedFetch(signer, `${origin}${path}`, init, options);
  const text = await response.text();
  expect([response.status, text]).toEqual([200, expect.any(String)]);
  return JSON.parse(text);
}

describe('what a server gets', () => {
  test.each([
    '/',
    '/a',
    '/a//b/',
    '//',
    '/%2F',
    `/${encodeKey("é 😀 +*'()%~!")}`,
    '/%E2%80%A6',
    '/a.b/..c/...',
  ])('the path %s', async (path) => {
    expect(await seen(path)).toMatchObject({ method: 'GET', path, query: '' });
  });

  test('the query', async () => {
    const query = encodeQuery([
      ['prefix', "a b+c/'é"],
      ['list-type', '2'],
      ['acl', ''],
    ]);
    expect(await seen(`/?${query}`)).toMatchObject({ query });
    expect(await seen('?b=1&a=2')).toMatchObject({ path: '/', query: 'b=1&a=2' });
  });

  const stream = (): FetchBody => new Blob(['hello']).stream() as FetchBody; // Node's two kinds of stream types
  const hash = sha256Hex('hello');
  test.each<[name: string, body: () => FetchBody, payloadHash: string]>([
    ['a string', () => 'hello', hash],
    ['bytes', () => Buffer.from('hello'), hash],
    ['a Blob', () => new Blob(['hel', 'lo']), hash],
  ])('%s as the body', async (_, body, payloadHash) => {
    expect(await seen('/key', { method: 'put', body: body() })).toMatchObject({
      method: 'PUT',
      body: 'hello',
      payloadHash,
    });
  });

  test('a stream, whose hash has to be given over http', async () => {
    await expect(signedFetch(signer, `${origin}/key`, { method: 'PUT', body: stream() })).rejects.toThrow(
      /^options.payloadHash must be given/,
    );
    for (const payloadHash of ['UNSIGNED-PAYLOAD', hash]) {
      expect(await seen('/key', { method: 'PUT', body: stream() }, { payloadHash })).toMatchObject({
        body: 'hello',
        payloadHash,
      });
    }
  });

  test('over https, a stream goes out unsigned', async () => {
    let sent: RequestInit | undefined;
    const send = async (_: unknown, init?: RequestInit): Promise<Response> => {
      sent = init;
      return new Response();
    };
    await signedFetch(
      signer,
      'https://bucket.example/key',
      { method: 'PUT', body: stream() },
      { fetch: send },
    );
    expect(sent).toMatchObject({ duplex: 'half', redirect: 'manual' });
    expect(new Headers(sent?.headers).get('x-amz-content-sha256')).toBe('UNSIGNED-PAYLOAD');
    const sts = new Signer({ region: 'eu-west-1', service: 'sts', credentials });
    await expect(
      signedFetch(sts, 'https://sts.example/', { method: 'POST', body: stream() }, { fetch: send }),
    ).rejects.toThrow(TypeError);
  });

  test('headers in any form; those that fetch writes are its own', async () => {
    for (const headers of [
      { 'X-Amz-Meta-A': 'b', 'Content-Length': '7' },
      new Headers({ 'x-amz-meta-a': 'b' }),
      [['x-amz-meta-a', 'b']] as [string, string][],
    ]) {
      expect(await seen('/key', { headers, method: 'PUT', body: 'hello' })).toMatchObject({ body: 'hello' });
    }
  });

  test('one request, though the answer is a redirect', async () => {
    requests = [];
    const response = await signedFetch(signer, `${origin}/redirect`);
    expect([response.status, response.headers.get('location')]).toEqual([307, `${origin}/elsewhere`]);
    expect(requests).toEqual(['/redirect']);
  });

  test('an abort', async () => {
    await expect(signedFetch(signer, `${origin}/key`, { signal: AbortSignal.abort() })).rejects.toThrow(
      /abort/,
    );
  });
});

describe('what is refused before anything is sent', () => {
  const rewritten = [
    '/a/../b',
    '/./a',
    '/a/..',
    '/a/%2e%2E/b',
    '/a/.%2e/b',
    '/%2e',
    '/a\\b',
    '/a\tb',
    '/a\nb',
    '/a\r',
    '/a b',
    '/é',
    '/a"b',
    '/a<b>',
    '/{a}`',
    '/ ',
  ];
  test.each(rewritten)('the path %j, which fetch would rewrite', async (path) => {
    requests = [];
    await expect(signedFetch(signer, `${origin}${path}`)).rejects.toThrow(
      /^url: fetch would send another path/,
    );
    expect(requests).toEqual([]);
  });

  test.each(["?a='b'", '?a=b c', '?é', '?a\nb'])('the query %j, which fetch would rewrite', async (query) => {
    await expect(signedFetch(signer, `${origin}/${query}`)).rejects.toThrow(
      /^url: fetch would send another query/,
    );
  });

  test.each([
    ['credentials', 'https://user:password@bucket.example/key'],
    ['credentials', 'https://user@bucket.example/key'],
    ["'#'", 'https://bucket.example/key#1'],
    ['whole URL', '/key'],
    ['whole URL', 'bucket.example/key'],
    ['whole URL', 'ftp://bucket.example/key'],
    ['whole URL', 'https:///'],
  ])('a url without a proper form: %s', async (message, url) => {
    const refused = signedFetch(signer, url);
    await expect(refused).rejects.toThrow(TypeError);
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.not.toThrow(/password/);
  });

  test('a body of another kind', async () => {
    const body = { a: 1 } as unknown as FetchBody; // as from plain JavaScript
    await expect(signedFetch(signer, `${origin}/key`, { method: 'PUT', body })).rejects.toThrow(
      /^init.body must be/,
    );
  });

  test('a payload hash that is none', async () => {
    await expect(signedFetch(signer, `${origin}/key`, {}, { payloadHash: 'x' })).rejects.toThrow(
      /^payloadHash must be/,
    );
  });
});
