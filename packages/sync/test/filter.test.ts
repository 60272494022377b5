import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { compileFilter } from '../src/filter.ts';
import {
  entryFilter,
  type Filter,
  type FilterRule,
  local,
  parseFilterRules,
  plan,
  readFilterRules,
  removeAll,
  sync,
} from '../src/index.ts';
import { walk } from '../src/walk.ts';
import { all, objectsIn, openWorld, told, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

describe('patterns, as in a .gitignore', () => {
  test.each([
    ['*.jpg', ['a.jpg', 'x/y/a.jpg', 'a.jpg/inside'], ['a.jpeg', 'jpg']],
    ['build', ['build', 'build/x', 'a/build/y/z'], ['builder', 'rebuild/x']],
    ['build/', ['build/x', 'a/build/y', 'build/'], ['build', 'a/build']],
    ['/build', ['build', 'build/x'], ['a/build']],
    ['a/*.txt', ['a/b.txt'], ['a/b/c.txt', 'x/a/b.txt']],
    ['a/**/c', ['a/c', 'a/b/c', 'a/b/b/c/d'], ['a/bc']],
    ['a/**', ['a/b', 'a/b/c'], ['b/a/c']],
    ['*', ['a', '.hidden', 'a/b', '../x', 'line\nbreak', 'a//b'], []],
    ['?.[ab]', ['x.a', 'y/x.b'], ['xx.a', 'x.c']],
    ['{one,two}.txt', ['one.txt', 'x/two.txt'], ['three.txt']],
    ['photo (1).jpg', ['photo (1).jpg', 'x/photo (1).jpg'], ['photo 1.jpg']],
    ['a|b/x', ['a|b/x', 'a|b/x/y'], ['a', 'b/x']],
    ['{a(1),b|c}', ['a(1)', 'b|c'], ['a1', 'b', 'c']],
    ['[!a]', ['b', '!'], ['a']],
    ['a.b/[[:alpha:]]', ['a.b/c'], ['aXb/c', 'a.b/1']],
    ['/a[^[:digit:]]b', ['a-b'], ['a/b', 'a1b']],
    ['[[:graph:]]-[![:punct:]]', ['a-b', '!-b'], [' -b', 'a-!', 'a-`', 'a-^']],
    ['[[:punct:]]', [...'!"#$%&\'()*+,-:;<=>?@[\\]^_`{|}~'], ['a', '0', ' ']],
    ['log[12]', ['log1', 'x/log2/y'], ['log[12]', 'log[12]/x']],
    ['/log[12]', ['log1', 'log2/y'], ['log[12]', 'log[12]/x']],
    ['log\\[12\\]', ['log[12]', 'x/log[12]/y'], ['log1', 'log2/y']],
    ['\\*.txt', ['*.txt'], ['a.txt']],
    ['!a', ['!a'], ['b']],
    ['A', ['A'], ['a']],
  ] as const)('%s', (pattern, inside, outside) => {
    const { accepts } = compileFilter({ rules: [{ exclude: pattern }] });
    expect(inside.filter((name) => accepts(name))).toEqual([]);
    expect(outside.filter((name) => !accepts(name))).toEqual([]);
  });

  test('the last rule that matches wins', () => {
    const rules = [
      { exclude: '*' },
      { include: '*.jpg' },
      { exclude: 'private/' },
      { include: 'private/ok.jpg' },
    ];
    const { accepts } = compileFilter({ rules });
    const names = ['a.jpg', 'a.txt', 'private/a.jpg', 'private/ok.jpg', 'x/private/ok.jpg'];
    expect(names.filter((name) => accepts(name))).toEqual(['a.jpg', 'private/ok.jpg']);
  });

  test('rules come from text, and from a file', async () => {
    const text = '# comment\n\n+ *.jpg\n- *\nnode_modules\n';
    const rules = [{ include: '*.jpg' }, { exclude: '*' }, { exclude: 'node_modules' }];
    expect(parseFilterRules(text)).toEqual(rules);
    const path = join(await world.files('rules', {}), 'rules');
    await writeFile(path, text);
    expect(await readFilterRules(path)).toEqual(rules);
    await writeFile(path, Buffer.from('- b\xe4r', 'latin1'));
    await expect(readFilterRules(path)).rejects.toThrow(`${path} is not UTF-8`);
  });

  test('spaces at the end of a line do not count, unless they stand behind a backslash; nor does a byte order mark', () => {
    const text = '\ufeff*.log \r\n*.tmp  \n+ a b \nname\\ \nname\\  \nback\\\\ \n  lead\n   \n';
    expect(parseFilterRules(text)).toEqual([
      { exclude: '*.log' },
      { exclude: '*.tmp' },
      { include: 'a b' },
      { exclude: 'name\\ ' },
      { exclude: 'name\\ ' },
      { exclude: 'back\\\\' },
      { exclude: '  lead' },
    ]);
  });

  test.each([
    [{ rules: [{ exclude: 'a' }, { exclude: '' }] }, TypeError, 'filter.rules[1] is'],
    [{ rules: [{}] }, TypeError, 'filter.rules[0] is'],
    [{ rules: [null] }, TypeError, 'filter.rules[0] is'],
    [{ rules: 'a' }, TypeError, 'filter.rules is'],
    [{ names: 'a' }, TypeError, 'filter.names is'],
    [{ names: [1] }, TypeError, 'filter.names are'],
    [{ minimumSize: Number.NaN }, RangeError, 'filter.minimumSize is'],
    [{ maximumSize: -1 }, RangeError, 'filter.maximumSize is'],
    [{ modifiedSince: new Date('no date') }, RangeError, 'filter.modifiedSince is'],
    [{ modifiedBefore: '2020-01-01' }, TypeError, 'filter.modifiedBefore is'],
  ])('the filter %j is refused at once', (given, type, message) => {
    // Of another type on purpose.
    const filter = given as Filter;
    for (const start of [
      () => sync(local('.'), world.bucket(), { filter }),
      () => removeAll(world.bucket(), { filter }),
      () => entryFilter(filter),
    ]) {
      expect(start).toThrow(type);
      expect(start).toThrow(message);
    }
  });

  test('an empty rule is refused', () => {
    expect(() => compileFilter({ rules: [{ exclude: '/' }] })).toThrow(TypeError);
  });
});

// aws/aws-cli issues 1138, 7653: folders that are left out are walked all the same.
test('a folder of which nothing can be in is not walked', async () => {
  const folder = await world.files('up', { 'keep/a': '1', 'skip/b/c': '2' });
  await chmod(join(folder, 'skip'), 0o000);
  const { entersFolder } = compileFilter({ rules: [{ exclude: '/skip' }] });
  expect([entersFolder('skip/'), entersFolder('keep/')]).toEqual([false, true]);
  const lines = await told(
    sync(local(folder), world.bucket(), { filter: { rules: [{ exclude: '/skip' }] } }),
  );
  await chmod(join(folder, 'skip'), 0o700);
  expect(lines).toEqual(['upload keep/a: missing']);
});

test('what is left out by its folder is left out by its name: to prune loses nothing', () => {
  const part = fc.constantFrom('a', 'b', 'ab', 'c.txt');
  const name = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
  const pattern = fc.oneof(
    fc.constantFrom(
      '*',
      '**',
      'a',
      'b/',
      '/a',
      'a/b',
      'a/*',
      'a/**',
      '**/b',
      '*.txt',
      'a/**/b',
      '?',
      '/b/',
      '{a,b}',
      'a/b/*.txt',
    ),
    name,
  );
  const rule: fc.Arbitrary<FilterRule> = fc.oneof(
    pattern.map((include) => ({ include })),
    pattern.map((exclude) => ({ exclude })),
  );
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 5 }), name, (rules, text) => {
      const { accepts, entersFolder } = compileFilter({ rules });
      const folders = [...text.matchAll(/\//g)].map(({ index }) => text.slice(0, index + 1));
      if (folders.some((folder) => !entersFolder(folder))) expect(accepts(text)).toBe(false);
    }),
    { numRuns: 2_000 },
  );
});

