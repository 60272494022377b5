import { mkdir, readdir, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type S3ConnectionRuntime, S3Name, type Storage } from '@s3kit/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { carryOut, copyThrough, type Filter, local, plan, remote, removeAll, sync } from '../src/index.ts';
import { all, filesIn, objectsIn, openWorld, summaryOf, told, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const tree = {
  'a.txt': 'a',
  'a/b': 'ab',
  a0: 'a0',
  'deep/er/still': 'x',
  'é\u{1f600}': 'emoji',
  'é\uffee': 'bmp',
};

describe('between a folder and a bucket', () => {
  test('sends what is missing, and then nothing more', async () => {
    const folder = await world.files('up', tree);
    const first = await told(sync(local(folder), world.bucket('p')));
    expect(first).toHaveLength(Object.keys(tree).length);
    expect(await objectsIn(world, 'p/')).toEqual(tree);
    expect(await told(sync(local(folder), world.bucket('p')))).toEqual([]);
    const { totals, ok } = await summaryOf(sync(local(folder), world.bucket('p')));
    expect(ok).toBe(true);
    expect(totals.unchanged).toBe(Object.keys(tree).length);
  });

  test('what other shards care for, and what a filter leaves out, was not compared: it is not unchanged', async () => {
    const folder = await world.files('up', Object.fromEntries([...'abcdefgh'].map((name) => [name, name])));
    await world.files('up', { long: '12345' });
    await all(sync(local(folder), world.bucket()));
    const counts = await Promise.all(
      [0, 1].map(async (index) => {
        const { totals } = await summaryOf(
          sync(local(folder), world.bucket(), { shard: { index, count: 2 } }),
        );
        return totals.unchanged;
      }),
    );
    expect(Math.min(...counts)).toBeGreaterThan(0);
    expect((counts[0] ?? 0) + (counts[1] ?? 0)).toBe(9);
    const filter = { maximumSize: 1 };
    expect((await summaryOf(sync(local(folder), world.bucket(), { filter }))).totals.unchanged).toBe(8);
  });

  test('fetches what is missing, with the time of the object, and then nothing more', async () => {
    await world.objects('p/', tree);
    const folder = join(world.folder, 'new', 'down');
    await all(sync(world.bucket('p'), local(folder)));
    expect(await filesIn(folder)).toEqual(tree);
    const [key] = await all(world.storage.bucketListKeys('bucket', { prefix: 'p/a.txt' }));
    const listed = typeof key === 'object' ? key.modifiedAt.getTime() : 0;
    expect((await stat(join(folder, 'a.txt'))).mtimeMs).toBeCloseTo(listed, 1);
    expect(await told(sync(world.bucket('p'), local(folder)))).toEqual([]);
  });

  test('sends again what has another size, or is newer', async () => {
    const folder = await world.files('up', { same: '1', longer: '1', newer: '1' });
    await all(sync(local(folder), world.bucket()));
    await writeFile(join(folder, 'longer'), '22');
    await utimes(join(folder, 'longer'), 0, 0);
    await utimes(join(folder, 'newer'), new Date(), new Date(Date.now() + 60_000));
    expect(await told(sync(local(folder), world.bucket()))).toEqual([
      'upload longer: size',
      'upload newer: newer',
    ]);
    expect(await told(sync(local(folder), world.bucket(), { compare: 'size' }))).toEqual([]);
  });

  test('deletes what is extra only where it is asked to', async () => {
    const folder = await world.files('up', { kept: '1' });
    await world.objects('', { extra: '1', 'more/extra': '2' });
    expect(await told(sync(local(folder), world.bucket()))).toEqual(['upload kept: missing']);
    expect(await told(sync(local(folder), world.bucket(), { delete: true }))).toEqual([
      'delete extra: extra',
      'delete more/extra: extra',
    ]);
    expect(await objectsIn(world)).toEqual({ kept: '1' });
  });

  test('removes the folders that deletions have emptied, and no others', async () => {
    await world.objects('', { 'x/kept': '1' });
    const folder = await world.files('down', { 'x/kept': '1', 'x/y/extra': '2', 'z/extra': '3' });
    await mkdir(join(folder, 'empty'));
    await all(sync(world.bucket(), local(folder), { delete: true }));
    expect(await filesIn(folder)).toEqual({ 'x/kept': '1' });
    await expect(stat(join(folder, 'x', 'y'))).rejects.toThrow('ENOENT');
    await expect(stat(join(folder, 'z'))).rejects.toThrow('ENOENT');
    expect((await stat(join(folder, 'empty'))).isDirectory()).toBe(true);
  });

  test('with folders, a folder that the source has stays when it is emptied, and one that it lacks goes', async () => {
    await world.objects('', { 'd/': '', 'd/e/': '', k: '' });
    const folder = await world.files('down', {
      'd/extra': '1',
      'd/e/extra': '1',
      'x/y/extra': '2',
      'x/z': '3',
    });
    await mkdir(join(folder, 'x', 'empty'));
    const options = { delete: true, folders: true };
    await all(sync(world.bucket(), local(folder), options));
    expect((await readdir(folder, { recursive: true })).sort()).toEqual(['d', 'd/e', 'k']);
    expect(await told(sync(world.bucket(), local(folder), options))).toEqual([]);
  });

  test('with folders, one stays in which the source has something, though it has no object of its own', async () => {
    await world.objects('', { 'd/e/f': '1', k: '2' });
    const folder = await world.files('down', {
      'd/extra': '1',
      'x/y/extra': '2',
      'x/z': '3',
      'w/large': '12345',
    });
    const options = { delete: true, folders: true, filter: { maximumSize: 4 } };
    await all(sync(world.bucket(), local(folder), options));
    expect((await readdir(folder, { recursive: true })).sort()).toEqual([
      'd',
      'd/e',
      'd/e/f',
      'k',
      'w',
      'w/large',
    ]);
    // Nor is that planned again and again.
    expect(await told(sync(world.bucket(), local(folder), options))).toEqual([]);
  });

  test('a dry run tells the same, with sizes, and does nothing', async () => {
    const folder = await world.files('up', { one: '1', two: '22' });
    await world.objects('', { extra: '333' });
    const events = await all(sync(local(folder), world.bucket(), { delete: true, dryRun: true }));
    const planned = events.flatMap((event) =>
      event.type === 'planned' ? [[event.action.name, event.action.size]] : [],
    );
    expect(planned).toEqual([
      ['one', 1],
      ['two', 2],
      ['extra', 3],
    ]);
    expect(await objectsIn(world)).toEqual({ extra: '333' });
  });

  test('a plan is a stream of actions in the order of the names; it can be picked from, and carried out', async () => {
    const folder = await world.files('up', { one: '1', two: '22' });
    await world.objects('', { extra: '333', one: '1' });
    const actions = await all(plan(local(folder), world.bucket(), { delete: true }));
    expect(actions.map(({ kind, name, size, reason }) => [kind, name, size, reason])).toEqual([
      ['delete', 'extra', 3, 'extra'],
      ['upload', 'two', 2, 'missing'],
    ]);
    await all(
      carryOut(
        actions.filter(({ kind }) => kind === 'delete'),
        local(folder),
        world.bucket(),
      ),
    );
    expect(await objectsIn(world)).toEqual({ one: '1' });
  });

  test('moves: what has been sent is gone from the source', async () => {
    const folder = await world.files('up', { one: '1', 'two/three': '3' });
    await all(sync(local(folder), world.bucket('p'), { compare: 'always', move: true }));
    expect(await filesIn(folder)).toEqual({});
    await all(sync(world.bucket('p'), remote(world.storage, 'other'), { compare: 'always', move: true }));
    expect(await objectsIn(world)).toEqual({});
    expect(await objectsIn(world, '', 'other')).toEqual({ one: '1', 'two/three': '3' });
  });

  test('what cannot be sent stays where it is moved from', async () => {
    const folder = await world.files('up', { bad: '1', good: '2' });
    world.server.inject({
      operation: 'PutObject',
      key: 'bad',
      error: { status: 403, code: 'AccessDenied' },
      times: 9,
    });
    expect(await told(sync(local(folder), world.bucket(), { move: true }))).toEqual([
      'failed bad: AccessDenied',
      'upload good: missing',
    ]);
    expect(await filesIn(folder)).toEqual({ bad: '1' });
  });

  test('headers are for all, or for each', async () => {
    const folder = await world.files('up', { 'a.html': '1', 'b.txt': '2' });
    const headers = ({ name }: { name: string }): Record<string, string> =>
      name.endsWith('.html') ? { 'content-type': 'text/html' } : {};
    await all(sync(local(folder), world.bucket(), { headers }));
    const { headers: got } = await world.storage.readStream(new S3Name('a.html', 'bucket'));
    expect(got['content-type']).toBe('text/html');
  });

  // aws s3 and rclone ask for each by itself.
  test('removes and moves a thousand objects in a request', async () => {
    await world.objects(
      '',
      Object.fromEntries(Array.from({ length: 1_500 }, (_, index) => [`k${index}`, ''])),
    );
    const recording = world.server.record();
    await all(removeAll(world.bucket()));
    recording.stop();
    const deletions = recording.requests.filter(({ operation }) => operation?.startsWith('Delete'));
    expect(deletions.map(({ operation }) => operation)).toEqual(['DeleteObjects', 'DeleteObjects']);
    expect(await objectsIn(world)).toEqual({});
  });

  test('tells what it has removed before the listing broke off', async () => {
    await world.objects(
      '',
      Object.fromEntries(Array.from({ length: 1_500 }, (_, index) => [`k${index}`, ''])),
    );
    world.server.inject({
      operation: 'ListObjectsV2',
      skip: 1,
      error: { status: 403, code: 'AccessDenied' },
    });
    const lines = await told(removeAll(remote(world.storage, 'bucket', '', { listConcurrency: 1 })));
    expect(lines.filter((line) => line.startsWith('delete'))).toHaveLength(1_000);
    expect(lines).toContain('failed (plan): AccessDenied');
    expect(Object.keys(await objectsIn(world))).toHaveLength(500);
  });

  // s5cmd deletes the object before the file has its name.
  test('an object that cannot be put in its place is not moved', async () => {
    await world.objects('', { a: '1', b: '2' });
    const folder = await world.files('down', { 'a/in-the-way': '1' });
    const lines = await told(sync(world.bucket(), local(folder), { move: true }));
    expect(lines).toEqual(['download b: missing', 'skipped a: clash']);
    expect(await objectsIn(world)).toEqual({ a: '1' });
  });

  test('a dry run tells what stands in the way, as the run itself does, and makes nothing', async () => {
    await world.objects('', { a: '1', b: '2', 'c/d': '3', e: '4' });
    const folder = await world.files('down', { 'a/in-the-way': '1', c: 'no folder' });
    await mkdir(join(world.folder, 'elsewhere'));
    await symlink(join(world.folder, 'elsewhere', 'file'), join(folder, 'e'));
    await writeFile(join(world.folder, 'elsewhere', 'file'), '');
    const run = (dryRun: boolean): Promise<string[]> =>
      told(sync(world.bucket(), local(folder), { compare: 'always', dryRun }));
    expect(await run(true)).toEqual([
      'skipped a: clash',
      'skipped c/d: clash',
      'skipped e: outside',
      'would download b: always',
    ]);
    expect((await readdir(folder)).sort()).toEqual(['a', 'c', 'e']);
    expect(await run(false)).toEqual(['download b: always', ...(await run(true)).slice(0, 3)]);
  });

  test.each([[['x', 'x/y', 'x/z/a', 'y']], [['x/y', 'x', 'z']], [['a//b', 'a/../b', 'c']]])(
    'also where one is told of by a list, whatever its order: %j',
    async (names) => {
      await world.objects('', Object.fromEntries(names.map((name) => [name, '1'])));
      const actions = names.map((name) => {
        const source = { name, size: 1, modified: 0 };
        return { kind: 'download', name, size: 1, reason: 'always', source } as const;
      });
      const folder = join(world.folder, 'new');
      const run = (dryRun: boolean): Promise<string[]> =>
        told(carryOut(actions, world.bucket(), local(folder), { dryRun, concurrency: 1 }));
      const planned = await run(true);
      expect(await readdir(world.folder)).not.toContain('new');
      const done = await run(false);
      expect(new Set(planned.map((line) => line.replace('would ', '')))).toEqual(new Set(done));
      expect(planned.filter((line) => line.startsWith('skipped'))).not.toEqual([]);
    },
  );

  test('removes everything in a folder, and folders that were empty before', async () => {
    const folder = await world.files('down', { 'a/b': '1', kept: '2' });
    await mkdir(join(folder, 'a', 'empty', 'still'), { recursive: true });
    await mkdir(join(folder, 'empty'));
    const filter = { rules: [{ exclude: 'kept' }] };
    expect(await told(removeAll(local(folder), { filter, dryRun: true }))).toEqual([
      'would delete a/b: extra',
    ]);
    expect(await told(removeAll(local(folder), { filter }))).toEqual(['delete a/b: extra']);
    expect(await readdir(folder)).toEqual(['kept']);
  });

  test('removes everything below a prefix, its markers too', async () => {
    await world.objects('', { 'p/': '', 'p/a/': '', 'p/a/b': '1', p2: '2' });
    expect(await told(removeAll(world.bucket('p')))).toHaveLength(3);
    expect(await objectsIn(world)).toEqual({ p2: '2' });
  });
});

describe('existing files', () => {
  test('keep: nothing is replaced, not even what was made in the meantime', async () => {
    const folder = await world.files('up', { there: 'new', racing: 'new', missing: 'new' });
    await world.objects('', { there: 'old' });
    const actions = await all(plan(local(folder), world.bucket(), { existing: 'keep' }));
    expect(actions.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'upload missing',
      'upload racing',
      'skip there',
    ]);
    // It appears between the plan and the transfer.
    await world.objects('', { racing: 'old' });
    const lines = await told(carryOut(actions, local(folder), world.bucket(), { existing: 'keep' }));
    // Silent in s5cmd: what is kept is told of.
    expect(lines).toEqual(['skipped racing: exists', 'skipped there: exists', 'upload missing: missing']);
    expect(await objectsIn(world)).toEqual({ there: 'old', racing: 'old', missing: 'new' });
  });

  test('keep: an object that is there after a lost answer may be ours, and has failed', async () => {
    const folder = await world.files('up', { mine: 'new' });
    world.server.inject({ operation: 'PutObject', reset: 'after' });
    const lines = await told(sync(local(folder), world.bucket(), { existing: 'keep', move: true }));
    expect(lines).toEqual(['failed mine: PreconditionFailed']);
    expect(await filesIn(folder)).toEqual({ mine: 'new' });
  });

  test.each([{}, { move: true }])('keep, of files: %j', async (options) => {
    await world.objects('', { a: 'new', 'd/b': 'new', missing: 'new' });
    const folder = join(world.folder, 'down');
    const meanwhile = { a: 'old', 'd/b': 'old' };
    const transport: typeof world.server.transport = async (request, ...others) => {
      // Right before the content comes.
      const name = Object.keys(meanwhile).find((one) => request.target.endsWith(`/${one}`));
      if (request.method === 'GET' && name !== undefined) await world.files('down', { [name]: 'old' });
      return world.server.transport(request, ...others);
    };
    const storage = world.anotherStorage({ transport });
    const lines = await told(
      sync(remote(storage, 'bucket'), local(folder), { existing: 'keep', ...options }),
    );
    expect(lines).toEqual(['download missing: missing', 'skipped a: exists', 'skipped d/b: exists']);
    expect(await filesIn(folder)).toEqual({ ...meanwhile, missing: 'new' });
    const left =
      options.move === true ? { a: 'new', 'd/b': 'new' } : { a: 'new', 'd/b': 'new', missing: 'new' };
    expect(await objectsIn(world)).toEqual(left);
  });

  test('only: what is missing stays missing', async () => {
    const folder = await world.files('up', { there: 'newer', missing: 'new' });
    await world.objects('', { there: 'old' });
    await all(sync(local(folder), world.bucket(), { existing: 'only' }));
    expect(await objectsIn(world)).toEqual({ there: 'newer' });
  });

  test('ifMatch: an object that was changed since it was listed is not replaced', async () => {
    const folder = await world.files('up', { one: 'mine' });
    await world.objects('', { one: 'old' });
    const actions = await all(plan(local(folder), world.bucket()));
    await world.objects('', { one: 'theirs' });
    const options = { ifMatch: true };
    expect(await told(carryOut(actions, local(folder), world.bucket(), options))).toEqual([
      'failed one: PreconditionFailed',
    ]);
    expect(await objectsIn(world)).toEqual({ one: 'theirs' });
    expect(await told(sync(local(folder), world.bucket(), options))).toEqual(['upload one: size']);
  });

  test('exactTimestamps: a local file that is newer is replaced too', async () => {
    await world.objects('', { one: 'old' });
    const folder = await world.files('down', { one: 'new' }, new Date(Date.now() + 60_000));
    expect(await told(sync(world.bucket(), local(folder)))).toEqual([]);
    expect(await told(sync(world.bucket(), local(folder), { exactTimestamps: true }))).toEqual([
      'download one: time',
    ]);
  });
});

