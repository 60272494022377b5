import { EventStreamCodec } from '@smithy/eventstream-codec';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { messagesIn } from '../src/event-stream.ts';
import type { SelectStats } from '../src/index.ts';
import { ScriptedServer } from './scripted-server.ts';

// The one who writes the messages is the AWS SDK's own.
const codec = new EventStreamCodec(
  (bytes) => new TextDecoder().decode(bytes),
  (text) => new TextEncoder().encode(text),
);

function message(headers: Record<string, string>, payload: string = ''): Uint8Array {
  const typed = Object.entries(headers).map(([name, value]) => [
    `:${name}`,
    { type: 'string' as const, value },
  ]);
  return codec.encode({ headers: Object.fromEntries(typed), body: new TextEncoder().encode(payload) });
}

const event = (type: string, payload?: string): Uint8Array =>
  message({ 'message-type': 'event', 'event-type': type }, payload);

const stats =
  '<Stats><BytesScanned>512</BytesScanned><BytesProcessed>1024</BytesProcessed><BytesReturned>9</BytesReturned></Stats>';

async function* inPieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += length) yield bytes.subarray(at, at + length);
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe('an event stream', () => {
  const bytes = Buffer.concat([
    event('Cont'),
    event('Records', 'a,b\n'),
    event('Records', 'ü'.repeat(40_000)),
  ]);

  test.each([1, 7, 12, 16, 1000, bytes.length])('is read in pieces of %i bytes', async (length) => {
    const messages = await collect(messagesIn(inPieces(bytes, length)));
    expect(messages.map(({ headers }) => headers[':event-type'])).toEqual(['Cont', 'Records', 'Records']);
    expect(messages.map(({ payload }) => new TextDecoder().decode(payload))).toEqual([
      '',
      'a,b\n',
      'ü'.repeat(40_000),
    ]);
  });

  test('headers of all types are passed over; those that are text are kept', async () => {
    const odd = codec.encode({
      headers: {
        yes: { type: 'boolean', value: true },
        no: { type: 'boolean', value: false },
        byte: { type: 'byte', value: 1 },
        short: { type: 'short', value: 2 },
        integer: { type: 'integer', value: 3 },
        bytes: { type: 'binary', value: new Uint8Array([1, 2, 3]) },
        time: { type: 'timestamp', value: new Date(0) },
        uuid: { type: 'uuid', value: '01234567-89ab-cdef-0123-456789abcdef' },
        text: { type: 'string', value: 'ä' },
      },
      body: new Uint8Array(),
    });
    const [found] = await collect(messagesIn(inPieces(odd, odd.byteLength)));
    expect(found?.headers).toEqual({ text: 'ä' });
  });

  // What Ceph's gateway 16.2 sent for a query.
  test('of another service is understood', async () => {
    const sent = Buffer.from(
      '000000a8000000553e74ae450b3a6576656e742d747970650700075265636f7264730d3a636f6e74656e742d747970650700186170706c69636174696f6e2f6f637465742d73747265616d0d3a6d6573736167652d747970650700056576656e740a3c5061796c6f61643e0a3c5265636f7264733e0a3c5061796c6f61643e0a626f622c0a0a3c2f5061796c6f61643e3c2f5265636f7264733e3c2f5061796c6f61643e04acd6db',
      'hex',
    );
    const [found] = await collect(messagesIn(inPieces(sent, 5)));
    expect(found?.headers).toEqual({
      ':event-type': 'Records',
      ':content-type': 'application/octet-stream',
      ':message-type': 'event',
    });
    expect(new TextDecoder().decode(found?.payload)).toContain('bob,\n');
  });

  test.each([0, 5, 9, 13, 30, bytes.length - 1])('with byte %i changed is an error', async (at) => {
    const changed = Uint8Array.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 0x40;
    await expect(collect(messagesIn(inPieces(changed, 1000)))).rejects.toThrow(/event stream/);
  });

  test('that ends within a message is an error, and so is what is none', async () => {
    await expect(collect(messagesIn(inPieces(bytes.subarray(0, -1), 100)))).rejects.toThrow('ended within');
    const document = new TextEncoder().encode('<?xml version="1.0"?><Error/>');
    await expect(collect(messagesIn(inPieces(document, 100)))).rejects.toThrow('event stream');
  });
});

describe('objectSelect', () => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await ScriptedServer.start();
  });
  afterAll(() => server.close());

  const query = {
    expression: "SELECT s.name FROM S3Object s WHERE s.note = 'a<b'",
    input: { CSV: { FileHeaderInfo: 'USE' }, CompressionType: 'GZIP' as const },
  };
  const answers = (...messages: Uint8Array[]): void =>
    server.script((_request, response) => response.end(Buffer.concat(messages)));

  test('asks as S3 wants it, gives the records, and tells what it cost', async () => {
    answers(
      event('Records', 'ann\nbo'),
      event('Cont'),
      event('Records', 'b\n'),
      event('Stats', stats),
      event('End'),
    );
    let told: SelectStats | undefined;
    const pieces = await collect(
      server.storage().objectSelect('p.csv', {
        ...query,
        scanRange: { start: 10, end: 99 },
        onStats: (given) => {
          told = given;
        },
      }),
    );
    expect(Buffer.concat(pieces).toString()).toBe('ann\nbob\n');
    expect(told).toEqual({ bytesScanned: 512, bytesProcessed: 1024, bytesReturned: 9 });
    const [{ method, target, body } = {}] = server.arrived;
    expect([method, target]).toEqual(['POST', expect.stringMatching(/\/p\.csv\?select=&select-type=2$/)]);
    expect(body?.toString()).toBe(
      '<SelectObjectContentRequest xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
        "<Expression>SELECT s.name FROM S3Object s WHERE s.note = 'a&lt;b'</Expression><ExpressionType>SQL</ExpressionType>" +
        '<InputSerialization><CSV><FileHeaderInfo>USE</FileHeaderInfo></CSV><CompressionType>GZIP</CompressionType></InputSerialization>' +
        '<OutputSerialization><CSV/></OutputSerialization>' +
        '<ScanRange><Start>10</Start><End>99</End></ScanRange></SelectObjectContentRequest>',
    );
  });

  test('a refusal in the middle of the records is an error with its code', async () => {
    answers(
      event('Records', 'ann\n'),
      message({
        'message-type': 'error',
        'error-code': 'OverMaxColumn',
        'error-message': 'Too many columns',
      }),
    );
    const pieces: Uint8Array[] = [];
    const reading = (async () => {
      for await (const piece of server.storage().objectSelect('p.csv', query)) pieces.push(piece);
    })();
    await expect(reading).rejects.toMatchObject({
      name: 'StorageError',
      code: 'OverMaxColumn',
      message: expect.stringContaining('p.csv: OverMaxColumn: Too many columns'),
    });
    expect(Buffer.concat(pieces).toString()).toBe('ann\n');
  });

  test('records without the word that these are all are an error', async () => {
    answers(event('Records', 'ann\n'), event('Stats', stats));
    await expect(collect(server.storage().objectSelect('p.csv', query))).rejects.toThrow('these are all');
  });

  test('a refusal, and a query that is none', async () => {
    server.script((_request, response) =>
      response.writeHead(405).end('<Error><Code>MethodNotAllowed</Code><Message>no</Message></Error>'),
    );
    await expect(collect(server.storage().objectSelect('p.csv', query))).rejects.toMatchObject({
      code: 'MethodNotAllowed',
    });
    await expect(
      collect(server.storage().objectSelect('p.csv', { ...query, expression: '' })),
    ).rejects.toThrow(TypeError);
  });
});
