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

describe('a generator that gives the same memory for each piece', () => {
  test('is written as it was when it was given', async () => {
    async function* source(): AsyncGenerator<Uint8Array> {
      const buffer = new Uint8Array(2);
      for (const letter of 'abc') yield buffer.fill(letter.charCodeAt(0));
    }
    await server.storage().write(source(), 'k');
    expect(server.arrived[0]?.body.toString()).toBe('aabbcc');
  });

  test('also where each is a part', async () => {
    const size = 5 * 1024 * 1024;
    async function* source(): AsyncGenerator<Uint8Array> {
      const buffer = new Uint8Array(size);
      for (let turn = 1; turn <= 3; turn++) yield buffer.fill(turn);
    }
    const complete = '<CompleteMultipartUploadResult><ETag>"e-3"</ETag></CompleteMultipartUploadResult>';
    server.script(({ method, target }, response) => {
      if (method === 'PUT') return void response.setHeader('etag', '"e"').end();
      const created = '<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>';
      response.end(target.includes('uploads') ? created : complete);
    });
    await server.storage().write(source(), 'k', { partSize: size });
    const parts = server.arrived.filter(({ method }) => method === 'PUT');
    const contents = parts.map(({ target, body }): [string | undefined, boolean] => {
      const [, number] = /partNumber=(\d)/.exec(target) ?? [];
      return [number, body.equals(Buffer.alloc(size, Number(number)))];
    });
    expect(Object.fromEntries(contents)).toEqual({ '1': true, '2': true, '3': true });
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