describe('from bucket to bucket', () => {
  test('in the service, where one connection reaches both: no content comes through here', async () => {
    await world.objects('p/', { ...tree, 'marker/': '' });
    const recording = world.server.record();
    await all(sync(world.bucket('p'), remote(world.storage, 'other', 'q')));
    recording.stop();
    const operations = new Set(recording.requests.map(({ operation }) => operation));
    expect(operations).toEqual(new Set(['ListObjectsV2', 'CopyObject']));
    expect(await objectsIn(world, 'q/', 'other')).toEqual({ ...tree, 'marker/': '' });
    expect(await told(sync(world.bucket('p'), remote(world.storage, 'other', 'q')))).toEqual([]);
  });

  test('through here, where it takes two connections; content type and metadata go along', async () => {
    const headers = { 'content-type': 'text/html', 'x-amz-meta-a': 'b' };
    await world.storage.write({ text: '<p>' }, new S3Name('p/one', 'bucket'), { headers });
    const other = world.anotherStorage();
    await all(sync(world.bucket('p'), remote(other, 'other')));
    const object = await other.readStream(new S3Name('one', 'other'));
    expect(object.headers['content-type']).toBe('text/html');
    expect(object.metadata).toEqual({ 'x-amz-meta-a': 'b' });
    expect(await objectsIn(world, '', 'other')).toEqual({ one: '<p>' });
  });
});