test('names that are listed are all that is looked at, on both sides', async () => {
  const files = { a: '1', 'b/c': '2', 'b/d': '3', e: '4' };
  const folder = await world.files('up', files);
  await world.objects('', { gone: '5', extra: '6' });
  const filter = { names: ['b/c', 'e', 'gone', 'nowhere'], rules: [{ exclude: 'e' }] };
  expect(await told(sync(local(folder), world.bucket(), { filter, delete: true }))).toEqual([
    'delete gone: extra',
    'upload b/c: missing',
  ]);
  const { entersFolder } = compileFilter({ names: ['b/c/d'] });
  expect([entersFolder('b/'), entersFolder('b/c/'), entersFolder('b/d/')]).toEqual([true, true, false]);
});

test('files that are too small, too large, too old or too new are left alone on both sides', async () => {
  const folder = await world.files('up', { small: '1', fits: '22', large: '333' });
  await world.objects('', { small: '22', 'extra-large': '4444', extra: '22' });
  const filter = { minimumSize: 2, maximumSize: 3 };
  expect(await told(sync(local(folder), world.bucket(), { filter, delete: true }))).toEqual([
    'delete extra: extra',
    'upload fits: missing',
    'upload large: missing',
  ]);
  expect(Object.keys(await objectsIn(world))).toEqual(['extra-large', 'fits', 'large', 'small']);
  const changed = new Date(2020, 1, 1);
  const older = await all(plan(local(folder), world.bucket('new'), { filter: { modifiedBefore: changed } }));
  const since = await all(plan(local(folder), world.bucket('new'), { filter: { modifiedSince: changed } }));
  expect([older.length, since.length]).toEqual([0, 3]);
});

test('a walk is in the order of S3, whatever the tree', async () => {
  const tree = [
    'a',
    'a!',
    'a.txt',
    'a0',
    'b/c',
    'b.c',
    'b-/d',
    'b/c!/e',
    'B',
    'é',
    'é/x',
    '\u{1f600}',
    '\uffee',
  ];
  const names = tree.filter((name) => !tree.some((other) => other.startsWith(`${name}/`)));
  const folder = await world.files('up', Object.fromEntries(names.map((name) => [name, ''])));
  const wanted = { names: compileFilter(), folders: false };
  const walked = (await all(walk(local(folder), wanted))).flat().map(({ name }) => name);
  expect(walked).toEqual(
    [...names].sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other))),
  );
  for (const after of names) {
    const rest = (await all(walk(local(folder), { ...wanted, after }))).flat().map(({ name }) => name);
    expect(rest).toEqual(walked.slice(walked.indexOf(after) + 1));
  }
});
