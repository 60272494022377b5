import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const half = Buffer.alloc(1024 * 1024, 'x');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 's3kit-two-processes-'));
});
afterEach(() => rm(folder, { recursive: true }));

const program = `
  import { S3Connection, Storage } from '@s3kit/core';
  const [, endpoint, file] = process.argv;
  const connection = new S3Connection({ endpoint, accessKeyId: 'A', secretAccessKey: 's', defaultBucket: 'bucket', retry: { limit: 1 } });
  await new Storage(connection).read('k', file, { journal: true }).then(
    () => console.log('done'),
    (error) => console.log(error.message),
  );
  connection.close();
`;

async function download(port: number): Promise<string> {
  const child = spawn(
    process.execPath,
    ['--input-type=module', '-e', program, `http://127.0.0.1:${port}`, join(folder, 'f')],
    { cwd: fileURLToPath(new URL('..', import.meta.url)), stdio: ['ignore', 'pipe', 'inherit'] },
  );
  return text(child.stdout);
}

test('of processes that fetch one file with one journal, one does, and the others are told', async () => {
  let asked = 0;
  const server = http.createServer((_, response) => {
    asked++;
    response.writeHead(200, { 'content-length': 2 * half.byteLength, etag: '"e"' });
    response.write(half);
    setTimeout(() => response.end(half), 2000);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const outcomes = await Promise.all([download(port), download(port), download(port)]);
  expect(outcomes.filter((outcome) => outcome === 'done\n')).toHaveLength(1);
  expect(outcomes.filter((outcome) => /the process \d+ uses the journal/.test(outcome))).toHaveLength(2);
  expect(asked).toBe(1);
  expect((await readFile(join(folder, 'f'))).equals(Buffer.concat([half, half]))).toBe(true);
  expect(await readdir(folder)).toEqual(['f']);
  server.close();
});

test('what fails before anything of it is done leaves nothing', async () => {
  const server = http.createServer((_, response) => {
    response.writeHead(200, { 'content-length': 2 * half.byteLength });
    response.write(half);
    setTimeout(() => response.destroy(), 20);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  expect(await download(port)).toContain('the connection was reset');
  expect(await readdir(folder)).toEqual([]);
  server.close();
});