describe('a copy through here is what it would be in the service', () => {
  const name = new S3Name('one', 'bucket');
  const properties = {
    'content-type': 'text/html',
    'cache-control': 'no-store',
    'x-amz-meta-a': '1',
    'x-amz-meta-b': '2',
    'x-amz-tagging': 't=1&x%20y=%C3%BC%2B',
    'x-amz-storage-class': 'GLACIER_IR',
  };
  const limits = { multipartThreshold: 5 * 1024 * 1024 };

  /** What is known of an object, but for what each object has of its own. */
  async function propertiesOf(storage: Storage): Promise<unknown> {
    const copy = new S3Name('one', 'other');
    const { headers, size } = await storage.head(copy);
    const { Tagging } = await storage.objectGetTagging(copy);
    const ofItsOwn = /^(date|last-modified|etag|x-amz-(id-2|request-id|checksum-.*))$/;
    const others = Object.entries(headers).filter(([header]) => !ofItsOwn.test(header));
    return { size, tags: Tagging.TagSet.Tag, headers: Object.fromEntries(others) };
  }

  test.each([
    ['nothing is given', {}],
    ['metadata are given', { 'X-Amz-Meta-C': '3' }],
    ['a content type is given', { 'Content-Type': 'text/x-test' }],
    ['tags are given', { 'x-amz-tagging': 'u=2' }],
    ['there are to be no tags', { 'x-amz-tagging-directive': 'REPLACE' }],
    ['a storage class is given', { 'x-amz-storage-class': 'STANDARD_IA' }],
  ])('where %s', async (_, headers) => {
    for (const size of [3, 6 * 1024 * 1024]) {
      await world.storage.write(new Uint8Array(size), name, { headers: properties });
      const options = { compare: 'always', headers } as const;
      await all(sync(world.bucket(), remote(world.storage, 'other'), options));
      const within = await propertiesOf(world.storage);
      await world.storage.delete(new S3Name('one', 'other'));
      const another = world.anotherStorage({ limits });
      expect(await told(sync(world.bucket(), remote(another, 'other'), options))).toEqual([
        'copy one: always',
      ]);
      expect(await propertiesOf(world.storage)).toEqual(within);
    }
  });

  test('and is not made of what has tags that cannot be read, unless others are given', async () => {
    await world.storage.write({ text: '1' }, name, { headers: properties });
    const transport: NonNullable<S3ConnectionRuntime['transport']> = async (request, signal) => {
      const answer = await world.server.transport(request, signal);
      return request.method === 'GET' && request.target.includes('tagging')
        ? { ...answer, status: 403 }
        : answer;
    };
    const from = remote(world.anotherStorage({ transport }), 'bucket');
    const options = { compare: 'always', move: true } as const;
    const events = await all(sync(from, remote(world.storage, 'other'), options));
    expect(events[0]).toMatchObject({
      type: 'failed',
      action: { name: 'one' },
      error: { code: 'Forbidden', message: expect.stringContaining('--tag, or x-amz-tagging') },
    });
    expect([await objectsIn(world), await objectsIn(world, '', 'other')]).toEqual([{ one: '1' }, {}]);
    const headers = { 'x-amz-tagging': 'u=2' };
    expect(await told(sync(from, remote(world.storage, 'other'), { ...options, headers }))).toEqual([
      'copy one: always',
    ]);
  });
});

