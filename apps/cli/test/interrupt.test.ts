import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { Agent, createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { program, Workplace } from './workplace.ts';

let place: Workplace;
beforeEach(async () => {
  place = await Workplace.open();
});
afterEach(() => place.close());

/** A download of which the beginning has come; what it leaves of its folder when it has ended. */
async function stalledDownload(options: readonly string[] = []): Promise<{
  readonly child: ChildProcessByStdio<null, null, Readable>;
  readonly ended: Promise<{
    readonly status: number | null;
    readonly stderr: string;
    readonly left: string[];
  }>;
}> {
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

  const child = spawn(process.execPath, [...options, program, 'get', 'k', 'copy'], {
    cwd: place.folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  await began;
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await readdir(place.folder)).toHaveLength(2);
  const ended = once(child, 'close').then(async ([status]) => {
    stalled.closeAllConnections();
    stalled.close();
    return { status: status as number | null, stderr, left: await readdir(place.folder) };
  });
  return { child, ended };
}

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s in a download cleans up, and ends with status %i', async (signal, expected) => {
  const { child, ended } = await stalledDownload();
  child.kill(signal);
  expect(await ended).toEqual({ status: expected, stderr: '', left: ['s3.yaml'] });
});

test.each([
  ['cat s3://my-bucket/large', 'INT', 130],
  ['cp s3://my-bucket/large -', 'TERM', 143],
  ['ls -r --json s3://my-bucket', 'HUP', 129],
  ['find --json s3://my-bucket', 'INT', 130],
  ['run list', 'TERM', 143],
  // A little more than a pipe takes: the command is done, and only its reader is waited for.
  ['find --key s3://my-bucket', 'INT', 130],
] as const)(
  's3 %s, of which nobody reads what it writes, is ended by one SIG%s',
  async (words, signal, expected) => {
    await place.s3(['create-bucket']);
    const keys = Array.from({ length: 83 }, (_, index) => `${'k'.repeat(800)}${index}`);
    await place.put({ large: new Uint8Array(4 * 1024 * 1024) });
    await place.put(Object.fromEntries(keys.map((key) => [key, 'text'])));
    await place.write('list', 'cat s3://my-bucket/large\n'.repeat(3));
    const { stdout } = await place.shell(`
    mkfifo pipe; exec 3<>pipe
    timeout --preserve-status -s ${signal} -k 5 1.5 ${process.execPath} ${program} ${words} >&3
    echo "status $?"`);
    expect(stdout).toBe(`status ${expected}\n`);
  },
);

test('a terminal that is closed in an upload leaves no upload, though nothing more can be shown', async () => {
  await place.s3(['create-bucket']);
  await writeFile(join(place.folder, 'f'), Buffer.alloc(24 * 1024 * 1024));
  const command = `${process.execPath} ${program} cp --limit-rate 4MiB f s3://my-bucket/f`;
  const terminal = spawn('script', ['-qec', command, '/dev/null'], {
    cwd: place.folder,
    env: { PATH: process.env['PATH'], HOME: place.folder, TERM: 'xterm' },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  await expect.poll(() => place.uploads(), { timeout: 10_000 }).toHaveLength(1);
  await once(terminal.stdout, 'data');
  terminal.kill('SIGKILL');
  await expect.poll(() => place.uploads(), { timeout: 10_000 }).toEqual([]);
  expect(await place.objects()).toEqual([]);
});

test('a defect that nobody catches is told of without source lines; what is under way cleans up', async () => {
  const crash = fileURLToPath(new URL('crash.cjs', import.meta.url));
  const { child, ended } = await stalledDownload(['--require', crash]);
  child.kill('SIGUSR2');
  const { status, stderr, left } = await ended;
  expect([status, left]).toEqual([1, ['s3.yaml']]);
  const [first, ...rest] = stderr.trimEnd().split('\n');
  expect(first).toBe('s3: this should not have happened, and is a defect: TypeError: a defect\\u{1b}[31m');
  expect(rest[0]).toMatch(/^ {4}at .*crash\.cjs:3:/);
  for (const line of rest) expect(line).toMatch(/^ {4}at /);
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
