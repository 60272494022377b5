import { afterAll, beforeAll, expect, test } from 'vitest';
import type { S3Server } from '../src/index.ts';
import { alice, codeOf, exchange, raw, rawBytes, testServer } from './endpoint.ts';

let server: S3Server;

beforeAll(async () => {
  server = await testServer();
  await raw(server, { method: 'PUT', target: '/hostile' });
});

afterAll(async () => {
  await server.close();
});

async function refused(request: Parameters<typeof raw>[1]): Promise<string> {
  const response = await raw(server, request);
  return `${response.status} ${codeOf(response)}`;
}

const literalKeys = [
  '/hostile/../x',
  '/hostile/./x',
  '/hostile//x',
  '/hostile/a/../../x',
  '/hostile/%2e%2e/x',
  '/hostile/%2E',
  '/hostile/..',
  '/hostile/a%2Fb',
  '/hostile/a%5Cb',
  '/hostile/%00',
  '/hostile/nul%00nul',
  '/hostile/a;b=c',
  '/hostile/a+b',
  '/hostile/%3Fa=b',
  '/hostile/%EF%BF%BF',
];

test.each(literalKeys)('%s is a key like any other', async (target) => {
  const put = await raw(server, { method: 'PUT', target, body: target });
  expect(put.status).toBe(200);
  expect((await raw(server, { target })).text).toBe(target);
  await raw(server, { method: 'DELETE', target });
  expect((await raw(server, { target })).status).toBe(404);
});

test('keys that mean the same to a file system are different objects', async () => {
  for (const target of ['/hostile/a/b', '/hostile/a//b', '/hostile/a/./b', '/hostile/a/c/../b']) {
    await raw(server, { method: 'PUT', target, body: target });
  }
  expect((await raw(server, { target: '/hostile/a/b' })).text).toBe('/hostile/a/b');
  expect((await raw(server, { target: '/hostile/a//b' })).text).toBe('/hostile/a//b');
  expect((await raw(server, { target: '/hostile?list-type=2&prefix=a%2F' })).text).toContain('<KeyCount>4<');
});

test.each(['/../hostile/x', '/..', '/%2e%2e/x', '/Hostile/x', '/h/x'])(
  '%s names no bucket',
  async (target) => {
    expect(await refused({ target })).toBe('404 NoSuchBucket');
    expect(await refused({ method: 'PUT', target: `${target.split('/').slice(0, 2).join('/')}` })).toBe(
      '400 InvalidBucketName',
    );
  },
);

test.each(['//some/key.txt', '//hostile', '///'])('%s names a key, and no bucket', async (target) => {
  for (const method of ['GET', 'PUT', 'POST', 'DELETE'])
    expect(await refused({ method, target })).toBe('400 InvalidBucketName');
  expect((await raw(server, { method: 'HEAD', target })).status).toBe(400);
});

test.each([
  ['/hostile/%', '400 InvalidURI'],
  ['/hostile/%zz', '400 InvalidURI'],
  ['/hostile/%ff', '400 InvalidURI'],
  ['/hostile/%c0%ae', '400 InvalidURI'],
  ['/hostile/%ed%a0%80', '400 InvalidURI'],
  ['/hostile?prefix=%ff', '400 InvalidURI'],
  [`/hostile/${'k'.repeat(1025)}`, '400 KeyTooLongError'],
  [`/hostile/${'%C3%A9'.repeat(513)}`, '400 KeyTooLongError'],
])('%s is refused', async (target, expected) => {
  // Unsigned: the target is refused before anyone asks who sent it, and the signer would not take some of these.
  expect(await refused({ target, user: null })).toBe(expected);
});

test('a key of 1,024 bytes is the longest', async () => {
  const target = `/hostile/${'%C3%A9'.repeat(512)}`;
  expect((await raw(server, { method: 'PUT', target, body: 'long' })).status).toBe(200);
  expect((await raw(server, { target })).text).toBe('long');
});

test('a proxy may send the absolute form', async () => {
  await raw(server, { method: 'PUT', target: '/hostile/absolute', body: 'x' });
  const bytes = rawBytes(server, { target: '/hostile/absolute' }).toString('latin1');
  const absolute = bytes.replace('GET /', `GET http://127.0.0.1:${server.port}/`);
  expect((await exchange(server, Buffer.from(absolute, 'latin1'))).text).toBe('x');
});

test('signatures', async () => {
  const target = '/hostile/signed';
  expect(await refused({ target, user: { ...alice, secretAccessKey: 'wrong' } })).toBe(
    '403 SignatureDoesNotMatch',
  );
  const minutes = (count: number) => new Date(Date.now() + count * 60_000);
  expect(await refused({ target, date: minutes(-16) })).toBe('403 RequestTimeTooSkewed');
  expect(await refused({ target, date: minutes(16) })).toBe('403 RequestTimeTooSkewed');
  expect(await refused({ target, date: minutes(14) })).toBe('404 NoSuchKey');
  expect(await refused({ target, region: 'eu-west-1' })).toBe('400 AuthorizationHeaderMalformed');
  expect(await refused({ target, user: null, headers: { authorization: 'AWS4-HMAC-SHA256 nonsense' } })).toBe(
    '400 AuthorizationHeaderMalformed',
  );
});

