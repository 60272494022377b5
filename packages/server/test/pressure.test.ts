import { type ChildProcess, execFileSync, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { S3Server } from '../src/index.ts';
import { codeOf, exchange, raw, rawBytes, testServer } from './endpoint.ts';

let server: S3Server;
const sockets: Socket[] = [];

beforeAll(async () => {
  server = await testServer({ buckets: ['pressed'], limits: { idleTimeoutSeconds: 2 } });
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  // Whatever was sent, the next request is served.
  expect((await raw(server, { target: '/pressed?list-type=2' })).status).toBe(200);
});

afterAll(async () => {
  await server.close();
});

/** Sends bytes, and resolves to all that came back when the server ended the connection. */
function send(bytes: Buffer | string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(server.port, '127.0.0.1', () => socket.write(bytes));
    sockets.push(socket);
    socket.on('data', (chunk) => {
      text += String(chunk);
    });
    socket.on('error', () => resolve(text));
    socket.on('close', () => resolve(text));
  });
}

test.each([
  ['two lengths', 'Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd'],
  ['a length and chunks', 'Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['a length that is none', 'Content-Length: 3, 4\r\n\r\nabcd'],
  ['a negative length', 'Content-Length: -3\r\n\r\n'],
  ['an unknown encoding', 'Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n'],
  ['a space before a colon', 'Content-Length : 3\r\n\r\nabc'],
  ['a line feed alone', 'A: b\nContent-Length: 3\r\n\r\nabc'],
  ['a chunk size that is none', 'Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n'],
  ['a length behind the chunks', 'Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n'],
  ['a length with a sign', 'Content-Length: +3\r\n\r\nabc'],
  ['a length in hexadecimal', 'Content-Length: 0x3\r\n\r\nabc'],
  ['chunks that are not the last encoding', 'Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n'],
  ['chunks, twice', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['a folded header', 'X-Folded: a\r\n Content-Length: 3\r\n\r\nabc'],
  ['a folded encoding', 'Transfer-Encoding:\r\n chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n'],
  ['a carriage return alone', 'A: b\rContent-Length: 3\r\n\r\nabc'],
  ['a NUL in a header', 'A: b\0c\r\nContent-Length: 3\r\n\r\nabc'],
  ['a line feed behind a chunk size', 'Transfer-Encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n'],
  ['a chunk longer than its size', 'Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n'],
  [
    'a chunk size beyond all numbers',
    `Transfer-Encoding: chunked\r\n\r\n${'f'.repeat(20)}\r\na\r\n0\r\n\r\n`,
  ],
  [
    'an endless chunk extension',
    `Transfer-Encoding: chunked\r\n\r\n1;${'a=b;'.repeat(10_000)}\r\na\r\n0\r\n\r\n`,
  ],
  ['a line feed in a chunk extension', 'Transfer-Encoding: chunked\r\n\r\n1;a\nb\r\na\r\n0\r\n\r\n'],
])('a request with %s is refused, and what follows it is no request', async (_, rest) => {
  const smuggled = 'GET /pressed HTTP/1.1\r\nHost: x\r\nX-Smuggled: yes\r\n\r\n';
  const recording = server.record();
  const text = await send(`PUT /pressed/k HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${rest}${smuggled}`);
  recording.stop();
  expect(text).toMatch(/^HTTP\/1\.1 4\d\d /);
  expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  expect(recording.requests.filter(({ method }) => method === 'GET')).toEqual([]);
});

/** Sends a head, and then a piece again and again until the server ends the connection. */
async function flood(head: Buffer | string, piece: Buffer | string): Promise<{ text: string; sent: number }> {
  let text = '';
  const socket = connect(server.port, '127.0.0.1');
  sockets.push(socket);
  socket.on('data', (chunk) => {
    text += String(chunk);
  });
  const closed = new Promise<void>((resolve) => {
    socket.on('error', () => resolve());
    socket.on('close', () => resolve());
  });
  socket.write(head);
  const more = (): void => {
    while (!socket.destroyed && socket.write(piece));
  };
  socket.on('drain', more);
  more();
  await closed;
  return { text, sent: socket.bytesWritten };
}

/** A signed head without the header that tells its length. */
function endlessHead(headers: Record<string, string>, payloadHash = 'UNSIGNED-PAYLOAD'): string {
  return rawBytes(server, { method: 'PUT', target: '/pressed/endless', headers, payloadHash })
    .toString('latin1')
    .replace(/^content-length: 0\r\n/im, '');
}

const chunk = `10000\r\n${'a'.repeat(0x10000)}\r\n`;
const streaming = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';
const chunked = { 'transfer-encoding': 'chunked' };
const framed = {
  'content-encoding': 'aws-chunked',
  'x-amz-decoded-content-length': '100000',
  'x-amz-trailer': 'x-amz-checksum-crc32',
};

function inChunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}

test.each<[string, () => [head: string, piece: string], string]>([
  ['chunks without an end', () => [endlessHead(chunked), chunk], '411 MissingContentLength'],
  [
    'a caller nobody knows',
    () => ['PUT /pressed/k HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n', chunk],
    '403 AccessDenied',
  ],
  ['a terabyte', () => [endlessHead({ 'content-length': String(2 ** 40) }), chunk], '400 EntityTooLarge'],
  [
    'framed chunks without an end',
    () => [endlessHead({ ...framed, ...chunked }, streaming), inChunk(chunk)],
    '400 IncompleteBody',
  ],
  [
    'a frame head without an end',
    () => [endlessHead({ ...framed, ...chunked }, streaming), inChunk('1'.repeat(5000))],
    '400 IncompleteBody',
  ],
  [
    'frame extensions without an end',
    () => [endlessHead({ ...framed, ...chunked }, streaming) + inChunk('1;'), inChunk('a=b;'.repeat(1000))],
    '400 IncompleteBody',
  ],
  [
    'trailers without an end',
    () => [
      endlessHead({ ...framed, 'x-amz-decoded-content-length': '0', ...chunked }, streaming) +
        inChunk('0\r\n'),
      inChunk('a:b\r\n'.repeat(1000)),
    ],
    '400 MalformedTrailerError',
  ],
])(
  'a body of %s is refused, and its connection ends',
  async (_, request, expected) => {
    const [head, piece] = request();
    const before = process.memoryUsage().rss;
    const { text } = await flood(head.replace('connection: close\r\n', ''), piece);
    const [, status] = /^HTTP\/1\.1 (\d+)/.exec(text) ?? [];
    const [, code] = /<Code>(.*?)</.exec(text) ?? [];
    // The connection may be reset before the answer was read.
    if (text !== '') expect(`${status} ${code}`).toBe(expected);
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
  },
  15_000,
);

test('10 MB of headers are not read to their end', async () => {
  const header = `X-Many: ${'a'.repeat(1000)}\r\n`;
  const text = await send(`GET / HTTP/1.1\r\nHost: x\r\n${header.repeat(10_000)}\r\n`);
  // The connection may be reset before the answer was read.
  expect(text === '' || /^HTTP\/1\.1 4\d\d /.test(text)).toBe(true);
});

const bombs: [string, string][] = [
  [
    'entities that grow',
    `<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">${Array.from({ length: 20 }, (_, n) => `<!ENTITY a${n} "&a${n - 1};&a${n - 1};">`).join('')}]><Tagging><TagSet><Tag><Key>&a19;</Key><Value/></Tag></TagSet></Tagging>`,
  ],
  ['an outer entity', '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]><Tagging>&a;</Tagging>'],
  ['a depth of 100,000', '<a>'.repeat(100_000)],
  ['an endless tag', `<Tagging ${'a'.repeat(500_000)}`],
];

test.each(bombs)('XML with %s is refused at once', async (_, body) => {
  const started = performance.now();
  const response = await raw(server, { method: 'PUT', target: '/pressed?tagging', body });
  expect([response.status, codeOf(response)]).toEqual([400, 'MalformedXML']);
  expect(performance.now() - started).toBeLessThan(1000);
  expect(response.text).not.toContain('root:');
});

test.each(['0', '10001', '99999999999999999999', '1e3', '-1', ''])(
  'part number %j is refused',
  async (number) => {
    const created = await raw(server, { method: 'POST', target: '/pressed/parts?uploads' });
    const id = /<UploadId>(.*?)</.exec(created.text)?.[1];
    const target = `/pressed/parts?partNumber=${number}&uploadId=${id}`;
    const response = await raw(server, { method: 'PUT', target, body: 'x' });
    expect([response.status, codeOf(response)]).toEqual([400, 'InvalidArgument']);
  },
);

test('a key of 1,025 bytes is refused', async () => {
  const response = await raw(server, { method: 'PUT', target: `/pressed/${'k'.repeat(1025)}`, body: 'x' });
  expect([response.status, codeOf(response)]).toEqual([400, 'KeyTooLongError']);
});

test('a body without an end, and without a length, is refused', async () => {
  const response = await exchange(
    server,
    rawBytes(server, {
      method: 'PUT',
      target: '/pressed/endless',
      headers: { 'content-length': String(6 * 1024 ** 4) },
      payloadHash: 'UNSIGNED-PAYLOAD',
    }),
  );
  expect([response.status, codeOf(response)]).toEqual([400, 'EntityTooLarge']);
});

test('a client that stops sending is let go, and leaves nothing', async () => {
  const bytes = rawBytes(server, { method: 'PUT', target: '/pressed/slow', body: Buffer.alloc(200_000) });
  await send(bytes.subarray(0, bytes.length - 10));
  expect((await raw(server, { target: '/pressed/slow' })).status).toBe(404);
  await send('GET /slow-head HTTP/1.1\r\nHost:');
}, 15_000);

/** As many as the system lets a process have, up to 10,000. */
const idleConnections = Math.min(10_000, fileLimit() - 1000);

function fileLimit(): number {
  if (process.platform === 'win32') return 2000;
  const text = execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).trim();
  return text === 'unlimited' ? 1_000_000 : Number(text);
}

