import { spawn } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { Agent, createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { program, Workplace } from './workplace.ts';

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

test.each([
  ['without --resume, aborts the upload', [], 0],
  ['with --resume, keeps the upload and its journal, and the same command goes on', ['--resume'], 1],
] as const)('SIGINT in an upload, %s', async (_, options, kept) => {
  const content = randomFillSync(Buffer.alloc(40 * 1024 * 1024));
  await writeFile(join(place.folder, 'f'), content);
  await place.s3(['create-bucket']);
  // Between the command and the service: lets two parts through, and then nothing.
  let parts = 0;
  let stalled = (): void => undefined;
  const began = new Promise<void>((resolve) => {
    stalled = resolve;
  });
  const { port } = new URL(place.server.endpoint);
  const agent = new Agent({ keepAlive: true });
  const slow = createServer((request, response) => {
    if (request.url?.includes('partNumber=') && ++parts > 2) {
      request.resume();
      stalled();
      return;
    }
    const { method, url: path, headers } = request;
    const forwarded = httpRequest({ agent, host: '127.0.0.1', port, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    // What is cut on this side is cut on the other.
    forwarded.on('error', () => response.destroy());
    request.on('close', () => request.complete || forwarded.destroy());
    request.pipe(forwarded);
  }).listen(0, '127.0.0.1');
  await once(slow, 'listening');
  const endpoint = `http://127.0.0.1:${(slow.address() as AddressInfo).port}`;
  await place.configure({ endpoint });
  const child = spawn(process.execPath, [program, 'put', ...options, 'f'], {
    cwd: place.folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await began;
  child.kill('SIGINT');
  const [status] = (await once(child, 'exit')) as [number | null];
  expect(status).toBe(130);
  expect(await place.uploads()).toHaveLength(kept);
  expect((await readdir(place.folder)).filter((name) => name.endsWith('s3kit-upload'))).toHaveLength(kept);
  slow.closeAllConnections();
  slow.close();

  // The same service by the same name: only then is it the same upload.
  parts = Number.NEGATIVE_INFINITY;
  slow.listen(Number(new URL(endpoint).port), '127.0.0.1');
  await once(slow, 'listening');
  expect(await place.s3(['put', ...options, 'f'])).toMatchObject({ status: 0 });
  await place.s3(['get', 'f', 'g']);
  expect((await readFile(join(place.folder, 'g'))).equals(content)).toBe(true);
  expect(await place.uploads()).toEqual([]);
  expect((await readdir(place.folder)).toSorted()).toEqual(['f', 'g', 's3.yaml']);
  agent.destroy();
  slow.closeAllConnections();
  slow.close();
});
