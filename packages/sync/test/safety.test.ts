import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { S3Connection, S3Name, Storage } from '@s3kit/core';
import { startServer } from '@s3kit/server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  carryOut,
  copyThrough,
  entries,
  isProblem,
  local,
  plan,
  remote,
  removeAll,
  type SyncEvent,
  sync,
} from '../src/index.ts';
import { all, filesIn, objectsIn, openWorld, summaryOf, told, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const withDelete = { delete: true } as const;

describe('a source that is not wholly known', () => {
  // s5cmd: the walk stops at the link, and the objects behind it are deleted (peak/s5cmd issues 749, 869, 444).
  test('a broken symbolic link deletes nothing, and the rest is sent', async () => {
    const folder = await world.files('up', { a: '1', z: '2' });
    await symlink('nowhere', join(folder, 'link'));
    await world.objects('', { link: 'old', 'link/below': 'old', extra: 'old' });
    const events = await all(sync(local(folder), world.bucket(), withDelete));
    expect(events.filter(({ type }) => type === 'failed')).toMatchObject([
      { action: { name: 'link', reason: 'broken-link' } },
    ]);
    expect(await objectsIn(world)).toEqual({
      a: '1',
      z: '2',
      link: 'old',
      'link/below': 'old',
      extra: 'old',
    });
    const summary = await summaryOf(sync(local(folder), world.bucket(), withDelete));
    expect(summary).toMatchObject({ ok: false, withheld: { reason: 'failures', count: 1 } });
  });

  test('even where deletions go on after failures, what a link stands for is left alone', async () => {
    const folder = await world.files('up', { a: '1' });
    await symlink('nowhere', join(folder, 'link'));
    await world.objects('', { link: 'old', 'link/below': 'old', 'link!': 'old', extra: 'old' });
    await all(sync(local(folder), world.bucket(), { ...withDelete, deleteAfterFailures: true }));
    expect(await objectsIn(world)).toEqual({ a: '1', link: 'old', 'link/below': 'old' });
  });

  test('a folder that cannot be read deletes nothing', async () => {
    const folder = await world.files('up', { a: '1', 'secret/b': '2' });
    await all(sync(local(folder), world.bucket()));
    await world.objects('', { extra: 'old' });
    // Root reads what nobody may: a folder that is replaced by a loop of links is unreadable for all.
    await rm(join(folder, 'secret'), { recursive: true });
    await symlink('secret', join(folder, 'secret'));
    const lines = await told(sync(local(folder), world.bucket(), withDelete));
    expect(lines).toEqual(['failed secret: ELOOP']);
    expect(await objectsIn(world)).toEqual({ a: '1', 'secret/b': '2', extra: 'old' });
  });

  test('nor does one whose path is too long for the system', async () => {
    const folder = await world.files('up', { a: '1' });
    // Put together out of two halves, as no call takes such a path.
    const half = Array.from({ length: 9 }, () => 'x'.repeat(250)).join('/');
    await mkdir(join(folder, 'lower', half), { recursive: true });
    await mkdir(join(folder, half), { recursive: true });
    await rename(join(folder, 'lower'), join(folder, half, 'lower'));
    await world.objects('', { extra: 'old' });
    const lines = await told(sync(local(folder), world.bucket(), withDelete));
    execFileSync('rm', ['-rf', folder]);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^failed x+\/.*: ENAMETOOLONG$/);
    expect(await objectsIn(world)).toEqual({ a: '1', extra: 'old' });
  });

  test.runIf(process.platform === 'linux')('a name that is not UTF-8 is told of as such', async () => {
    const folder = await world.files('up', { a: '1' });
    const latin = (name: string): Buffer => Buffer.from(join(folder, name), 'latin1');
    await writeFile(latin('\xe4'), '2');
    await mkdir(latin('d\xf6'));
    const problems = (await all(entries(local(folder)))).filter(isProblem);
    expect(problems.map(({ name, problem, error }) => [name, problem, error?.message])).toEqual(
      ['d\ufffd', '\ufffd'].map((name) => [
        name,
        'unreadable',
        'its name is not UTF-8, as names in S3 are: give it another',
      ]),
    );
  });

  test.runIf(process.platform === 'linux')(
    'and what truly has the name that it is read as is sent, once',
    async () => {
      const folder = await world.files('up', { 'b\ufffd': 'true', 'd\ufffd/f': 'true' });
      const latin = (name: string): Buffer => Buffer.from(join(folder, name), 'latin1');
      await writeFile(latin('b\xff'), 'precious');
      await writeFile(latin('b\xfe'), 'precious');
      await mkdir(latin('d\xff'));
      await writeFile(latin('d\xff/f'), 'precious');
      const problem = (name: string): string =>
        `failed ${name}: its name is not UTF-8, as names in S3 are: give it another`;
      const problems = [problem('b\ufffd'), problem('b\ufffd'), problem('d\ufffd')];
      expect(
        await told(sync(local(folder), world.bucket(), { filter: { rules: [{ exclude: 'd?/' }] } })),
      ).toEqual([problem('b\ufffd'), problem('b\ufffd'), 'upload b\ufffd: missing']);
      expect(await told(sync(local(folder), world.bucket()))).toEqual([
        ...problems,
        'upload d\ufffd/f: missing',
      ]);
      await world.objects('', { 'd\ufffd/extra': '1', e: '1' });
      expect(
        await told(sync(local(folder), world.bucket(), { ...withDelete, deleteAfterFailures: true })),
      ).toEqual(['delete e: extra', ...problems]);
      expect(await objectsIn(world)).toEqual({
        'b\ufffd': 'true',
        'd\ufffd/extra': '1',
        'd\ufffd/f': 'true',
      });
      const moved = await told(sync(local(folder), world.bucket('p'), { move: true }));
      expect(moved).toEqual([...problems, 'upload b\ufffd: missing', 'upload d\ufffd/f: missing']);
      expect(await readFile(latin('b\xff'), 'utf8')).toBe('precious');
      expect(await readFile(latin('d\xff/f'), 'utf8')).toBe('precious');
    },
  );

  test('a link to a folder that it lies in is walked once', async () => {
    const folder = await world.files('up', { 'a/b': '1' });
    await symlink('..', join(folder, 'a', 'up'));
    const items = await all(entries(local(folder)));
    expect(items.map((item) => [item.name, isProblem(item) ? item.problem : 'file'])).toEqual([
      ['a/b', 'file'],
      ['a/up', 'link-loop'],
    ]);
  });

  test('links that are not followed, pipes and sockets are left out, and protect their names', async () => {
    const folder = await world.files('up', { a: '1', 'real/b': '2' });
    await symlink('real', join(folder, 'link'));
    const socket = createServer().listen(join(folder, 'socket'));
    await once(socket, 'listening');
    await world.objects('', { 'link/b': 'old', socket: 'old', extra: 'old' });
    const place = local(folder, { followSymlinks: false });
    const lines = await told(sync(place, world.bucket(), withDelete));
    socket.close();
    expect(lines).toContain('skipped link: link');
    expect(lines).toContain('skipped socket: special-file');
    expect(await objectsIn(world)).toEqual({ a: '1', 'real/b': '2', 'link/b': 'old', socket: 'old' });
  });

  test('a listing that fails on its way deletes nothing, on either side', async () => {
    await world.objects(
      '',
      Object.fromEntries(Array.from({ length: 1200 }, (_, index) => [`key-${index}`, ''])),
    );
    const folder = await world.files('down', { 'key-999': '', zextra: 'kept' });
    const here = local(folder);
    const there = world.bucket();
    for (const [source, destination] of [
      [there, here],
      [here, there],
    ] as const) {
      const takeBack = world.server.inject({ operation: 'ListObjectsV2', skip: 1, times: 99, error: {} });
      const events = await all(sync(source, destination, withDelete));
      takeBack();
      expect(events.at(-1)).toMatchObject({ type: 'summary', ok: false });
      expect(events.filter((event) => event.type === 'done' && event.action.kind === 'delete')).toEqual([]);
    }
    expect(await filesIn(folder)).toHaveProperty('zextra');
    expect(Object.keys(await objectsIn(world))).toHaveLength(1200);
  });

  test('a file that cannot be sent keeps all deletions, unless told otherwise', async () => {
    const folder = await world.files('up', { bad: '1', good: '2' });
    await world.objects('', { extra: 'old' });
    const fault = {
      operation: 'PutObject',
      key: 'bad',
      error: { status: 403, code: 'AccessDenied' },
      times: 9,
    } as const;
    world.server.inject(fault);
    await all(sync(local(folder), world.bucket(), withDelete));
    expect(await objectsIn(world)).toEqual({ good: '2', extra: 'old' });
    await all(sync(local(folder), world.bucket(), { ...withDelete, deleteAfterFailures: true }));
    expect(await objectsIn(world)).toEqual({ good: '2' });
  });
});

