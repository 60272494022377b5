import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Workplace } from './workplace.ts';

const program = fileURLToPath(new URL('../bin/s3.js', import.meta.url));

let place: Workplace;
beforeEach(async () => {
  place = await Workplace.open();
});
afterEach(() => place.close());

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s in a download cleans up, and ends with status %i', async (signal, expected) => {
  let asked = (): void => undefined;
  const began = new Promise<void>((resolve) => {
    asked = resolve;
  });
  // Sends the beginning of a body, and then nothing.
  const stalled = createServer((_, response) => {
    response.writeHead(200, { 'content-length': 1000 });
    response.write('beginning');
    asked();
  }).listen(0, '127.0.0.1');
  await once(stalled, 'listening');
  await place.configure({ endpoint: `http://127.0.0.1:${(stalled.address() as AddressInfo).port}` });

  const child = spawn(process.execPath, [program, 'get', 'k', 'copy'], {
    cwd: place.folder,
    stdio: 'ignore',
  });
  await began;
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await readdir(place.folder)).toHaveLength(2);
  child.kill(signal);
  const [status] = (await once(child, 'exit')) as [number | null];
  expect(status).toBe(expected);
  expect(await readdir(place.folder)).toEqual(['s3.yaml']);
  stalled.closeAllConnections();
  stalled.close();
});

test('a pipe that is closed early ends the listing quietly', async () => {
  await place.s3(['create-bucket']);
  await place.write('f', 'x');
  for (const key of ['a', 'b', 'c']) await place.s3(['put', 'f', key]);
  const child = spawn(process.execPath, [program, 'list'], {
    cwd: place.folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [status] = (await once(child, 'close')) as [number | null];
  expect(said).toBe('');
  expect(status).toBe(141);
});