test('a signature covers the target as it is', async () => {
  const bytes = rawBytes(server, { method: 'PUT', target: '/hostile/one' }).toString('latin1');
  const other = await exchange(
    server,
    Buffer.from(bytes.replace('PUT /hostile/one', 'PUT /hostile/two'), 'latin1'),
  );
  expect([other.status, codeOf(other)]).toEqual([403, 'SignatureDoesNotMatch']);
});

test('an error document tells what S3 tells, and nothing secret', async () => {
  const response = await raw(server, { target: '/hostile/a<b&c' });
  expect(response.text).toBe(
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Key>a&lt;b&amp;c</Key><Resource>/hostile/a&lt;b&amp;c</Resource><RequestId>${response.headers['x-amz-request-id']}</RequestId><HostId>${response.headers['x-amz-id-2']}</HostId></Error>`,
  );
  expect(response.headers).toMatchObject({
    'content-type': 'application/xml',
    date: expect.any(String),
    server: expect.any(String),
  });
  const wrong = await raw(server, { target: '/hostile', user: { ...alice, secretAccessKey: 'wrong' } });
  expect(wrong.text).not.toContain(alice.secretAccessKey);
});

test('a HEAD has no body, also when it is refused', async () => {
  const response = await raw(server, { method: 'HEAD', target: '/hostile/missing' });
  expect([response.status, response.body.length]).toEqual([404, 0]);
});

test.each([
  ['no HTTP at all', 'hello\r\n\r\n', 400],
  ['a NUL in the target', 'GET /hostile/\0 HTTP/1.1\r\nhost: x\r\n\r\n', 400],
  ['a space in the target', 'GET /hostile/a b HTTP/1.1\r\nhost: x\r\n\r\n', 400],
  [
    'two lengths',
    'PUT /hostile/k HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
    400,
  ],
  [
    'a length and chunks',
    'PUT /hostile/k HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n',
    400,
  ],
  ['headers without an end', `GET / HTTP/1.1\r\nhost: x\r\na: ${'b'.repeat(40_000)}\r\n\r\n`, 400],
])('%s', async (_, text, status) => {
  const response = await exchange(server, Buffer.from(text, 'latin1'));
  expect(response.status).toBe(status);
});

test('a length is needed, and must be true', async () => {
  const chunked = { 'transfer-encoding': 'chunked' };
  const signed = rawBytes(server, {
    method: 'PUT',
    target: '/hostile/k',
    headers: chunked,
    payloadHash: 'UNSIGNED-PAYLOAD',
  })
    .toString('latin1')
    .replace(/content-length: \d+\r\n/, '');
  const response = await exchange(server, Buffer.from(`${signed}1\r\na\r\n0\r\n\r\n`, 'latin1'));
  expect([response.status, codeOf(response)]).toEqual([411, 'MissingContentLength']);
  const framed = await raw(server, {
    method: 'PUT',
    target: '/hostile/k',
    headers: { 'x-amz-decoded-content-length': '5', 'content-encoding': 'aws-chunked' },
    body: '1\r\na\r\n0\r\n\r\n',
    payloadHash: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  });
  expect([framed.status, codeOf(framed)]).toEqual([400, 'IncompleteBody']);
  const tooLarge = await raw(server, {
    method: 'PUT',
    target: '/hostile/k',
    headers: { 'content-length': String(6 * 1024 ** 3) },
    payloadHash: 'UNSIGNED-PAYLOAD',
  });
  expect([tooLarge.status, codeOf(tooLarge)]).toEqual([400, 'EntityTooLarge']);
});

// RFC 9112 section 3.2: "more than one Host header field line" is 400.
test('a request with two hosts is refused', async () => {
  const bytes = rawBytes(server, { target: '/hostile/k' }).toString('latin1');
  for (const other of ['other.localhost', `127.0.0.1:${server.port}`]) {
    const twice = bytes.replace('\r\n', `\r\nhost: ${other}\r\n`);
    const response = await exchange(server, Buffer.from(twice, 'latin1'));
    expect([response.status, codeOf(response)]).toEqual([400, 'BadRequest']);
  }
});

test.each(['200-ok', '100-continue, more', 'more, 100-continue', '100-continued'])(
  'what is expected by Expect: %s cannot be had',
  async (expected) => {
    const headers = { expect: expected };
    const response = await raw(server, { method: 'PUT', target: '/hostile/unmet', headers, body: 'x' });
    expect([response.status, codeOf(response)]).toEqual([417, 'ExpectationFailed']);
    expect((await raw(server, { target: '/hostile/unmet' })).status).toBe(404);
  },
);

test('100 Continue is sent only when the body is wanted', async () => {
  const headers = { expect: '100-continue', 'content-length': '5' };
  const wanted = await exchange(
    server,
    rawBytes(server, { method: 'PUT', target: '/hostile/wanted', headers, body: 'hello' }),
  );
  expect(wanted.status).toBe(100);
  expect(wanted.text).toMatch(/^HTTP\/1\.1 200 /);
  const refusal = await exchange(
    server,
    rawBytes(server, { method: 'PUT', target: '/no-such-bucket/k', headers, body: 'hello' }),
  );
  expect([refusal.status, codeOf(refusal)]).toEqual([404, 'NoSuchBucket']);
});
