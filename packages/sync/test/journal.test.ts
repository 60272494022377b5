import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { S3Connection, S3Name, Storage } from '@s3kit/core';
import { startServer } from '@s3kit/server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { entries, local, type Place, remote, type SyncOptions, sync } from '../src/index.ts';
import { Spool } from '../src/spool.ts';
import { all, filesIn, objectsIn, openWorld, summaryOf, told, type World } from './world.ts';

let world: World;
let journal: string;
beforeEach(async () => {
  world = await openWorld();
  journal = join(world.folder, 'journal');
});
afterEach(() => world.close());

const numbered = Object.fromEntries(
  Array.from({ length: 2_500 }, (_, index) => [`f${String(index).padStart(4, '0')}`, '']),
);

/** Ends a run as a kill would: what is under way is broken off, and no event is waited for. */
async function runUntil(
  count: number,
  source: Place,
  destination: Place,
  options: SyncOptions,
): Promise<void> {
  let done = 0;
  for await (const { type } of sync(source, destination, options))
    if (type === 'done' && ++done === count) break;
}

describe('a run with a journal', () => {
  test('goes on where it was: what is settled is neither listed nor sent again', async () => {
    const folder = await world.files('up', numbered);
    await runUntil(2_000, local(folder), world.bucket(), { journal });
    const sent = Object.keys(await objectsIn(world)).length;
    expect(sent).toBeGreaterThanOrEqual(2_000);
    const recording = world.server.record();
    await all(sync(local(folder), world.bucket(), { journal }));
    recording.stop();
    const operations = recording.requests.map(({ operation }) => operation);
    expect(operations.filter((operation) => operation === 'PutObject').length).toBe(2_500 - sent);
    const [first] = recording.requests;
    expect(first?.target).toMatch(/start-after=f[12]\d\d\d/);
    expect(await objectsIn(world)).toEqual(numbered);
  });

  test('goes on after a kill -9', async () => {
    const folder = await world.files('up', numbered);
    let sent = 0;
    let kill = (): void => undefined;
    const server = await startServer({
      buckets: ['bucket'],
      onRequest: ({ operation }) => {
        if (operation === 'PutObject' && ++sent === 1_700) kill();
      },
    });
    const child = fileURLToPath(new URL('journaled-run.mjs', import.meta.url));
    const args = [child, server.endpoint, folder, journal];
    const killed = spawn(process.execPath, args, { stdio: 'inherit' });
    kill = () => void killed.kill('SIGKILL');
    const [, signal] = await once(killed, 'exit');
    expect(signal).toBe('SIGKILL');
    await promisify(execFile)(process.execPath, args);
    // What was under way, and what the journal had no time for, is sent once more.
    expect(sent).toBeGreaterThanOrEqual(2_500);
    expect(sent).toBeLessThan(3_500);
    const config = { accessKeyId: 's3kit', secretAccessKey: 's3kit-secret', endpoint: server.endpoint };
    const items = await all(entries(remote(new Storage(new S3Connection(config)), 'bucket')));
    expect(items.map(({ name }) => name)).toEqual(Object.keys(numbered));
    await server.close();
  });

  test('a last line that was cut short is no line', async () => {
    const folder = await world.files('up', numbered);
    await runUntil(1_500, local(folder), world.bucket(), { journal });
    await appendFile(journal, '{"upTo":"zzz');
    await all(sync(local(folder), world.bucket(), { journal }));
    expect(await objectsIn(world)).toEqual(numbered);
    for (const line of (await readFile(journal, 'utf8')).trimEnd().split('\n')) JSON.parse(line);
  });

  test('one that ended well begins anew the next time', async () => {
    const folder = await world.files('up', { a: '1', b: '2' });
    await all(sync(local(folder), world.bucket(), { journal }));
    await world.files('up', { a: 'changed' });
    expect(await told(sync(local(folder), world.bucket(), { journal }))).toEqual(['upload a: size']);
  });

  test.each(['my.s3kit-sync', 'deep/journal'])(
    'a journal that lies in a place is none of its files: %s',
    async (name) => {
      const folder = await world.files('up', { a: '1', 'deep/b': '2' });
      const link = join(world.folder, 'link');
      await symlink(folder, link);
      const options = { journal: join(link, name), delete: true };
      expect(await told(sync(local(folder), world.bucket('p'), options))).toEqual([
        'upload a: missing',
        'upload deep/b: missing',
      ]);
      expect(await told(sync(local(folder), world.bucket('p'), { ...options, dryRun: true }))).toEqual([]);
      await world.files('down', { 'deep/extra': '1' });
      const down = join(world.folder, 'down');
      expect(
        await told(sync(world.bucket('p'), local(down), { delete: true, journal: join(down, name) })),
      ).toEqual(['delete deep/extra: extra', 'download a: missing', 'download deep/b: missing']);
      expect(await readFile(join(down, name), 'utf8')).toContain('"end":true');
    },
  );

  test.each([
    ['where names are compared', {}, 'upload f0003: missing'],
    ['and nothing else, where they are not', { compare: 'always' }, 'upload f0003: always'],
  ] as const)('what failed is tried again, %s', async (_, options, again) => {
    const folder = await world.files('up', numbered);
    world.server.inject({
      operation: 'PutObject',
      key: 'f0003',
      error: { status: 403, code: 'AccessDenied' },
    });
    expect(
      (await told(sync(local(folder), world.bucket(), { ...options, journal }))).filter((line) =>
        line.startsWith('failed'),
      ),
    ).toHaveLength(1);
    expect(await told(sync(local(folder), world.bucket(), { ...options, journal }))).toEqual([again]);
  });

  test.each([
    ['deletions that were withheld', { delete: true, maximumDeletions: 0 }],
    ['a broken link', {}],
  ] as const)('one that ended with %s begins anew, too', async (_, options) => {
    const folder = await world.files('up', numbered);
    await world.objects('', { zzz: '1' });
    if (!('delete' in options)) await symlink('nowhere', join(folder, 'zz'));
    const before = await summaryOf(sync(local(folder), world.bucket(), { ...options, journal }));
    expect(before.ok).toBe(false);
    await rm(join(folder, 'zz'), { force: true });
    await world.files('up', { f0001: 'changed', f00015: 'new' });
    const lines = await told(sync(local(folder), world.bucket(), { ...options, journal }));
    expect(lines).toEqual(['upload f00015: missing', 'upload f0001: size']);
  });

  describe('does again what has changed since', () => {
    const files = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`f${n + 10}`, 'old!']));
    const later = new Date(Date.now() + 60_000);
    const up = async (): Promise<string> => world.files('up', files);

    /** Does all but the last file, which fails. */
    async function runToLast(source: Place, destination: Place, options: SyncOptions): Promise<void> {
      world.server.inject({ key: 'f49', error: { status: 403, code: 'AccessDenied' } });
      expect((await summaryOf(sync(source, destination, options))).totals.failed.count).toBe(1);
    }

    test('where names are compared: in the source, or in the destination', async () => {
      const folder = await up();
      await runUntil(39, local(folder), world.bucket(), { journal, concurrency: 1 });
      await world.files('up', { f10: 'new', f11: 'new!' }, later);
      await world.storage.delete(new S3Name('f12', 'bucket'));
      await all(sync(local(folder), world.bucket(), { journal }));
      expect(await objectsIn(world)).toEqual({ ...files, f10: 'new', f11: 'new!' });
    });

    test('where nothing is compared: in the source', async () => {
      const folder = await up();
      const options = { compare: 'always', journal } as const;
      await runToLast(local(folder), world.bucket(), options);
      await world.files('up', { f10: 'new', f11: 'new!' }, later);
      await world.files('up', { f12: 'old!' }, later);
      const lines = await told(sync(local(folder), world.bucket(), options));
      expect(lines).toEqual(['f10', 'f11', 'f12', 'f49'].map((name) => `upload ${name}: always`));
      expect(await objectsIn(world)).toEqual({ ...files, f10: 'new', f11: 'new!' });
    });

    test('in a bucket, by the ETag', async () => {
      await world.objects('', files);
      const down = join(world.folder, 'down');
      const options = { compare: 'always', journal } as const;
      await runToLast(world.bucket(), local(down), options);
      await world.objects('', { f10: 'new!' });
      const lines = await told(sync(world.bucket(), local(down), options));
      expect(lines).toEqual(['download f10: always', 'download f49: always']);
      expect(await filesIn(down)).toEqual({ ...files, f10: 'new!' });
    });

    test('in a destination that is listed, also where what is there is not compared', async () => {
      const folder = await up();
      const options = { compare: 'always', existing: 'keep', journal } as const;
      await runToLast(local(folder), world.bucket(), options);
      await world.storage.delete(new S3Name('f12', 'bucket'));
      await all(sync(local(folder), world.bucket(), options));
      expect(await objectsIn(world)).toEqual(files);
    });

    test.each([
      ['up', 'upload'],
      ['between buckets', 'copy'],
    ])('in a move %s: what is there again', async (_, kind) => {
      const folder = await up();
      const [source, destination] =
        kind === 'upload'
          ? [local(folder), world.bucket()]
          : [world.bucket('from'), remote(world.storage, 'other')];
      await world.objects('from/', files);
      const options = { compare: 'always', move: true, journal } as const;
      await runToLast(source, destination, options);
      // The same once more, as far as anybody could tell.
      await world.files('up', { f10: 'old!' });
      await world.objects('from/', { f10: 'old!' });
      const lines = await told(sync(source, destination, options));
      expect(lines).toEqual([`${kind} f10: always`, `${kind} f49: always`]);
      expect(await all(entries(source))).toEqual([]);
    });

    test('but for what comes before the position that all is done up to', async () => {
      const folder = await world.files('up', numbered);
      await runUntil(2_000, local(folder), world.bucket(), { journal });
      await world.files('up', { f0000: 'new' }, later);
      await all(sync(local(folder), world.bucket(), { journal }));
      expect(await objectsIn(world)).toEqual(numbered);
      expect(await told(sync(local(folder), world.bucket(), { journal }))).toEqual(['upload f0000: size']);
    });

    test('and does all again that an older version has written down without telling what it was', async () => {
      const folder = await up();
      const options = { compare: 'always', journal } as const;
      await runToLast(local(folder), world.bucket(), options);
      const lines = (await readFile(journal, 'utf8')).trimEnd().split('\n');
      const names = lines.flatMap((line): string[] => JSON.parse(line).done ?? []);
      expect(names.length).toBe(39);
      const old = names.map((name) => JSON.stringify({ done: name }));
      await writeFile(journal, [lines[0], ...old, ''].join('\n'));
      expect(await told(sync(local(folder), world.bucket(), options))).toHaveLength(40);
    });
  });

  test("another run's journal that came to its end is begun anew", async () => {
    const folder = await world.files('up', { a: '1' });
    await all(sync(local(folder), world.bucket(), { journal }));
    expect(await told(sync(local(folder), world.bucket('elsewhere'), { journal }))).toEqual([
      'upload a: missing',
    ]);
    expect(await told(sync(local(folder), world.bucket(), { journal }))).toEqual([]);
  });

  test("another run's journal is refused, and so is another file", async () => {
    const folder = await world.files('up', { a: '1' });
    await runUntil(1, local(folder), world.bucket(), { journal });
    await appendFile(journal, '');
    await writeFile(journal, (await readFile(journal, 'utf8')).replace('{"end":true}\n', ''));
    const others: [ReturnType<typeof remote>, SyncOptions][] = [
      [world.bucket('elsewhere'), { journal }],
      [world.bucket(), { journal, delete: true }],
      [world.bucket(), { journal, filter: { rules: [{ exclude: 'a' }] } }],
      [world.bucket(), { journal, shard: { index: 0, count: 2 } }],
    ];
    for (const [place, options] of others)
      await expect(all(sync(local(folder), place, options))).rejects.toThrow('the journal of another sync');
    await writeFile(journal, 'my diary\n');
    await expect(all(sync(local(folder), world.bucket(), { journal }))).rejects.toThrow('no journal');
    expect(await readFile(journal, 'utf8')).toBe('my diary\n');
  });

  describe('is the same run', () => {
    const some = Object.fromEntries(Object.entries(numbered).slice(0, 300));

    /** A run that has not come to its end, and the same with other options. */
    async function takenUp(first: SyncOptions, second: SyncOptions): Promise<string> {
      const folder = await world.files('up', some);
      await runUntil(100, local(folder), world.bucket(), { journal, ...first });
      await all(sync(local(folder), world.bucket(), { journal, ...second }));
      return readFile(journal, 'utf8');
    }

    test.each<[string, SyncOptions, SyncOptions]>([
      ['other headers', { headers: { 'x-amz-meta-run': 'one' } }, { headers: { 'x-amz-meta-run': 'two' } }],
      ['headers where there were none', {}, { headers: { 'x-amz-storage-class': 'GLACIER' } }],
      [
        'a function of another text',
        { headers: () => ({}), headersIdentity: 'one' },
        { headers: () => ({}), headersIdentity: 'two' },
      ],
      ['a function instead of headers', { headers: {} }, { headers: () => ({}) }],
      ['what is kept of the files', {}, { preserve: true }],
    ])('not with %s', async (_, first, second) => {
      await expect(takenUp(first, second)).rejects.toThrow('with other options');
    });

    test('not with another checksum', async () => {
      const folder = await world.files('up', some);
      await runUntil(100, local(folder), world.bucket(), { journal });
      const { endpoint } = world.storage.connection;
      const config = { accessKeyId: 's3kit', secretAccessKey: 's3kit-secret', endpoint, tls: false };
      const other = new Storage(new S3Connection({ ...config, checksum: 'sha256' }));
      await expect(all(sync(local(folder), remote(other, 'bucket'), { journal }))).rejects.toThrow(
        'with other options',
      );
    });

    test.each<[string, SyncOptions, SyncOptions]>([
      [
        'headers in another order',
        { headers: { 'x-amz-meta-a': '1', 'x-amz-meta-b': '2' } },
        { headers: { 'X-Amz-Meta-B': '2', 'x-amz-meta-a': '1' } },
      ],
      ['functions of one text', { headers: () => ({}) }, { headers: () => ({}) }],
      [
        'times that have gone on',
        { filter: { modifiedSince: new Date(2000, 1), modifiedBefore: new Date(2030, 1) } },
        { filter: { modifiedSince: new Date(2000, 2), modifiedBefore: new Date(2030, 2) } },
      ],
    ])('with %s', async (_, first, second) => {
      expect(await takenUp(first, second)).toContain('"end":true');
      expect(await objectsIn(world)).toEqual(some);
    });

    test('by another path of the same folder', async () => {
      const folder = await world.files('up', some);
      await runUntil(100, local(relative('.', folder)), world.bucket(), { journal });
      await all(sync(local(`${folder}/`), world.bucket(), { journal }));
      expect(await objectsIn(world)).toEqual(some);
    });

    test('and none of its headers stands in its journal', async () => {
      const headers = { 'x-amz-server-side-encryption-customer-key': 'a-secret-key' };
      const folder = await world.files('up', { a: '1' });
      await all(sync(local(folder), world.bucket(), { journal, headers }));
      expect(await readFile(journal, 'utf8')).not.toContain('a-secret-key');
    });
  });

  test.each(['{"my":"notes"}', 'my diary', '{"format":"s3kit notes'])(
    'a file of one line without an end is no journal, and stays as it is: %s',
    async (text) => {
      const folder = await world.files('up', { a: '1' });
      await writeFile(journal, text);
      await expect(all(sync(local(folder), world.bucket(), { journal }))).rejects.toThrow('no journal');
      expect(await readFile(journal, 'utf8')).toBe(text);
    },
  );

  test.each([0, 1, 20, 40, 80])('one of which %i bytes were written begins anew', async (length) => {
    const folder = await world.files('up', { a: '1' });
    await all(sync(local(folder), world.bucket(), { journal }));
    const text = await readFile(journal, 'utf8');
    await writeFile(journal, text.slice(0, length));
    expect(await told(sync(local(folder), world.bucket('other/'), { journal }))).toEqual([
      'upload a: missing',
    ]);
    expect(await told(sync(local(folder), world.bucket('other/'), { journal }))).toEqual([]);
    expect((await readFile(journal, 'utf8')).match(/"format"/g)).toHaveLength(1);
  });

  test('a journal is used by one run at a time, of all processes', async () => {
    const folder = await world.files('up', { a: '1' });
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const child = fileURLToPath(new URL('journaled-run.mjs', import.meta.url));
    const args = [child, `http://127.0.0.1:${port}`, folder, journal];
    const other = spawn(process.execPath, args, { stdio: 'inherit' });
    await once(silent, 'connection');
    const before = await readFile(journal, 'utf8');
    const run = (): Promise<string[]> => told(sync(local(folder), world.bucket(), { journal }));
    await expect(run()).rejects.toThrow(`the process ${other.pid} uses the journal`);
    expect(await readFile(journal, 'utf8')).toBe(before);
    other.kill('SIGKILL');
    await once(other, 'exit');
    silent.close();
    await writeFile(journal, '');
    const first = sync(local(folder), world.bucket(), { journal });
    await first.next();
    await expect(run()).rejects.toThrow('another transfer of this process uses the journal');
    await first.return();
    await writeFile(journal, 'my diary\n');
    await expect(run()).rejects.toThrow('no journal');
    await rm(journal);
    await run();
    expect((await readdir(world.folder)).sort()).toEqual(['journal', 'up']);
  });

  test('deletions that an earlier run had planned are made, but not of what the source has again', async () => {
    const folder = await world.files('up', numbered);
    await world.objects('', { extra: '1', 'e-back': '1' });
    const options = { journal, delete: true };
    await runUntil(2_000, local(folder), world.bucket(), options);
    expect(await readFile(journal, 'utf8')).toContain('"upTo":"f1');
    await world.files('up', { 'e-back': '2' });
    expect(
      (await told(sync(local(folder), world.bucket(), options))).filter((line) => !line.startsWith('upload')),
    ).toEqual(['delete extra: extra', 'skipped e-back: reappeared']);
    // And a source that has gone since deletes nothing.
    await rm(journal);
    await world.objects('', { extra: '1', zzz: '1' });
    await all(sync(local(folder), world.bucket(), { ...options, maximumDeletions: 0 }));
    await rm(folder, { recursive: true });
    const lines = await told(sync(local(await world.files('up', {})), world.bucket(), options));
    expect(lines).toEqual([]);
    expect(Object.keys(await objectsIn(world))).toContain('extra');
  });
});