test('a broken link in the destination is replaced, and keeps no deletion', async () => {
  await world.objects('', { link: 'new' });
  const folder = await world.files('down', { extra: '1' });
  await symlink('nowhere', join(folder, 'link'));
  expect(await told(sync(world.bucket(), local(folder), withDelete))).toEqual([
    'delete extra: extra',
    'download link: missing',
  ]);
  expect(await filesIn(folder)).toEqual({ link: 'new' });
});

test.each([
  ['replaced', {}, 'download link: missing'],
  ['to be replaced', { dryRun: true }, 'would download link: missing'],
  ['kept', { existing: 'keep' }, 'skipped link: exists'],
  ['left alone', { existing: 'only' }, 'skipped link: broken-link'],
] as const)('a broken link in the destination that is %s is told of once', async (_, options, line) => {
  await world.objects('', { link: 'new' });
  const folder = await world.files('down', {});
  await symlink('nowhere', join(folder, 'link'));
  expect(await told(sync(world.bucket(), local(folder), options))).toEqual([line]);
});

test('what is no file in the destination is told of once, whether or not the source has its name', async () => {
  await world.objects('', { loop: '1', socket: '2' });
  const folder = await world.files('down', {});
  for (const name of ['loop', 'other']) await symlink(name, join(folder, name));
  const sockets = ['socket', 'socket-2'].map((name) => createServer().listen(join(folder, name)));
  await Promise.all(sockets.map((socket) => once(socket, 'listening')));
  expect(await told(sync(world.bucket(), local(folder)))).toEqual([
    'failed loop: ELOOP',
    'skipped other: link-loop',
    'skipped socket-2: special-file',
    'skipped socket: special-file',
  ]);
  for (const socket of sockets) socket.close();
});

