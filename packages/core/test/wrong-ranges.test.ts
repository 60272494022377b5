import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
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
  const broken: Handler = (request, response) => {
    response.setHeader('etag', '"e"');
    cutShort(10, '01234')(request, response);
  };
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
