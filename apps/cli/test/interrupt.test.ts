import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import {
  Agent,
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Outcome, program, Workplace } from './workplace.ts';

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

/** A server between the command and the service. */
interface Between {
  readonly endpoint: string;
  /** Opens what was closed, at the same address. */
  open(): Promise<void>;
  close(): void;
}

/** Lets each request through but for those that `takes` takes; they have no other answer than the one that it gives. */
async function inBetween(
  takes: (request: IncomingMessage, response: ServerResponse) => boolean,
): Promise<Between> {
  const { port } = new URL(place.server.endpoint);
  const agent = new Agent({ keepAlive: true });
  const server = createServer((request, response) => {
    if (takes(request, response)) {
      request.resume();
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
  });
  let at = 0;
  const open = async (): Promise<void> => {
    await once(server.listen(at, '127.0.0.1'), 'listening');
    at = (server.address() as AddressInfo).port;
  };
  await open();
  const close = (): void => {
    agent.destroy();
    server.closeAllConnections();
    server.close();
  };
  return { endpoint: `http://127.0.0.1:${at}`, open, close };
}

const refuse = (response: ServerResponse): void =>
  void response.writeHead(403).end('<Error><Code>AccessDenied</Code><Message>no</Message></Error>');
const staySilent = (): void => undefined;

describe('an upload that cannot be aborted when the command is interrupted', () => {
  beforeEach(async () => {
    await place.s3(['create-bucket']);
    await place.write('folder/large', new Uint8Array(24 * 1024 * 1024));
  });

  test.each([
    ['cp folder/large s3://my-bucket/f', 'SIGINT', 130, refuse],
    ['cp -v folder/large s3://my-bucket/f', 'SIGHUP', 129, staySilent],
    ['cp -r folder s3://my-bucket/f', 'SIGTERM', 143, refuse],
    ['mv folder/large s3://my-bucket/f', 'SIGINT', 130, refuse],
    ['sync folder s3://my-bucket/f', 'SIGINT', 130, refuse],
    ['pipe s3://my-bucket/f', 'SIGINT', 130, refuse],
    ['cp - s3://my-bucket/f', 'SIGTERM', 143, refuse],
  ] as const)(
    '%s: after %s, status %i, and what is left is told of',
    async (words, signal, status, answer) => {
      const { stderr, ...outcome } = await interrupted(words.split(' '), signal, answer);
      expect(outcome).toEqual({ stdout: '', status });
      const [id = ''] = await place.uploads();
      const [command = ''] = words.split(' ');
      const reason = answer === refuse ? /was refused: AccessDenied/ : /failed: /;
      expect(stderr).toMatch(
        new RegExp(`^s3: ${command}: [^\n]*interrupted; the unfinished upload ${id} [^\n]*\n$`),
      );
      expect(stderr).toMatch(reason);
    },
  );

  test.each([
    ['cp --json folder/large s3://my-bucket/f'],
    ['cp -r --json folder s3://my-bucket/f'],
    ['pipe --json s3://my-bucket/f'],
  ])('%s: told of as an object', async (words) => {
    const { stderr, status } = await interrupted(words.split(' '), 'SIGINT', refuse);
    expect(status).toBe(130);
    const [id] = await place.uploads();
    const told = JSON.parse(stderr) as Record<string, unknown>;
    expect(told).toMatchObject({ operation: words.split(' ')[0], status: 'failed' });
    expect(told['message']).toContain(`the unfinished upload ${id} is still there`);
  });

  test.each([
    ['cp folder/large s3://my-bucket/f'],
    ['cp -r folder s3://my-bucket/f'],
    ['sync --json folder s3://my-bucket/f'],
    ['pipe s3://my-bucket/f'],
  ])('%s: nothing is told where it can be aborted', async (words) => {
    expect(await interrupted(words.split(' '), 'SIGINT')).toEqual({ stdout: '', stderr: '', status: 130 });
    expect(await place.uploads()).toEqual([]);
  });

  /** Runs a command until its upload has begun, interrupts it, and answers the abort. */
  async function interrupted(
    words: readonly string[],
    signal: NodeJS.Signals,
    answer?: (response: ServerResponse) => void,
  ): Promise<Outcome> {
    const between = await inBetween((request, response) => {
      if (request.method !== 'DELETE' || answer === undefined) return false;
      answer(response);
      return true;
    });
    await place.configure({ endpoint: between.endpoint });
    const [command = '', ...rest] = words;
    const content = '0'.repeat(24 * 1024 * 1024);
    const child = place.start([command, '--limit-rate', '4MiB', ...rest], {}, undefined, content);
    await expect.poll(() => place.uploads(), { timeout: 10_000 }).toHaveLength(1);
    child.kill(signal);
    const outcome = await child.ended;
    between.close();
    return outcome;
  }
}, 30_000);

test.each([
  ['without --resume, aborts the upload', [], 0],
  ['with --resume, keeps the upload and its journal, and the same command goes on', ['--resume'], 1],
] as const)('SIGINT in an upload, %s', async (_, options, kept) => {
  const content = randomFillSync(Buffer.alloc(40 * 1024 * 1024));
  await writeFile(join(place.folder, 'f'), content);
  await place.s3(['create-bucket']);
  // Lets two parts through, and then nothing.
  let parts = 0;
  let stalled = (): void => undefined;
  const began = new Promise<void>((resolve) => {
    stalled = resolve;
  });
  const slow = await inBetween((request) => {
    if (!request.url?.includes('partNumber=') || ++parts <= 2) return false;
    stalled();
    return true;
  });
  const { endpoint } = slow;
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
  slow.close();

  // The same service by the same name: only then is it the same upload.
  parts = Number.NEGATIVE_INFINITY;
  await slow.open();
  expect(await place.s3(['put', ...options, 'f'])).toMatchObject({ status: 0 });
  await place.s3(['get', 'f', 'g']);
  expect((await readFile(join(place.folder, 'g'))).equals(content)).toBe(true);
  expect(await place.uploads()).toEqual([]);
  expect((await readdir(place.folder)).toSorted()).toEqual(['f', 'g', 's3.yaml']);
  slow.close();
});
