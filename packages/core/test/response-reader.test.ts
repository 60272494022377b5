import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ResponseReader } from '../src/node/http1/response-reader.ts';

interface Read {
  status?: number;
  statusText?: string;
  headers: Record<string, string>;
  body: string;
  ended: boolean;
  interim: number[];
  persistent: boolean;
}

/** What is read of these bytes, where they come in these pieces, and then no more. */
function read(text: string, { method = 'GET', pieces = [text.length], closes = false } = {}): Read {
  const seen: Read = { headers: {}, body: '', ended: false, interim: [], persistent: false };
  const bytes = Buffer.from(text, 'latin1');
  let chunk = bytes;
  const reader = new ResponseReader(method, {
    onInterim: (status) => seen.interim.push(status),
    onHead: ({ status, statusText, headers }) => Object.assign(seen, { status, statusText, headers }),
    onBytes: (start, end) => {
      seen.body += chunk.toString('latin1', start, end);
    },
    onEnd: () => {
      expect(seen.ended).toBe(false);
      seen.ended = true;
    },
  });
  let position = 0;
  for (const length of [...pieces, bytes.length]) {
    chunk = bytes.subarray(position, position + length);
    reader.read(chunk);
    position += length;
  }
  if (closes) reader.close();
  expect(reader.done).toBe(seen.ended);
  seen.persistent = reader.persistent;
  return seen;
}

const head = 'HTTP/1.1 200 OK\r\n';