describe('an empty source', () => {
  // Every tool wipes the destination (aws/aws-cli issue 1564).
  test('deletes nothing, unless it may', async () => {
    const folder = await world.files('up', {});
    await world.objects('', { one: '1' });
    const summary = await summaryOf(sync(local(folder), world.bucket(), withDelete));
    expect(summary).toMatchObject({ ok: false, withheld: { reason: 'empty-source', count: 1, bytes: 1 } });
    expect(await objectsIn(world)).toEqual({ one: '1' });
    await all(sync(local(folder), world.bucket(), { ...withDelete, allowEmptySource: true }));
    expect(await objectsIn(world)).toEqual({});
  });

  test('a source folder that is not there is an error', async () => {
    await world.objects('', { one: '1' });
    const lines = await told(
      sync(local(join(world.folder, 'no')), world.bucket(), { ...withDelete, allowEmptySource: true }),
    );
    expect(lines).toEqual(['failed (plan): ENOENT']);
    expect(await objectsIn(world)).toEqual({ one: '1' });
  });

  test('more deletions than are allowed are none', async () => {
    const folder = await world.files('up', { kept: '1' });
    await world.objects('', { x: '1', y: '2', z: '3' });
    const summary = await summaryOf(
      sync(local(folder), world.bucket(), { ...withDelete, maximumDeletions: 2 }),
    );
    expect(summary.withheld).toEqual({ reason: 'too-many', count: 3, bytes: 3 });
    expect(Object.keys(await objectsIn(world))).toEqual(['kept', 'x', 'y', 'z']);
    await all(sync(local(folder), world.bucket(), { ...withDelete, maximumDeletions: 3 }));
    expect(Object.keys(await objectsIn(world))).toEqual(['kept']);
  });
});