describe('the deletions of a run that has died', () => {
  /** A journal as runs leave it that died with their transfers all but done. */
  async function journalOf(
    run: (journal: string) => Promise<unknown>,
    lines: readonly object[],
  ): Promise<void> {
    await run(journal);
    const [header] = (await readFile(journal, 'utf8')).split('\n');
    await writeFile(journal, [header, ...lines.map((line) => JSON.stringify(line)), ''].join('\n'));
  }

  function deletionOf(name: string): object {
    const destination = { name, size: 1, modified: 0 };
    return { delete: { kind: 'delete', name, size: 1, reason: 'extra', destination } };
  }

  test('count once, however often it was taken up', async () => {
    const folder = await world.files('up', { a: '1', m: '2' });
    const options = { delete: true, maximumDeletions: 3 };
    const run = (path: string): Promise<unknown> =>
      all(sync(local(folder), world.bucket(), { ...options, journal: path }));
    await journalOf(run, [
      ...['b1', 'b2', 'x1'].map(deletionOf),
      // Taken up before anything was settled, and again.
      ...['b1', 'b2', 'x1'].map(deletionOf),
      { upTo: 'm' },
      deletionOf('x1'),
    ]);
    await world.objects('', { b1: '1', b2: '1', x1: '1' });
    const events = await all(sync(local(folder), world.bucket(), { ...options, journal }));
    expect(events.map((event) => ('action' in event ? event.action?.name : event.type))).toEqual([
      'b1',
      'b2',
      'x1',
      'summary',
    ]);
    expect(events.at(-1)).toMatchObject({ ok: true, totals: { deleted: { count: 3, bytes: 3 } } });
  });

  test('are made also of names that the source can have no file of', async () => {
    const folder = await world.files('up', { '0': '1', 'a/b': '2', z: 'a file' });
    const gone = ['a//b', 'q/../0', 'n'.repeat(300), 'z/b', 'a'];
    const run = (path: string): Promise<unknown> =>
      all(sync(local(folder), world.bucket(), { delete: true, journal: path }));
    await journalOf(run, [...gone.map(deletionOf), { upTo: 'zz' }]);
    await world.objects('', Object.fromEntries(gone.map((name) => [name, '1'])));
    const { ok, totals } = await summaryOf(sync(local(folder), world.bucket(), { delete: true, journal }));
    expect([ok, totals.deleted.count]).toEqual([true, gone.length]);
    expect(await objectsIn(world)).toEqual({ '0': '1', 'a/b': '2', z: 'a file' });
  });

  test('are none of what nobody knows whether the source has it', async () => {
    await world.objects('', { a: '1' });
    const folder = await world.files('down', { a: '1', x: '1', y: '1' });
    const run = (path: string): Promise<unknown> =>
      all(sync(world.bucket(), local(folder), { delete: true, maximumDeletions: 0, journal: path }));
    await journalOf(run, [...['x', 'y'].map(deletionOf), { upTo: 'zz' }]);
    world.server.inject({ operation: 'HeadObject', key: 'x', error: { status: 403 }, times: 9 });
    const lines = await told(sync(world.bucket(), local(folder), { delete: true, journal }));
    expect(lines).toEqual(['delete y: extra', expect.stringMatching(/^failed x: /)]);
  });
});

test('a list that does not fit into memory goes through a file', async () => {
  const spool = new Spool<{ n: number }>();
  for (let n = 0; n < 25_001; n++) await spool.add({ n });
  const items = await all(spool.read());
  expect(items.map(({ n }) => n)).toEqual(Array.from({ length: 25_001 }, (_, n) => n));
  await spool.close();
});