// RFC 9112, sections 4, 6 and 7; RFC 9110, section 6.4.1 says which answers have no body.
describe('the end of an answer', () => {
  test.each([
    ['by its length', `${head}Content-Length: 5\r\n\r\nhello`, {}, 'hello', true],
    ['by its length, none', `${head}Content-Length: 0\r\n\r\n`, {}, '', true],
    ['of HEAD, whatever it says', `${head}Content-Length: 5\r\n\r\n`, { method: 'HEAD' }, '', true],
    ['of 204', 'HTTP/1.1 204 No Content\r\n\r\n', {}, '', true],
    ['of 304', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n', {}, '', true],
    [
      'by its last chunk',
      `${head}Transfer-Encoding: chunked\r\n\r\n4\r\nWiki\r\n5;a=b\r\npedia\r\nE\r\n in\r\n\r\nchunks.\r\n0\r\n\r\n`,
      {},
      'Wikipedia in\r\n\r\nchunks.',
      true,
    ],
    [
      'after trailers',
      `${head}Transfer-Encoding: Chunked\r\n\r\n1\r\nx\r\n0\r\nx-amz-checksum-crc32: a\r\nb: c\r\n\r\n`,
      {},
      'x',
      true,
    ],
    ['by the connection’s', `${head}\r\nhello`, { closes: true }, 'hello', false],
    ['of HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx', {}, 'x', false],
    [
      'of HTTP/1.0 that keeps alive',
      'HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\nx',
      {},
      'x',
      true,
    ],
    [
      'of a connection that is to be closed',
      `${head}connection: close\r\ncontent-length: 1\r\n\r\nx`,
      {},
      'x',
      false,
    ],
    [
      'before what nobody asked for',
      `${head}content-length: 1\r\n\r\nxHTTP/1.1 200 OK\r\n\r\n`,
      {},
      'x',
      false,
    ],
    ['after an empty line', `\r\n${head}content-length: 1\r\n\r\nx`, {}, 'x', true],
  ])('%s', (_, text, options, body, persistent) => {
    expect(read(text, options)).toMatchObject({ body, persistent, ended: true });
  });

  test.each([
    ['in its head', `${head}content-length: 5\r\n`],
    ['in its body', `${head}content-length: 5\r\n\r\nhell`],
    ['in a chunk', `${head}transfer-encoding: chunked\r\n\r\n5\r\nhel`],
    ['before the last chunk', `${head}transfer-encoding: chunked\r\n\r\n1\r\nx\r\n`],
    ['before the end of its trailers', `${head}transfer-encoding: chunked\r\n\r\n0\r\na: b\r\n`],
  ])('%s is none', (_, text) => {
    expect(read(text, { closes: true }).ended).toBe(false);
  });
});

test('the head: any reason, names in lower case, values without spaces around, repeated ones together', () => {
  expect(
    read(
      'HTTP/1.1 299 Any \xe4 Reason\r\nX-Amz-Meta-A:  one \r\nx-amz-meta-a: two\r\nEmpty:\r\nConstructor: c\r\n\r\n',
      {
        closes: true,
      },
    ),
  ).toMatchObject({
    status: 299,
    statusText: 'Any \xe4 Reason',
    headers: { 'x-amz-meta-a': 'one, two', empty: '', constructor: 'c' },
  });
  expect(read('HTTP/1.1 200\r\n\r\n')).toMatchObject({ status: 200, statusText: '' });
});

test('interim answers come first', () => {
  const text = `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n${head}content-length: 1\r\n\r\nx`;
  expect(read(text)).toMatchObject({ interim: [100, 103], status: 200, body: 'x', ended: true });
});

describe('what is no answer', () => {
  test.each([
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
    ['another version', 'HTTP/2.0 200 OK\r\n\r\n'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
    ['a protocol that changes', 'HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\n'],
    ['a header without a colon', `${head}nothing\r\n\r\n`],
    ['a header without a name', `${head}: x\r\n\r\n`],
    ['a space before the colon', `${head}content-length : 5\r\n\r\n`],
    ['a header on two lines', `${head}a: b\r\n c\r\n\r\n`],
    ['a line that ends in LF', `${head}a: b\nc: d\r\n\r\n`],
    ['a header with NUL', `${head}a: b\0\r\n\r\n`],
    ['two lengths', `${head}content-length: 5\r\ncontent-length: 6\r\n\r\n`],
    ['a length and chunks', `${head}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n`],
    ['a signed length', `${head}content-length: +5\r\n\r\n`],
    ['a length below zero', `${head}content-length: -5\r\n\r\n`],
    ['a length in hex', `${head}content-length: 0x5\r\n\r\n`],
    ['another transfer encoding', `${head}transfer-encoding: gzip, chunked\r\n\r\n`],
    ['a chunk without length', `${head}transfer-encoding: chunked\r\n\r\n\r\n`],
    ['a chunk of a negative length', `${head}transfer-encoding: chunked\r\n\r\n-1\r\nx\r\n`],
    ['a chunk longer than it says', `${head}transfer-encoding: chunked\r\n\r\n1\r\nxy\r\n0\r\n\r\n`],
    ['a chunk’s line that ends in LF', `${head}transfer-encoding: chunked\r\n\r\n1\nx\r\n0\r\n\r\n`],
    ['a head without end', `${head}a: ${'x'.repeat(70_000)}`],
    ['a chunk’s line without end', `${head}transfer-encoding: chunked\r\n\r\n1;${'x'.repeat(20_000)}`],
    [
      'trailers without end',
      `${head}transfer-encoding: chunked\r\n\r\n0\r\n${`a: ${'x'.repeat(1_000)}\r\n`.repeat(100)}`,
    ],
  ])('%s', (_, text) => {
    expect(() => read(text)).toThrow(/the answer|the protocol/);
    // Nor is it one where it comes byte by byte.
    expect(() => read(text, { pieces: Array.from(text, () => 1) })).toThrow(/the answer|the protocol/);
  });
});

test('however it comes to pieces, an answer is the same', () => {
  const texts = [
    `HTTP/1.1 100 Continue\r\n\r\n${head}A: b\r\ncontent-length: 11\r\n\r\nhello\r\n\r\nyou`,
    `${head}transfer-encoding: chunked\r\nc: d\r\n\r\n4\r\nWi\r\n\r\nC;x\r\npedia\r\n\r\nin \r\n0\r\nt: u\r\n\r\n`,
    `${head}e: f\r\n\r\nuntil the end`,
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...texts),
      fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 60 }),
      (text, pieces) => {
        expect(read(text, { pieces, closes: true })).toEqual(read(text, { closes: true }));
      },
    ),
  );
});