describe('names that a folder cannot have', () => {
  // s5cmd and s3cmd write outside of the destination (peak/s5cmd issue 872).
  test('no key leaves the destination', async () => {
    const bad = [
      '../out',
      '/abs',
      'a/../../out',
      './here',
      'a/./b',
      '..',
      '.',
      'a//b',
      'nul\0',
      `${'x'.repeat(256)}/y`,
    ];
    await world.objects('p/', {
      ...Object.fromEntries(bad.map((name) => [name, 'bad'])),
      good: 'good',
      ['é'.repeat(127)]: 'x',
    });
    const folder = join(world.folder, 'down', 'here');
    const lines = await told(sync(world.bucket('p'), local(folder)));
    expect(lines.filter((line) => line.endsWith(': impossible-name'))).toHaveLength(bad.length);
    expect(await filesIn(world.folder)).toEqual({
      'down/here/good': 'good',
      [`down/here/${'é'.repeat(127)}`]: 'x',
    });
  });

  test('nor does one of an action that somebody else has planned', async () => {
    await world.objects('p/', { '../out': 'bad', good: 'good' });
    const actions = ['../out', 'good'].map((name) => ({
      kind: 'download' as const,
      name,
      size: 3,
      reason: 'always' as const,
      source: { name, size: 3, modified: 0 },
    }));
    const folder = join(world.folder, 'down', 'here');
    expect(await told(carryOut(actions, world.bucket('p'), local(folder)))).toEqual([
      'download good: always',
      'skipped ../out: impossible-name',
    ]);
    expect(await filesIn(world.folder)).toEqual({ 'down/here/good': 'good' });
  });

  test('and nothing is deleted, or moved, that lies outside', async () => {
    const folder = await world.files('down/here', { good: '1' });
    await world.files('down', { victim: '1' });
    const names = ['../victim', 'good', `../here/../victim`, join(world.folder, 'down', 'victim')];
    const entryOf = (name: string): { name: string; size: number; modified: number } => ({
      name,
      size: 1,
      modified: 0,
    });
    const moves = names.map((name) => ({
      kind: 'upload' as const,
      name,
      size: 1,
      reason: 'always' as const,
      source: entryOf(name),
    }));
    const strays = names.filter((name) => name !== 'good').map((name) => `skipped ${name}: impossible-name`);
    const sorted = (lines: readonly string[]): string[] =>
      [...lines].sort((one, other) => (one < other ? -1 : 1));
    expect(await told(carryOut(moves, local(folder), world.bucket(), { move: true }))).toEqual(
      sorted([...strays, 'upload good: always']),
    );
    expect(await objectsIn(world)).toEqual({ good: '1' });
    await world.files('down/here', { good: '1' });
    const deletions = names.map((name) => ({
      kind: 'delete' as const,
      name,
      size: 1,
      reason: 'extra' as const,
      destination: entryOf(name),
    }));
    expect(await told(carryOut(deletions, world.bucket(), local(folder)))).toEqual(
      sorted([...strays, 'delete good: extra']),
    );
    expect(await filesIn(world.folder)).toEqual({ 'down/victim': '1' });
  });

  test('nor does a symbolic link in the destination lead out of it', async () => {
    const outside = await world.files('outside', { victim: 'old' });
    const folder = await world.files('down', {});
    await mkdir(join(folder, 'real'));
    await symlink(outside, join(folder, 'out'));
    await symlink('real', join(folder, 'in'));
    await symlink(join(outside, 'victim'), join(folder, 'file'));
    await world.objects('', { 'out/victim': 'new', 'out/sub/new': 'new', file: 'new', 'in/side': 'new' });
    expect(await told(sync(world.bucket(), local(folder)))).toEqual([
      'download in/side: missing',
      'skipped file: outside',
      'skipped out/sub/new: outside',
      'skipped out/victim: outside',
    ]);
    expect(await filesIn(outside)).toEqual({ victim: 'old' });
    expect(await filesIn(join(folder, 'real'))).toEqual({ side: 'new' });
    // And nothing is deleted through it.
    await rm(join(folder, 'file'));
    await all(removeAll(world.bucket('out')));
    expect(await told(sync(world.bucket(), local(folder), withDelete))).toContain(
      'skipped out/victim: outside',
    );
    expect(await filesIn(outside)).toEqual({ victim: 'old' });
    expect(await readlink(join(folder, 'out'))).toBe(outside);
  });

  test.each([
    ['con', 'device'],
    ['a/COM1.txt', 'device'],
    ['a:b', 'character'],
    ['back\\slash', 'character'],
    ['dot.', 'ends in'],
  ])('Windows has no file %s', async (name, detail) => {
    await world.objects('', { [name]: '1' });
    const [action] = await all(plan(world.bucket(), local(world.folder), { platform: 'win32' }));
    expect(action).toMatchObject({ kind: 'skip', reason: 'impossible-name' });
    expect(action && 'detail' in action ? action.detail : '').toContain(detail);
  });

  // aws fails; s5cmd leaves a temporary file behind (peak/s5cmd, observed).
  test('a file and a folder of one name: the file is fetched, what is below it is told of', async () => {
    await world.objects('', {
      a: 'file',
      'a!': 'between',
      'a.txt': 'between',
      'a/b': 'below',
      'a/b/c': 'below',
    });
    const folder = join(world.folder, 'down');
    expect(await told(sync(world.bucket(), local(folder)))).toEqual([
      'download a!: missing',
      'download a.txt: missing',
      'download a: missing',
      'skipped a/b/c: clash',
      'skipped a/b: clash',
    ]);
    expect(await filesIn(folder)).toEqual({ a: 'file', 'a!': 'between', 'a.txt': 'between' });
    expect((await readdir(folder)).filter((name) => name.endsWith('.s3kit'))).toEqual([]);
  });

  test('a folder that stands where a file is to be, and the other way round, is out of the way after one run that deletes', async () => {
    await world.objects('', { a: 'file now', 'b/c': 'folder now' });
    const folder = await world.files('down', { 'a/old': '1', b: '2' });
    expect(await told(sync(world.bucket(), local(folder), withDelete))).toEqual([
      'delete a/old: extra',
      'delete b: extra',
      'skipped a: clash',
      'skipped b/c: clash',
    ]);
    await all(sync(world.bucket(), local(folder), withDelete));
    expect(await filesIn(folder)).toEqual({ a: 'file now', 'b/c': 'folder now' });
  });

  test('names that differ only in their case are told of, where they mean one file', async () => {
    await world.objects('', { 'Dir/A.txt': '1', 'dir/a.TXT': '2', 'dir/b': '3', É: '4', é: '5' });
    const lines = await told(
      sync(world.bucket(), local(join(world.folder, 'down')), { caseInsensitive: true }),
    );
    expect(lines).toEqual([
      'download Dir/A.txt: missing',
      'download dir/b: missing',
      'download É: missing',
      'skipped dir/a.TXT: case-clash',
      'skipped é: case-clash',
    ]);
  });

  // aws/aws-cli issues 3370, 1538: markers.
  test('markers of folders are no files; they are made as folders where that is asked for', async () => {
    await world.objects('p/', { '': '', 'empty/': '', 'full/': '', 'full/file': '1', 'odd/': 'content' });
    const folder = join(world.folder, 'down');
    expect(await told(sync(world.bucket('p'), local(folder)))).toEqual([
      'download full/file: missing',
      'skipped odd/: impossible-name',
    ]);
    await all(sync(world.bucket('p'), local(folder), { folders: true }));
    expect((await readdir(folder)).sort((one, other) => (one < other ? -1 : 1))).toEqual(['empty', 'full']);
    expect(await told(sync(world.bucket('p'), local(folder), { folders: true }))).toEqual([
      'skipped odd/: impossible-name',
    ]);
    await all(sync(local(folder), remote(world.storage, 'other'), { folders: true }));
    expect(await objectsIn(world, '', 'other')).toEqual({ 'empty/': '', 'full/': '', 'full/file': '1' });
    expect(
      await told(sync(local(folder), remote(world.storage, 'other'), { folders: true, delete: true })),
    ).toEqual([]);
  });
});

