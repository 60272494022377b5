import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Storage } from '../src/index.ts';
import { cutShort, type Handler, reply, ScriptedServer } from './scripted-server.ts';

let server: ScriptedServer;
let folder: string;
beforeEach(async () => {
  server = await ScriptedServer.start(reply(200));
  folder = await mkdtemp(join(tmpdir(), 's3kit-wrong-ranges-'));
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

const part = (text: string, range: string): Handler =>
  reply(206, text, { 'content-range': `bytes ${range}`, etag: '"e"' });

const broken: Handler = (request, response) => {
  response.setHeader('etag', '"e"');
  cutShort(10, '01234')(request, response);
};

test.each<[string, (storage: Storage) => Promise<unknown>]>([
  ['text', (storage) => storage.readText('k')],
  ['bytes', (storage) => storage.readBytes('k')],
  ['a file', (storage) => storage.read('k', join(folder, 'f'))],
])('a part is not taken for the whole: as %s', async (_, read) => {
  server.script(part('012', '0-2/10'));
  await expect(read(server.storage())).rejects.toThrow(
    's3://bucket/k: the service sent a part of the object',
  );
  expect(await readdir(folder)).toEqual([]);
});

// RFC 9110, sections 14.4 and 15.3.7.
test.each([
  ['the right one', { start: 5, end: 7 }, '567', '5-7/10', true],
  ['up to the end of the object, where more was asked for', { start: 5, end: 20 }, '56789', '5-9/10', true],
  ['to the end', { start: 8 }, '89', '8-9/10', true],
  ['of an object of unknown length', { start: 5, end: 7 }, '567', '5-7/*', true],
  ['the first byte of one', { start: 0, end: 0 }, '0', '0-0/1', true],
  ['another', { start: 5, end: 7 }, '012', '0-2/10', false],
  ['a shorter one', { start: 5, end: 7 }, '56', '5-6/10', false],
  ['a longer one', { start: 5, end: 7 }, '5678', '5-8/10', false],
  ['less than to the end', { start: 5 }, '567', '5-7/10', false],
  ['none', { start: 5, end: 7 }, '567', 'x', false],
])('a range that is %s', async (_, range, text, came, isRight) => {
  server.script(part(text, came));
  const reading = server.storage().readText('k', { range });
  if (isRight) expect(await reading).toBe(text);
  else await expect(reading).rejects.toThrow(`the service sent bytes ${came} where bytes=${range.start}-`);
});

test('what is missing of a body must be what comes', async () => {
  server.script(broken, part('01234', '0-4/10'));
  await expect(server.storage().readText('k')).rejects.toThrow('where bytes=5-9 was asked for');
  server.script(broken, part('56789', '5-9/10'));
  expect(await server.storage().readText('k')).toBe('0123456789');
});

test('who asks for a part in words of S3 gets it', async () => {
  server.script(part('012', '0-2/10'));
  expect(await server.storage().readText('k', { headers: { Range: 'bytes=0-2' } })).toBe('012');
  expect(await server.storage().readText('k', { params: { partNumber: 1 } })).toBe('012');
});

// RFC 9110, section 14.4: the bytes from the first position to the last, both included.
describe('a range that ends before the last byte that it promises', () => {
  const chunked: Handler = (_, response) => {
    response.writeHead(206, { 'content-range': 'bytes 5-9/10', etag: '"e"' });
    response.end('567');
  };
  const wrong = part('567', '5-9/10');

  test.each([
    ['without a length', chunked],
    ['with the length of what came', wrong],
  ])('has broken off: %s', async (_, cut) => {
    server.script(cut, part('89', '8-9/10'));
    expect(await server.storage().readText('k', { range: { start: 5 } })).toBe('56789');
    expect(server.arrived.map(({ headers }) => headers['range'])).toEqual(['bytes=5-', 'bytes=8-9']);
  });

  test('is asked for again as what is missing of a whole', async () => {
    server.script(broken, wrong, part('89', '8-9/10'));
    expect(await server.storage().readText('k')).toBe('0123456789');
  });

  test('is an error when no more comes', async () => {
    server.script(wrong, part('', '8-9/10'));
    await expect(
      server.storage().read('k', join(folder, 'f'), { params: { partNumber: 2 } }),
    ).rejects.toThrow('the body ended after 0 of 2 bytes');
    expect(await readdir(folder)).toEqual([]);
  });

  test('is one that was not asked for when it is longer', async () => {
    server.script(part('56789x', '5-9/10'));
    await expect(server.storage().readText('k', { range: { start: 5 } })).rejects.toThrow(
      'the body ended after 6 of 5 bytes',
    );
    expect(server.arrived).toHaveLength(1);
  });
});
