import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { local, plan, remote, sync } from '../src/index.ts';
import { hashOf, isOfShard } from '../src/shard.ts';
import { all, filesIn, objectsIn, openWorld, told, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const part = fc.constantFrom(
  'a',
  'b',
  'A',
  'a b',
  'é',
  '\u{1f600}',
  '\uffee',
  '+',
  '%41',
  '&<',
  "'",
  'x.txt',
  '\\',
  '-',
  'a!',
);
const name = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
/** Files of which none is a folder of another. */
const tree = fc
  .dictionary(name, fc.constantFrom('', '1', '22', '333'), { maxKeys: 12 })
  .map((files) =>
    Object.fromEntries(
      Object.entries(files).filter(
        ([one]) => !Object.keys(files).some((other) => other.startsWith(`${one}/`)),
      ),
    ),
  );
let run = 0;

test('after a sync that deletes, both sides are the same; a second one does nothing', async () => {
  await fc.assert(
    fc.asyncProperty(tree, tree, async (source, destination) => {
      const prefix = `up-${run++}/`;
      const options = { delete: true, allowEmptySource: true, compare: 'checksum' } as const;
      const folder = await world.files(prefix, source);
      await world.objects(prefix, destination);
      await all(sync(local(folder), world.bucket(prefix), options));
      expect(await objectsIn(world, prefix)).toEqual(source);
      expect(await told(sync(local(folder), world.bucket(prefix), options))).toEqual([]);
    }),
    { numRuns: 40 },
  );
});

test('the same downwards; what a file and a folder of one name keep apart takes a second run', async () => {
  await fc.assert(
    fc.asyncProperty(tree, tree, async (source, destination) => {
      const prefix = `down-${run++}/`;
      const options = { delete: true, allowEmptySource: true, compare: 'checksum' } as const;
      const folder = await world.files(prefix, destination);
      await world.objects(prefix, source);
      await all(sync(world.bucket(prefix), local(folder), options));
      await all(sync(world.bucket(prefix), local(folder), options));
      expect(await filesIn(folder)).toEqual(source);
      expect(await told(sync(world.bucket(prefix), local(folder), options))).toEqual([]);
      await rm(folder, { recursive: true });
    }),
    { numRuns: 40 },
  );
});

test('with faults, nothing that the source has is ever deleted, and a run without them mends all', async () => {
  const operations = fc.constantFrom('PutObject', 'ListObjectsV2', 'DeleteObjects', 'DeleteObject');
  const error = fc.constantFrom(
    { status: 403, code: 'AccessDenied' },
    { status: 500, code: 'InternalError' },
  );
  const faults = fc.array(
    fc.record({ operation: operations, error, skip: fc.nat(3), times: fc.integer({ min: 1, max: 8 }) }),
    { maxLength: 3 },
  );
  await fc.assert(
    fc.asyncProperty(tree, tree, faults, async (source, destination, list) => {
      const prefix = `faults-${run++}/`;
      const options = { delete: true, allowEmptySource: true } as const;
      const folder = await world.files(prefix, source);
      await world.objects(prefix, destination);
      const takeBack = list.map((fault) => world.server.inject(fault));
      const events = await all(sync(local(folder), world.bucket(prefix), options));
      for (const back of takeBack) back();
      const left = await objectsIn(world, prefix);
      const lost = Object.keys(destination).filter((one) => one in source && !(one in left));
      expect(lost).toEqual([]);
      // What failed before the deletions began has kept all of them.
      const transferFailed = events.some(
        ({ type, action }: { type: string; action?: { kind: string } }) =>
          type === 'failed' && action?.kind !== 'delete',
      );
      const deleted = events.filter((event) => event.type === 'done' && event.action.kind === 'delete');
      if (transferFailed) expect(deleted).toEqual([]);
      await all(sync(local(folder), world.bucket(prefix), options));
      expect(Object.keys(await objectsIn(world, prefix)).length).toBe(Object.keys(source).length);
    }),
    { numRuns: 40 },
  );
});

test("shards: the plans of all of them are the plan of a whole run, and no name is two shards'", async () => {
  const files = Object.fromEntries(
    Array.from({ length: 300 }, (_, index) => [`d${index % 7}/f${index}`, '1']),
  );
  const folder = await world.files('up', files);
  await world.objects(
    '',
    Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`extra-${index}`, '1'])),
  );
  const whole = await all(plan(local(folder), world.bucket(), { delete: true }));
  const parts = [];
  for (let index = 0; index < 5; index++)
    parts.push(await all(plan(local(folder), world.bucket(), { delete: true, shard: { index, count: 5 } })));
  const line = ({ kind, name: text }: { kind: string; name: string }): string => `${kind} ${text}`;
  expect(parts.flat()).toHaveLength(whole.length);
  expect(new Set(parts.flat().map(line))).toEqual(new Set(whole.map(line)));
  // Each has about its share.
  for (const own of parts) expect(Math.abs(own.length - 100)).toBeLessThan(40);
  // Five at once, with deletions.
  await Promise.all(
    parts.map((_, index) =>
      all(sync(local(folder), world.bucket(), { delete: true, shard: { index, count: 5 } })),
    ),
  );
  expect(await objectsIn(world)).toEqual(files);
  const down = join(world.folder, 'down');
  await Promise.all(
    parts.map((_, index) => all(sync(world.bucket(), local(down), { shard: { index, count: 5 } }))),
  );
  expect(await filesIn(down)).toEqual(files);
  await Promise.all(
    parts.map((_, index) =>
      all(
        sync(remote(world.storage, 'other'), local(down), {
          delete: true,
          allowEmptySource: true,
          shard: { index, count: 5 },
        }),
      ),
    ),
  );
  expect(await filesIn(down)).toEqual({});
});

test('the hash of names is the one that other versions use', () => {
  // FNV-1a of '' is its offset basis, 0x811c9dc5, and of 'foobar' 0xbf9cf968; fmix32 of both computed with smhasher's formula in Python.
  expect(hashOf('')).toBe(2872998923);
  expect(hashOf('foobar')).toBe(202221276);
  const counts = new Array<number>(8).fill(0);
  for (let index = 0; index < 8_000; index++)
    for (let shard = 0; shard < 8; shard++)
      if (isOfShard(`logs/2024-01-01/part-${index}.gz`, { index: shard, count: 8 }))
        counts[shard] = (counts[shard] ?? 0) + 1;
  // Within five standard deviations of 1,000.
  for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150);
});
