import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { S3ConnectionConfig, S3ConnectionRuntime } from '../src/index.ts';
import { TransferBudget } from '../src/transfer-budget.ts';
import { type Arrived, type Handler, refuse, reply, ScriptedServer } from './scripted-server.ts';

const MiB = 1024 * 1024;
// What a call may take to clean up, and some more for a busy machine.
const bound = 8_000;

let server: ScriptedServer;
beforeEach(async () => {
  server = await ScriptedServer.start(reply(200));
});
afterEach(() => server.close());

const silent: Handler = () => undefined;
const created = reply(
  200,
  '<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>',
);

/** Answers each kind of request of an upload in its own way. */
function serving(create: Handler, rest: Handler): void {
  server.script((request, response) => {
    const isCreate = request.method === 'POST' && request.target.endsWith('?uploads=');
    (isCreate ? create : rest)(request, response);
  });
}

/** Writes in parts, with a signal that is soon aborted; how it ended, and when. */
async function stoppedWrite(runtime: S3ConnectionRuntime = {}): Promise<{ error: Error; duration: number }> {
  const storage = server.storage({}, { limits: { multipartThreshold: 5 * MiB }, ...runtime });
  const stop = new AbortController();
  const started = performance.now();
  setTimeout(() => stop.abort(new Error('enough')), 200);
  const error: Error = await storage.write(new Uint8Array(6 * MiB), 'k', { signal: stop.signal }).then(
    () => expect.unreachable(),
    (reason) => reason,
  );
  return { error, duration: performance.now() - started };
}

const aborts = ({ method, target }: Arrived): boolean =>
  method === 'DELETE' && target.includes('uploadId=u1');

test('an abort ends a write while the answer that begins the upload stays away; if it comes, its upload is aborted', async () => {
  let answer = (): void => undefined;
  serving((request, response) => {
    answer = () => created(request, response);
  }, reply(204));
  const { error, duration } = await stoppedWrite();
  expect(duration).toBeLessThan(bound);
  expect(error.message).toMatch(/enough; perhaps the unfinished upload is still there/);
  answer();
  await expect.poll(() => server.arrived.some(aborts)).toBe(true);
}, 20_000);

test('after an abort no upload is begun any more', async () => {
  serving(silent, reply(204));
  const { error, duration } = await stoppedWrite({ attemptTimeout: 400 });
  expect(duration).toBeLessThan(bound);
  expect(error.message).toMatch(/enough; perhaps the unfinished upload is still there/);
  await wait(600);
  expect(server.arrived.map(({ method }) => method)).toEqual(['POST']);
});

test('an abort ends a write though the upload cannot be aborted, and tells which one is left behind', async () => {
  serving(created, silent);
  const { error, duration } = await stoppedWrite();
  expect(duration).toBeLessThan(bound);
  expect(error.message).toMatch(/enough; the unfinished upload u1 is still there/);
  expect(server.arrived.some(aborts)).toBe(true);
}, 20_000);

test('an abort ends the waiting for credentials, with its reason', async () => {
  const storage = server.storage({
    accessKeyId: undefined,
    secretAccessKey: undefined,
    credentials: () => new Promise(() => undefined),
  } as unknown as Partial<S3ConnectionConfig>);
  const reason = new Error('enough');
  const stop = new AbortController();
  setTimeout(() => stop.abort(reason), 50);
  const call = storage.exists('k', { signal: stop.signal });
  await expect(Promise.race([call, wait(3_000, 'still waiting')])).rejects.toMatchObject({
    exception: reason,
  });
});

test('many calls at once may share a signal: Node warns of no leak', async () => {
  const warnings: Error[] = [];
  const note = (warning: Error): unknown => warnings.push(warning);
  process.on('warning', note);
  try {
    let refusals = 0;
    server.script((request, response) => {
      const handler = refusals++ < 30 ? refuse(503, 'SlowDown') : reply(200, 'content');
      handler(request, response);
    });
    const { signal } = new AbortController();
    // With real waits between the attempts.
    const storage = server.storage({}, { sleep: undefined });
    const calls = Array.from({ length: 20 }, (_, index) => storage.readText(`k${index}`, { signal }));
    await Promise.all(calls);
    const budget = new TransferBudget({ requests: 1, bytes: 1 });
    const giveBack = await budget.take(1, signal);
    const turns = Array.from({ length: 20 }, async () => (await budget.take(1, signal))());
    giveBack();
    await Promise.all(turns);
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings).toEqual([]);
  } finally {
    process.off('warning', note);
  }
});
