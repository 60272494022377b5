import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { reply, ScriptedServer } from './scripted-server.ts';

let server: ScriptedServer;
beforeEach(async () => {
  server = await ScriptedServer.start(reply(200));
});
afterEach(() => server.close());

async function exhausted<T extends AsyncIterable<unknown>>(stream: T): Promise<T> {
  for await (const _ of stream);
  return stream;
}

describe('a stream of which nothing is left is not taken for an empty one', () => {
  const text = 'precious';
  test.each<[string, () => AsyncIterable<unknown>]>([
    ['a Node stream', () => Readable.from([Buffer.from(text)])],
    ['a generator', () => (async function* () {})()],
    ['a web stream', () => new Blob([text]).stream()],
  ])('%s that was given to a write before', async (_, make) => {
    server.script(reply(412), reply(200));
    const storage = server.storage();
    const stream = make();
    await expect(storage.write(stream as Readable, 'k')).rejects.toMatchObject({ status: 412 });
    await expect(storage.write(stream as Readable, 'k')).rejects.toThrow(/the stream was read before/);
    expect(server.arrived).toHaveLength(1);
  });

  test('a Node stream that was read, or destroyed', async () => {
    const storage = server.storage();
    const destroyed = Readable.from([text]).destroy();
    for (const stream of [await exhausted(Readable.from([text])), destroyed])
      await expect(storage.write(stream, 'k')).rejects.toMatchObject({ code: 'ERR_S3KIT_INVALID_ARGUMENT' });
    expect(server.arrived).toHaveLength(0);
  });

  test('a stream that has failed tells of what', async () => {
    const stream = Readable.from([text]);
    stream.once('error', () => undefined).destroy(new Error('the disk is gone'));
    await expect(server.storage().write(stream, 'k')).rejects.toThrow(/the disk is gone/);
  });

  test('what makes a new iterator each time can be written twice', async () => {
    const content = {
      async *[Symbol.asyncIterator]() {
        yield Buffer.from(text);
      },
    };
    const storage = server.storage();
    await storage.write(content, 'a');
    await storage.write(content, 'b');
    expect(server.arrived.map(({ body }) => body.toString())).toEqual([text, text]);
  });
});

describe('a stream that gives memory once more', () => {
  const used = { code: 'ERR_S3KIT_INVALID_ARGUMENT', message: expect.stringMatching(/new memory/) };

  test.each<[string, (buffer: Uint8Array, turn: number) => Uint8Array]>([
    ['the same', (buffer) => buffer],
    ['a view of it', (buffer, turn) => buffer.subarray(turn)],
    ['what lies across its end', (buffer, turn) => new Uint8Array(buffer.buffer, turn * 50, 100)],
    ['one of two in turn', (buffer, turn) => buffer.subarray((turn % 2) * 100, (turn % 2) * 100 + 100)],
  ])('is refused: %s', async (_, pieceOf) => {
    const buffer = new Uint8Array(1000);
    async function* source(): AsyncGenerator<Uint8Array> {
      for (let turn = 0; turn < 5; turn++) yield pieceOf(buffer, turn);
    }
    await expect(server.storage().write(source(), 'k')).rejects.toMatchObject(used);
    expect(server.arrived).toHaveLength(0);
  });

  test('is refused where a part was a piece of it', async () => {
    const size = 5 * 1024 * 1024;
    const buffer = new Uint8Array(size);
    async function* source(): AsyncGenerator<Uint8Array> {
      for (let turn = 0; turn < 3; turn++) yield buffer.fill(turn);
    }
    server.script(
      reply(200, '<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>'),
      reply(200, '', { etag: '"e"' }),
      reply(204),
    );
    await expect(server.storage().write(source(), 'k', { partSize: size })).rejects.toMatchObject(used);
    const methods = server.arrived.map(({ method }) => method);
    expect(methods.filter((method) => method !== 'PUT')).toEqual(['POST', 'DELETE']);
  });

  test('can give pieces that lie beside each other, and empty ones', async () => {
    const buffer = new TextEncoder().encode('abcdef');
    async function* source(): AsyncGenerator<Uint8Array> {
      for (const [start, end] of [
        [4, 6],
        [0, 2],
        [2, 2],
        [2, 4],
      ] as const)
        yield buffer.subarray(start, end);
    }
    await server.storage().write(source(), 'k');
    expect(server.arrived[0]?.body.toString()).toBe('efabcd');
  });
});

describe('a body that nobody has read gives its connection back', () => {
  const size = 4 * 1024 * 1024;
  test.each<[string, (body: AsyncIterable<Uint8Array>) => unknown]>([
    ['when the stream around it is destroyed', (body) => Readable.from(body).destroy()],
    ['when its iterator is returned', (body) => body[Symbol.asyncIterator]().return?.()],
    [
      'when the loop is left',
      async (body) => {
        for await (const _ of body) break;
      },
    ],
  ])('%s', async (_, leave) => {
    server.script(reply(200, 'x'.repeat(size)));
    const storage = server.storage({}, { maximumConnections: 1 });
    for (let i = 0; i < 3; i++) {
      const { body } = await storage.readStream('k', { signal: AbortSignal.timeout(5_000) });
      await leave(body);
    }
    expect(server.arrived).toHaveLength(3);
  });
});