test('an object with content whose name is that of a folder is told of, and kept by a move to a folder', async () => {
  const objects = { 'p/': 'own', 'p/odd/': 'content', 'p/a': '1' };
  await world.objects('', objects);
  const folder = join(world.folder, 'down');
  const options = { move: true, compare: 'always' } as const;
  const skipped = ['skipped : impossible-name', 'skipped odd/: impossible-name'];
  expect(await told(sync(world.bucket('p'), local(folder), options))).toEqual([
    'download a: always',
    ...skipped,
  ]);
  const source = { name: 'odd/', size: 7, modified: 0 };
  const action = { kind: 'download', name: 'odd/', size: 7, reason: 'always', source } as const;
  expect(await told(carryOut([action], world.bucket('p'), local(folder), options))).toEqual([skipped[1]]);
  expect(await filesIn(folder)).toEqual({ a: '1' });
  expect(await objectsIn(world)).toEqual({ 'p/': 'own', 'p/odd/': 'content' });
});

describe('an object with content whose name is that of a folder', () => {
  const objects = { '': 'own', a: '1', 'full/': '', 'odd/': 'content', 'odd/k': '2' };
  const deleted = ['delete : extra', 'delete odd/: extra'];
  beforeEach(() => world.objects('p/', objects));

  test('is extra beside a folder, which has no file of that name; a marker is not', async () => {
    const folder = await world.files('up', { a: '1', 'odd/k': '2' });
    const options = { compare: 'size', delete: true } as const;
    const planned = await all(plan(local(folder), world.bucket('p'), options));
    expect(planned.map(({ kind, name }) => `${kind} ${name}: extra`)).toEqual(deleted);
    expect(await told(sync(local(folder), world.bucket('p'), { compare: 'size' }))).toEqual([]);
    expect(await told(sync(local(folder), world.bucket('p'), options))).toEqual(deleted);
    expect(await objectsIn(world, 'p/')).toEqual({ a: '1', 'full/': '', 'odd/k': '2' });
  });

  test('is deleted by a run that is taken up, too', async () => {
    const folder = await world.files('up', { 'odd/k': '2' });
    const journal = join(world.folder, 'journal');
    const options = { compare: 'size', delete: true, journal } as const;
    await all(sync(local(folder), world.bucket('p'), { ...options, maximumDeletions: 0 }));
    const lines = (await readFile(journal, 'utf8')).replace('{"end":true}', '{"upTo":"zz"}');
    await writeFile(journal, lines);
    expect(await told(sync(local(folder), world.bucket('p'), options))).toEqual([
      'delete : extra',
      'delete a: extra',
      'delete odd/: extra',
    ]);
  });

  test('is copied, and extra, between buckets as any other', async () => {
    const place = remote(world.storage, 'other', 'q');
    const copies = Object.keys(objects).map((name) => `copy ${name}: missing`);
    expect(await told(sync(world.bucket('p'), place))).toEqual(copies);
    expect(await objectsIn(world, 'q/', 'other')).toEqual(objects);
    expect(await summaryOf(sync(world.bucket('p'), place))).toMatchObject({ totals: { unchanged: 5 } });
    expect(await told(sync(world.bucket('none'), place, { ...withDelete, allowEmptySource: true }))).toEqual(
      Object.keys(objects).map((name) => `delete ${name}: extra`),
    );
    // There is no key without a character.
    expect(await told(sync(world.bucket('p'), remote(world.storage, 'other')))).toEqual([
      ...copies.slice(1),
      'skipped : impossible-name',
    ]);
  });
});

