import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { type Listener, type RawRequest, type RawResponse, raw } from './endpoint.ts';

const child = fileURLToPath(new URL('./server-child.mjs', import.meta.url));
const built = fileURLToPath(new URL('../dist/index.js', import.meta.url));
const workers = 8;
const keysPerWorker = 3;

/** What a key may hold after a crash: what was acknowledged last, and what was under way. 0: nothing. */
type Model = Map<string, Set<number>>;

/** More rounds than a test run has time for; see the script `test:crash`. */
const moreRounds = Number(process.env['S3KIT_TEST_CRASH_ROUNDS'] ?? 0);

/** Whether the n-th write is a copy of one of the objects in the bucket `sources`. */
function isCopy(n: number): boolean {
  return n % 11 === 5 && n % 7 !== 0 && n % 3 !== 0;
}

/** The body that the n-th write gives a key: its sizes go from none to some hundred kilobytes. */
function bodyOf(key: string, n: number): Buffer {
  return isCopy(n) ? written('source', n % 5) : written(key, n);
}

function written(key: string, n: number): Buffer {
  const size = [0, 10, 5_000, 70_000, 300_000][n % 5] ?? 0;
  return size === 0 ? Buffer.alloc(0) : Buffer.alloc(size, `${key}#${n}#`);
}

/** A multipart write cuts the body in three. */
function partsOf(body: Buffer): Buffer[] {
  const third = Math.ceil(body.length / 3);
  return [body.subarray(0, third), body.subarray(third, 2 * third), body.subarray(2 * third)];
}

function md5(bytes: Buffer): Buffer {
  return createHash('md5').update(bytes).digest();
}