// Not every service gives non-ASCII as S3 does. The expected values: RFC 6266 and 2047, by Python's `email` and `urllib`.
test.each([
  [
    'content-disposition',
    'attachment; filename="ü \\"1\\".txt"',
    "attachment; filename*=UTF-8''%C3%BC%20%221%22.txt",
  ],
  ['content-disposition', "inline; filename=ü; filename*=UTF-8''%C3%BC", "inline; filename*=UTF-8''%C3%BC"],
  ['x-amz-meta-title', 'Grüße', '=?UTF-8?B?R3LDvMOfZQ==?='],
])('what a service gives as bytes beyond ASCII goes through here: %s: %s', async (name, text, expected) => {
  await world.objects('', { one: '1' });
  for (const encoding of ['utf8', 'latin1'] as const) {
    const transport: NonNullable<S3ConnectionRuntime['transport']> = async (request, signal) => {
      const answer = await world.server.transport(request, signal);
      if (request.method !== 'GET' || !request.target.includes('/one')) return answer;
      // As Node hands on the bytes of a header.
      const received = Buffer.from(text, encoding).toString('latin1');
      return { ...answer, headers: { ...answer.headers, [name]: received } };
    };
    const from = remote(world.anotherStorage({ transport }), 'bucket');
    expect(await told(sync(from, remote(world.storage, 'other'), { compare: 'always' }))).toEqual([
      'copy one: always',
    ]);
    const { headers } = await world.storage.readStream(new S3Name('one', 'other'));
    expect(headers[name]).toBe(expected);
  }
});