describe('what is told', () => {
  test('objects in an archive are skipped, unless they have been restored', async () => {
    const headers = { 'x-amz-storage-class': 'GLACIER' };
    await all(sync(local(await world.files('up', { cold: '1' })), world.bucket(), { headers }));
    const folder = join(world.folder, 'down');
    expect(await told(sync(world.bucket(), local(folder)))).toEqual(['skipped cold: archived']);
    expect(await told(sync(world.bucket(), local(folder), { archived: true }))).toEqual([
      'failed cold: InvalidObjectState',
    ]);
  });

  test('an abort ends it at once, with the reason, and leaves nothing half-done', async () => {
    const server = await startServer({ buckets: ['bucket'] });
    const config = { accessKeyId: 's3kit', secretAccessKey: 's3kit-secret', endpoint: server.endpoint };
    const storage = new Storage(new S3Connection(config));
    for (let index = 0; index < 50; index++)
      await storage.write({ text: 'content' }, new S3Name(`k${index}`, 'bucket'));
    server.inject({ operation: 'GetObject', delay: 3_000, times: 99 });
    const folder = await world.files('down', { extra: '1' });
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('enough')), 50);
    const started = Date.now();
    const options = { ...withDelete, signal: stop.signal };
    await expect(all(sync(remote(storage, 'bucket'), local(folder), options))).rejects.toThrow('enough');
    expect(Date.now() - started).toBeLessThan(2_000);
    expect(await readdir(folder)).toEqual(['extra']);
    storage.connection.close();
    await server.close();
  });

  test('an abort of what only looks ends it with the reason, too', async () => {
    const why = new Error('enough');
    const looks: ((signal: AbortSignal) => AsyncIterable<unknown>)[] = [
      (signal) => entries(world.bucket(), { signal }),
      (signal) => plan(world.bucket(), local(world.folder), { signal }),
      (signal) => removeAll(world.bucket(), { dryRun: true, signal }),
    ];
    world.server.inject({ operation: 'ListObjectsV2', delay: 3_000, times: 99 });
    for (const look of looks) {
      await expect(all(look(AbortSignal.abort(why)))).rejects.toBe(why);
      const stop = new AbortController();
      setTimeout(() => stop.abort(why), 50);
      await expect(all(look(stop.signal))).rejects.toBe(why);
    }
  });

  test('what cannot be cleaned up after an abort is told of before the reason', async () => {
    const MiB = 1024 * 1024;
    const folder = await world.files('up', { large: '0'.repeat(6 * MiB), small: '1' });
    const stop = new AbortController();
    const reason = new Error('enough');
    const storage = world.anotherStorage({
      limits: { multipartThreshold: 5 * MiB },
      transport: async (request, signal) => {
        if (request.target.includes('partNumber=')) stop.abort(reason);
        const answer = await world.server.transport(request, signal);
        return request.method === 'DELETE' ? { ...answer, status: 403 } : answer;
      },
    });
    const events: SyncEvent[] = [];
    const run = async (): Promise<void> => {
      const options = { signal: stop.signal, concurrency: 1 };
      for await (const event of sync(local(folder), remote(storage, 'bucket'), options)) events.push(event);
    };
    await expect(run()).rejects.toBe(reason);
    const message = expect.stringMatching(/enough; the unfinished upload .* refused: Forbidden/);
    expect(events).toMatchObject([{ type: 'failed', action: { name: 'large' }, error: { message } }]);
  });

  test('a copy that is refused before anything is sent keeps no connection', async () => {
    const server = await startServer({ buckets: ['bucket'] });
    const config = { accessKeyId: 's3kit', secretAccessKey: 's3kit-secret', endpoint: server.endpoint };
    const storages = [1, 2].map(() => new Storage(new S3Connection(config, { maximumConnections: 2 })));
    const [from, to] = storages as [Storage, Storage];
    const name = new S3Name('large', 'bucket');
    await from.write(Buffer.alloc(4_000_000), name);
    const headers = { 'x-amz-meta-a': 'two\nlines' };
    for (let count = 0; count < 5; count++)
      await expect(
        copyThrough(
          { storage: from, name },
          { storage: to, name: new S3Name('copy', 'bucket') },
          { headers },
        ),
      ).rejects.toThrow(TypeError);
    expect(await from.exists(name)).toMatchObject([true, {}]);
    for (const { connection } of storages) connection.close();
    await server.close();
  });

  test('to stop listening ends it too', async () => {
    const folder = await world.files(
      'up',
      Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`f${index}`, '1'])),
    );
    for await (const event of sync(local(folder), world.bucket(), { concurrency: 1 }))
      if (event.type === 'done') break;
    expect(Object.keys(await objectsIn(world)).length).toBeLessThan(300);
  });

  test('failFast sends nothing more after a failure', async () => {
    const folder = await world.files(
      'up',
      Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`f${index}`, '1'])),
    );
    world.server.inject({ operation: 'PutObject', error: { status: 403, code: 'AccessDenied' }, times: 999 });
    const { totals } = await summaryOf(
      sync(local(folder), world.bucket(), { concurrency: 2, failFast: true }),
    );
    expect(totals.failed.count).toBeLessThan(5);
  });

  test('progress comes while it runs', async () => {
    const folder = await world.files('up', { one: '1' });
    world.server.inject({ operation: 'PutObject', delay: 100 });
    const events = await all(sync(local(folder), world.bucket(), { progressInterval: 10 }));
    expect(events.filter(({ type }) => type === 'progress').length).toBeGreaterThan(2);
  });

  test('also of a large file that is on its way', async () => {
    const size = 40 * 1024 * 1024;
    const folder = await world.files('up', { one: 'x'.repeat(size) });
    world.server.inject({ operation: 'UploadPart', skip: 2, delay: 200, times: 9 });
    const told = [];
    for await (const event of sync(local(folder), world.bucket(), { progressInterval: 10 }))
      if (event.type === 'progress') told.push({ ...event.underWay, done: event.totals.uploaded.bytes });
    expect(told).toContainEqual({ count: 1, bytes: expect.toSatisfy((n) => n > 0 && n < size), done: 0 });
    for (const { bytes, done } of told) expect(bytes + done).toBeLessThanOrEqual(size);
  });

  test('a bucket that lists in another order is refused', async () => {
    const contents = ['b', 'a'].map(
      (key) =>
        `<Contents><Key>${key}</Key><Size>1</Size><LastModified>2020-01-01T00:00:00.000Z</LastModified></Contents>`,
    );
    const page = `<ListBucketResult><IsTruncated>false</IsTruncated>${contents.join('')}</ListBucketResult>`;
    const storage = new Storage(
      new S3Connection(
        { accessKeyId: 'a', secretAccessKey: 'b' },
        {
          transport: async () => ({
            status: 200,
            statusText: 'OK',
            headers: {},
            body: (async function* () {
              yield Buffer.from(page);
            })(),
            destroy: () => undefined,
          }),
        },
      ),
    );
    await expect(all(entries(remote(storage, 'bucket')))).rejects.toThrow('in another order');
  });

  test("names of s3kit's own files are none on either side; on a way between buckets they are", async () => {
    const own = ['.a.0123456789ab.s3kit', 'd/.a.0123456789abcdef.s3kit-sync', 'd/notes.s3kit-lock'];
    const others = ['.a.0123456789abc.s3kit-upload', 'a.s3kit-lock/b', 'a.s3kit-sync', 'a.s3kit', 'notes'];
    const objects = Object.fromEntries([...own, ...others].map((name) => [name, 'text']));
    await world.objects('', objects);
    const folder = join(world.folder, 'down');
    for (const [run, expected] of [others.map((name) => `download ${name}: missing`), []].entries())
      expect([run, await told(sync(world.bucket(), local(folder), withDelete))]).toEqual([
        run,
        [...expected, ...own.map((name) => `skipped ${name}: impossible-name`)],
      ]);
    expect(await filesIn(folder)).toEqual(Object.fromEntries(others.map((name) => [name, 'text'])));
    await world.files('down', { 'more.s3kit-lock': '1' });
    await symlink('notes', join(folder, 'link.s3kit-lock'));
    expect(await told(sync(local(folder), world.bucket(), withDelete))).toEqual([]);
    await rm(join(folder, 'notes'));
    expect(await told(sync(local(folder), world.bucket(), withDelete))).toEqual(['delete notes: extra']);
    const listed = { kind: 'upload', name: 'more.s3kit-lock', size: 1, reason: 'always' } as const;
    const source = { name: listed.name, size: 1, modified: 0 };
    expect(await told(carryOut([{ ...listed, source }], local(folder), world.bucket()))).toEqual([
      'skipped more.s3kit-lock: impossible-name',
    ]);
    await all(sync(world.bucket(), remote(world.storage, 'other'), withDelete));
    expect(await objectsIn(world, '', 'other')).toEqual(await objectsIn(world));
    expect(Object.keys(await objectsIn(world))).toEqual(expect.arrayContaining(own));
    expect(await told(removeAll(world.bucket('d')))).toHaveLength(2);
  });

  test('leftovers of a transfer that was killed, and journals, are no files', async () => {
    const folder = await world.files('up', { a: '1' });
    await writeFile(join(folder, '.a.0123456789ab.s3kit'), 'half');
    await writeFile(join(folder, '.a.0123456789abcdef.s3kit'), 'half, and to be gone on with');
    for (const kind of ['upload', 'download', 'sync', 'sync.s3kit-lock'])
      await writeFile(join(folder, `.a.0123456789abcdef.s3kit-${kind}`), 'journal');
    expect((await all(entries(local(folder)))).map(({ name }) => name)).toEqual(['a']);
  });
});