async function start(
  directory: string,
  durable: boolean,
): Promise<{ process: ChildProcess; server: Listener }> {
  const running = fork(child, [directory, String(durable)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  onTestFinished(() => {
    running.kill('SIGKILL');
  });
  // The child sends one message: its port.
  const [port] = (await once(running, 'message')) as [number];
  return { process: running, server: { port } };
}

async function expectStatus(server: Listener, request: RawRequest, status: number): Promise<RawResponse> {
  const response = await raw(server, request);
  if (response.status !== status)
    throw new Error(`${request.method} ${request.target}: ${response.status} ${response.text}`);
  return response;
}

async function putInParts(server: Listener, key: string, body: Buffer): Promise<void> {
  const target = `/crash/${key}`;
  const created = await expectStatus(server, { method: 'POST', target: `${target}?uploads=` }, 200);
  const id = /<UploadId>(.*?)</.exec(created.text)?.[1] ?? '';
  const etags: string[] = [];
  for (const [index, part] of partsOf(body).entries()) {
    const query = `partNumber=${index + 1}&uploadId=${id}`;
    const { headers } = await expectStatus(
      server,
      { method: 'PUT', target: `${target}?${query}`, body: part },
      200,
    );
    etags.push(`<Part><PartNumber>${index + 1}</PartNumber><ETag>${headers['etag']}</ETag></Part>`);
  }
  const list = `<CompleteMultipartUpload>${etags.join('')}</CompleteMultipartUpload>`;
  await expectStatus(server, { method: 'POST', target: `${target}?uploadId=${id}`, body: list }, 200);
}

/** Writes and deletes the worker's own keys, one after another, until the server is gone. */
async function work(
  server: Listener,
  worker: number,
  model: Model,
  counter: { next: number },
): Promise<number> {
  let acknowledged = 0;
  try {
    for (;;) {
      const n = counter.next;
      counter.next += 1;
      const key = `w${worker}/k${n % keysPerWorker}`;
      const deletion = n % 7 === 0;
      const outcome = deletion ? 0 : n;
      const possible = model.get(key) ?? new Set([0]);
      model.set(key, possible.add(outcome));
      const body = bodyOf(key, n);
      if (deletion) await expectStatus(server, { method: 'DELETE', target: `/crash/${key}` }, 204);
      else if (n % 3 === 0) await putInParts(server, key, body);
      else if (isCopy(n)) {
        const headers = { 'x-amz-copy-source': `sources/${n % 5}` };
        await expectStatus(server, { method: 'PUT', target: `/crash/${key}`, headers }, 200);
      } else await expectStatus(server, { method: 'PUT', target: `/crash/${key}`, body }, 200);
      model.set(key, new Set([outcome]));
      acknowledged += 1;
    }
  } catch {
    return acknowledged;
  }
}

/** Compares every key with what it may hold, the listing with the keys, and the files with both. */
async function check(server: Listener, directory: string, model: Model): Promise<void> {
  const listing = await expectStatus(server, { target: '/crash?list-type=2' }, 200);
  const listed = new Map(
    [...listing.text.matchAll(/<Key>(.*?)<\/Key>.*?<ETag>(.*?)<\/ETag>.*?<Size>(\d+)<\/Size>/g)].map(
      ([, key = '', etag = '', size]) => [key, { etag: etag.replaceAll('&quot;', '"'), size: Number(size) }],
    ),
  );
  // The sources of copies, one of which is empty.
  let files = 4;
  for (const [key, possible] of model) {
    const response = await raw(server, { target: `/crash/${key}` });
    // -1: none of what it may be.
    const found =
      [...possible].find((n) =>
        n === 0 ? response.status === 404 : response.status === 200 && response.body.equals(bodyOf(key, n)),
      ) ?? -1;
    expect(
      found,
      `${key} is ${response.status}, ${response.body.length} bytes; may be ${[...possible]}`,
    ).toBeGreaterThanOrEqual(0);
    if (found <= 0) {
      expect(listed.has(key)).toBe(false);
    } else {
      const body = bodyOf(key, found);
      const parts = found % 3 === 0 ? partsOf(body) : [body];
      const etag =
        found % 3 === 0
          ? `${md5(Buffer.concat(parts.map(md5))).toString('hex')}-3`
          : md5(body).toString('hex');
      expect(listed.get(key)).toEqual({ etag: `"${etag}"`, size: body.length });
      files += parts.filter((part) => part.length > 0).length;
    }
    model.set(key, new Set([found]));
  }
  expect([...listed.keys()].filter((key) => !model.has(key))).toEqual([]);

  const uploads = await expectStatus(server, { target: '/crash?uploads' }, 200);
  for (const [, key = '', id = ''] of uploads.text.matchAll(/<Key>(.*?)<\/Key><UploadId>(.*?)</g)) {
    const parts = await expectStatus(server, { target: `/crash/${key}?uploadId=${id}` }, 200);
    files += [...parts.text.matchAll(/<Size>(\d+)</g)].filter(([, size]) => size !== '0').length;
  }
  expect(await countFiles(directory)).toBe(files);
  for (const [, key = '', id = ''] of uploads.text.matchAll(/<Key>(.*?)<\/Key><UploadId>(.*?)</g)) {
    await expectStatus(server, { method: 'DELETE', target: `/crash/${key}?uploadId=${id}` }, 204);
  }
}

async function countFiles(directory: string): Promise<number> {
  const entries = await readdir(join(directory, 'bodies'), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).length;
}

test.each([
  ['durable', true, 12],
  ['not durable', false, 18],
])(
  'kill -9 at any moment leaves each object wholly old or wholly new (%s)',
  async (_, durable, standardRounds) => {
    const rounds = moreRounds || standardRounds;
    expect(existsSync(built), 'build the package first: the child process runs dist').toBe(true);
    const directory = await mkdtemp(join(tmpdir(), 's3kit-crash-'));
    const model: Model = new Map();
    const counter = { next: 1 };
    let acknowledged = 0;
    let undecided = 0;
    let { process, server } = await start(directory, durable);
    await expectStatus(server, { method: 'PUT', target: '/crash' }, 200);
    await expectStatus(server, { method: 'PUT', target: '/sources' }, 200);
    for (let n = 0; n < 5; n += 1) {
      const body = written('source', n);
      await expectStatus(server, { method: 'PUT', target: `/sources/${n}`, body }, 200);
    }
    for (let round = 0; round < rounds; round += 1) {
      const running = Array.from({ length: workers }, (_unused, worker) =>
        work(server, worker, model, counter),
      );
      await new Promise((resolve) => setTimeout(resolve, 30 + Math.random() * 150));
      process.kill('SIGKILL');
      await once(process, 'exit');
      for (const count of await Promise.all(running)) acknowledged += count;
      undecided += [...model.values()].filter((possible) => possible.size > 1).length;
      ({ process, server } = await start(directory, durable));
      await check(server, directory, model);
    }
    process.kill('SIGKILL');
    await once(process, 'exit');
    await rm(directory, { recursive: true, force: true });
    // The kills came in the middle of work, or nothing was shown.
    expect(acknowledged).toBeGreaterThan(rounds / 2);
    expect(undecided).toBeGreaterThan(rounds / 2);
  },
  60_000 + moreRounds * 3000,
);