describe('arguments', () => {
  test('what cannot be is refused at once', () => {
    const here = local('.');
    expect(() => sync(here, here)).toThrow(TypeError);
    expect(() => local('')).toThrow(TypeError);
    const there = world.bucket();
    expect(() => sync(here, there, { concurrency: 0 })).toThrow(RangeError);
    expect(() => sync(here, there, { shard: { index: 2, count: 2 } })).toThrow('shard.index');
    // Of another type on purpose.
    expect(() => sync(here, there, { compare: 'mtime' as never })).toThrow('compare is one of');
    expect(() => carryOut([], here, there, { journal: 'j' } as never)).toThrow('carryOut takes no journal');
  });

  test('a place that lies in the other one is refused', () => {
    const [all, inner] = [world.bucket('p'), world.bucket('p/q')];
    expect(() => sync(all, inner)).toThrow('the destination lies in the source');
    expect(() => sync(all, world.bucket('p'))).toThrow('the destination lies in the source');
    expect(() => sync(inner, all, { delete: true })).toThrow('it would be deleted');
    expect(() => sync(inner, all)).not.toThrow();
    const excluding = (pattern: string): { filter: Filter } => ({
      filter: { rules: [{ exclude: pattern }] },
    });
    expect(() => sync(all, inner, excluding('/q/a'))).toThrow('the destination lies in the source');
    expect(() => sync(all, inner, excluding('/q/'))).not.toThrow();
    expect(() => sync(all, world.bucket('p'), excluding('**'))).toThrow('the destination lies in the source');
    expect(() => sync(all, remote(world.storage, 'other', 'p/q'))).not.toThrow();
  });

  test('a prefix is a folder, unless it is exact', () => {
    expect(remote(world.storage, 'bucket', 'logs').prefix).toBe('logs/');
    expect(remote(world.storage, 'bucket', 'logs', { exact: true }).prefix).toBe('logs');
    expect(remote(world.storage, 'bucket').prefix).toBe('');
  });
});

test('copyThrough: as many parts are under way as it is told', async () => {
  await world.storage.write(new Uint8Array(33 * 2 ** 20), new S3Name('large', 'bucket'));
  let underWay = 0;
  let most = 0;
  const other = world.anotherStorage({
    transport: async (request, ...others) => {
      most = Math.max(most, ++underWay);
      await setTimeout(5);
      return world.server.transport(request, ...others).finally(() => underWay--);
    },
  });
  const copy = (concurrency?: number): Promise<number | undefined> =>
    copyThrough(
      { storage: world.storage, name: new S3Name('large', 'bucket') },
      { storage: other, name: new S3Name('copy', 'other') },
      { concurrency },
    );
  expect([await copy(1), most]).toEqual([33 * 2 ** 20, 1]);
  await copy();
  expect(most).toBeGreaterThan(1);
});