/** A program beside this file, in a process that may have all those files open. */
function program(name: URL, ...values: string[]): ChildProcess {
  const command = [process.execPath, fileURLToPath(name), ...values];
  const stdio: StdioOptions = ['ignore', 'inherit', 'inherit', 'ipc'];
  const [executable = '', ...rest] =
    process.platform === 'win32'
      ? command
      : ['sh', '-c', 'ulimit -n "$(ulimit -Hn)"; exec "$@"', 'sh', ...command];
  const child = spawn(executable, rest, { stdio });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

async function messageOf(child: ChildProcess): Promise<number> {
  // These children send numbers.
  const [message] = (await once(child, 'message')) as [number];
  return message;
}

test(`${idleConnections} idle connections cost little, and others are served meanwhile`, async () => {
  const directory = await mkdtemp(join(tmpdir(), 's3kit-idle-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const crowded = program(new URL('./server-child.mjs', import.meta.url), directory, 'false');
  const port = await messageOf(crowded);
  const memory = async (): Promise<number> => {
    crowded.send('memory');
    return messageOf(crowded);
  };
  expect((await raw({ port }, { method: 'PUT', target: '/crowded' })).status).toBe(200);
  const before = await memory();
  const connections = new URL('./connections-child.mjs', import.meta.url);
  expect(await messageOf(program(connections, String(port), String(idleConnections)))).toBe(idleConnections);
  const started = performance.now();
  expect((await raw({ port }, { target: '/crowded?list-type=2' })).status).toBe(200);
  expect(performance.now() - started).toBeLessThan(1000);
  // What node itself keeps for a connection is some 10 KB.
  expect((await memory()) - before).toBeLessThan(50e6 + idleConnections * 20e3);
}, 60_000);

test('nothing outside of the folder is touched', async () => {
  for (const target of ['/pressed/../../../tmp/s3kit-escaped', '/pressed/%2e%2e%2f%2e%2e%2fs3kit-escaped']) {
    expect((await raw(server, { method: 'PUT', target, body: 'x' })).status).toBe(200);
    expect((await raw(server, { target })).text).toBe('x');
  }
  for (const folder of ['/', '/tmp', '.', '..']) {
    expect((await readdir(folder)).filter((name) => name.includes('s3kit-escaped'))).toEqual([]);
  }
});
