import { appendFile, rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type S3ConnectionRuntime, S3Name, type Storage } from '@s3kit/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { carryOut, local, remote, sync } from '../src/index.ts';
import { all, filesIn, objectsIn, openWorld, summaryOf, told, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

type Transport = NonNullable<S3ConnectionRuntime['transport']>;

/** A storage of which something is done before, or after, the first request whose method and URL match. */
function meddling(at: RegExp, when: 'before' | 'after', meddle: () => Promise<unknown>): Storage {
  let isDone = false;
  const transport: Transport = async (request, ...others) => {
    const isIt = !isDone && at.test(`${request.method} ${request.target}`);
    isDone ||= isIt;
    if (isIt && when === 'before') await meddle();
    const answer = await world.server.transport(request, ...others);
    if (isIt && when === 'after') await meddle();
    return answer;
  };
  return world.anotherStorage({ transport });
}

const moving = { move: true, compare: 'always' } as const;

describe('a file that is written to while it is moved', () => {
  test.each([
    ['grows', (path: string) => appendFile(path, 'line 2\n')],
    ['has another content of the same size', (path: string) => writeFile(path, 'LINE 1\n')],
  ])('stays where it is: it %s', async (_, change) => {
    const folder = await world.files('up', { log: 'line 1\n', other: '1' });
    const storage = meddling(/^PUT .*log/, 'after', () => change(join(folder, 'log')));
    const lines = await told(sync(local(folder), remote(storage, 'bucket'), moving));
    expect(lines).toEqual(['failed log: ERR_S3KIT_SOURCE_CHANGED', 'upload other: always']);
    expect(Object.keys(await filesIn(folder))).toEqual(['log']);
    expect(await objectsIn(world)).toHaveProperty('log', 'line 1\n');
  });

  test('one that was replaced by another of the same size and time stays, too', async () => {
    const folder = await world.files('up', { one: '1' });
    const replace = async (): Promise<void> => {
      await writeFile(join(folder, 'new'), '2');
      await utimes(join(folder, 'new'), new Date(2020, 1, 1), new Date(2020, 1, 1));
      await rename(join(folder, 'new'), join(folder, 'one'));
    };
    const storage = meddling(/^PUT/, 'after', replace);
    expect(await told(sync(local(folder), remote(storage, 'bucket'), moving))).toEqual([
      'failed one: ERR_S3KIT_SOURCE_CHANGED',
    ]);
    expect(await filesIn(folder)).toEqual({ one: '2' });
  });
});

test('what has arrived and cannot be deleted has failed, and says that it has arrived', async () => {
  await world.objects('', { a: 'a' });
  const transport: Transport = async (request, ...others) => {
    const answer = await world.server.transport(request, ...others);
    return request.method === 'DELETE' ? { ...answer, status: 403 } : answer;
  };
  const from = remote(world.anotherStorage({ transport }), 'bucket');
  const to = local(join(world.folder, 'down'));
  const failures = (await all(sync(from, to, moving))).filter(({ type }) => type === 'failed');
  expect(failures).toMatchObject([{ action: { name: 'a' }, error: { code: 'Forbidden' }, hasArrived: true }]);
  expect(await filesIn(to.path)).toEqual({ a: 'a' });
});

describe('an object that is written to while it is moved', () => {
  const overwrite = (): Promise<unknown> => world.objects('', { a: 'NEW' });

  test.each([
    // Before it is read: what was listed is not there any more.
    ['before it is copied', /^PUT .*other/, 'before'],
    ['after it was copied', /^PUT .*other/, 'after'],
    // Then only the service can tell.
    ['before it is deleted', /\?delete|^DELETE/, 'before'],
  ] as const)('stays where it is, %s', async (_, at, when) => {
    await world.objects('', { a: 'old', b: 'old' });
    const storage = meddling(at, when, overwrite);
    const from = remote(storage, 'bucket');
    const options = { ...moving, concurrency: 1 };
    const lines = await told(sync(from, remote(storage, 'other'), options));
    expect(lines).toEqual(['copy b: always', 'failed a: ERR_S3KIT_SOURCE_CHANGED']);
    expect(await objectsIn(world)).toEqual({ a: 'NEW' });
    expect(await objectsIn(world, '', 'other')).toHaveProperty('b', 'old');
  });

  test.each(['before', 'after'] as const)(
    'also where it is moved to this machine, %s it is read',
    async (when) => {
      await world.objects('', { a: 'old', b: 'old' });
      const from = remote(meddling(/^GET .*\/a/, when, overwrite), 'bucket');
      const folder = await world.files('down', {});
      expect(await told(sync(from, local(folder), moving))).toEqual([
        'download b: always',
        'failed a: ERR_S3KIT_SOURCE_CHANGED',
      ]);
      expect(await objectsIn(world)).toEqual({ a: 'NEW' });
    },
  );

  test('and where it goes through this machine', async () => {
    await world.objects('', { a: 'old', b: 'old' });
    const from = remote(meddling(/^GET .*\/a/, 'before', overwrite), 'bucket');
    expect(await told(sync(from, remote(world.storage, 'other'), moving))).toEqual([
      'copy b: always',
      'failed a: ERR_S3KIT_SOURCE_CHANGED',
    ]);
    expect(await objectsIn(world, '', 'other')).toEqual({ b: 'old' });
  });

  test('one of an action that tells no ETag, too', async () => {
    await world.objects('', { a: 'old', b: 'old' });
    const actions = ['a', 'b'].map((name) => ({
      kind: 'copy' as const,
      name,
      size: 3,
      reason: 'always' as const,
      source: { name, size: 3, modified: 0 },
    }));
    const storage = meddling(/^PUT .*other/, 'after', overwrite);
    const options = { ...moving, concurrency: 1 };
    const places = [remote(storage, 'bucket'), remote(storage, 'other')] as const;
    expect(await told(carryOut(actions, ...places, options))).toEqual([
      'copy b: always',
      'failed a: ERR_S3KIT_SOURCE_CHANGED',
    ]);
    expect(await objectsIn(world)).toEqual({ a: 'NEW' });
  });

  test('that has gone by itself is no failure', async () => {
    await world.objects('', { a: '1', b: '2' });
    const remove = (): Promise<void> => world.storage.delete(new S3Name('a', 'bucket'));
    const storage = meddling(/^PUT .*other/, 'after', remove);
    const { ok } = await summaryOf(
      sync(remote(storage, 'bucket'), remote(storage, 'other'), { ...moving, concurrency: 1 }),
    );
    expect(ok).toBe(true);
    expect(await objectsIn(world)).toEqual({});
  });
});

test('what is moved is looked at by pages, and deleted by the thousand', async () => {
  const names = Array.from({ length: 1_200 }, (_, index) => `k${String(index).padStart(4, '0')}`);
  await world.objects('', Object.fromEntries(names.map((name) => [name, ''])));
  const recording = world.server.record();
  const events = await all(sync(world.bucket(), remote(world.storage, 'other'), moving));
  recording.stop();
  expect(events.at(-1)).toMatchObject({ ok: true, totals: { copied: { count: 1_200 } } });
  const operations = recording.requests.map(({ operation = '' }) => operation);
  const others = operations.filter((operation) => operation !== 'CopyObject');
  // A page or two of the source's listing; and for each batch a look, by one page more and the object before it.
  expect(others.filter((operation) => operation === 'DeleteObjects').length).toBeLessThan(5);
  expect(others.length).toBeLessThan(20);
  expect(await objectsIn(world)).toEqual({});
});

test('names that lie far apart are asked for one by one, not by all that lies between', async () => {
  const names = Array.from({ length: 2_500 }, (_, index) => `k${String(index).padStart(4, '0')}`);
  await world.objects('', Object.fromEntries(names.map((name) => [name, ''])));
  const filter = { names: [...names.slice(0, 12), 'k1500', 'k2499'] };
  const recording = world.server.record();
  await all(sync(world.bucket(), remote(world.storage, 'other'), { ...moving, filter }));
  recording.stop();
  const operations = recording.requests.map(({ operation }) => operation);
  const counts = ['ListObjectsV2', 'HeadObject'].map(
    (operation) => operations.filter((one) => one === operation).length,
  );
  // Three pages of the source's listing, and two to look again; the first name and the last by themselves.
  expect(counts).toEqual([5, 2]);
  expect(Object.keys(await objectsIn(world))).toHaveLength(2_500 - 14);
});

test('what has been sent and cannot be deleted has failed, and is not done', async () => {
  await world.objects('', { a: '1', b: '2' });
  world.server.inject({ operation: 'DeleteObjects', error: { status: 403, code: 'AccessDenied' }, times: 9 });
  const events = await all(sync(world.bucket(), remote(world.storage, 'other'), moving));
  expect(events.map(({ type }) => type)).toEqual(['failed', 'failed', 'summary']);
  expect(events.at(-1)).toMatchObject({ totals: { copied: { count: 0 }, failed: { count: 2 } } });
  expect(await objectsIn(world)).toEqual({ a: '1', b: '2' });
});

describe('a bucket that is reached by two names', () => {
  const byAddress = (): Storage => world.anotherStorage({}, '127.0.0.1');

  test.each([
    ['onto itself', 'p', 'p', moving],
    ['into a folder of its own', 'p', 'p/q', moving],
    ['and its source deleted from it', 'p/q', 'p', { delete: true }],
  ] as const)('is not moved %s', async (_, from, to, options) => {
    await world.objects('', { 'p/a': '1', 'p/q/b': '2' });
    const places = [remote(byAddress(), 'bucket', from), world.bucket(to)] as const;
    const recording = world.server.record();
    await expect(all(sync(...places, options))).rejects.toThrow(
      /lies in the .* seems to be s3:\/\/bucket at localhost/,
    );
    await expect(all(carryOut([], ...places, options))).rejects.toThrow(TypeError);
    recording.stop();
    expect(recording.requests.map(({ method }) => method)).not.toContain('PUT');
    expect(await objectsIn(world)).toEqual({ 'p/a': '1', 'p/q/b': '2' });
  });

  test('is moved within, where nothing lies in the other', async () => {
    await world.objects('', { 'p/a': '1' });
    expect(await told(sync(remote(byAddress(), 'bucket', 'p'), world.bucket('q'), moving))).toEqual([
      'copy a: always',
    ]);
    expect(await objectsIn(world)).toEqual({ 'q/a': '1' });
  });
});

describe('two buckets of one name, at two services', () => {
  let another: World;
  beforeEach(async () => {
    another = await openWorld();
  });
  afterEach(() => another.close());

  const there = (): Storage => another.anotherStorage({}, 'elsewhere');

  test.each([
    ['has nothing', {}],
    ['has others', { b: '3' }],
    ['has older ones of the same size', { a: '0', b: '0' }],
  ])('are told apart, where the destination %s', async (_, existing) => {
    await world.objects('', { a: '1', b: '2' });
    await another.objects('', existing);
    const { ok } = await summaryOf(sync(world.bucket(), remote(there(), 'bucket'), moving));
    expect(ok).toBe(true);
    expect(await objectsIn(world)).toEqual({});
    expect(await objectsIn(another)).toEqual({ a: '1', b: '2' });
  });

  test('are not taken to be two by an object that is being written', async () => {
    await world.objects('', { a: 'old' });
    const overwrite = (): Promise<unknown> => world.objects('', { a: 'NEW' });
    const from = remote(meddling(/^HEAD .*\/a/, 'after', overwrite), 'bucket');
    await expect(all(sync(from, remote(there(), 'bucket'), moving))).rejects.toThrow('seems to be');
    expect(await objectsIn(world)).toEqual({ a: 'NEW' });
  });
});

describe('a folder that goes to one above it, with a folder of its own name in it', () => {
  const inner = { '1': 'inner 1', x: 'inner x', z: 'inner z' };
  beforeEach(() => world.objects('p/', { '1': 'outer 1', x: 'outer x' }));

  test.each([
    ['other', { '1': 'inner 1', x: 'inner x', z: 'inner z' }],
    ['the same', { '1': 'outer 1', x: 'outer x', z: 'inner z' }],
  ])('no object is lost, of %s content', async (_, content) => {
    await world.objects('p/p/', content);
    // In the order of their keys: of one name, that above comes first; of the other, that below.
    const lines = await told(sync(world.bucket('p/'), world.bucket(), moving));
    expect(lines.filter((line) => !line.startsWith('failed'))).toEqual(
      expect.arrayContaining(['copy 1: always', 'copy p/z: always', 'copy x: always']),
    );
    await all(sync(world.bucket('p/p/'), world.bucket('p/'), moving));
    expect(await objectsIn(world)).toEqual({
      '1': 'outer 1',
      x: 'outer x',
      'p/1': content['1'],
      'p/x': content.x,
      'p/z': 'inner z',
    });
  });

  test('what a filter keeps out of it is overwritten, as any destination is', async () => {
    await world.objects('p/p/', inner);
    const filter = { rules: [{ exclude: '/x' }, { exclude: '/1' }] };
    await all(sync(world.bucket('p/'), world.bucket(), { ...moving, filter }));
    expect(await objectsIn(world)).toEqual({ 'p/1': 'inner 1', 'p/x': 'inner x', 'p/z': 'inner z' });
  });

  test('to copy it says what to do', async () => {
    await world.objects('p/p/', { x: 'inner x' });
    const events = await all(sync(world.bucket('p/'), world.bucket(), { compare: 'always' }));
    expect(events.flatMap((event) => (event.type === 'failed' ? [event.error.message] : []))).toEqual([
      'its place, s3://bucket/p/x, holds what is to be sent itself, and would be lost: send s3://bucket/p/p/ by itself, afterwards',
    ]);
    expect(await objectsIn(world)).toMatchObject({ x: 'outer x', 'p/x': 'outer x', 'p/p/x': 'inner x' });
  });

  test('also by another host name of the service', async () => {
    await world.objects('p/p/', { x: 'inner x' });
    const other = remote(world.anotherStorage({}, '127.0.0.1'), 'bucket');
    await all(sync(world.bucket('p/'), other, moving));
    expect(Object.values(await objectsIn(world)).sort()).toEqual(['inner x', 'outer 1', 'outer x']);
  });
});
