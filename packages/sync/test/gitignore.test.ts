import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileFilter } from '../src/filter.ts';

const patternParts = [
  'a', 'b', '*', '**', '?', 'a*', '*b', '*a*', 'a?b', '*.txt', '*.b.c', 'a.b', '.a', '.*', 'a b', 'logs', 'a-b', 'A', '#a',
  '[ab]', '[!a]', '[^a]', 'x[0-9]', 'a[.]txt', '[a-c]', '[]a]', '[[:alpha:]]', '[^[:digit:]]', 'a.b[^[:digit:]]', '[[:punct:]]', '[a[:space:]-]*', '[^[:graph:]a]*', '[a-]', '[a\\]]', '[a|b]', '[(]a', 'a[)]',
  'a(b)', '(a)', '(a', 'a)', '(a|b)', 'a(b', 'a|b', 'a+b', '$a', '^a', '+(a)', '@(a|b)', '?(a)', '*(a)', '!(a)', 'photo (1).jpg',
  '\\[ab\\]', 'log[12]', 'log\\[12]', '\\*', 'a\\*', 'a\\ b', '\\(a', 'a\\|b', 'a\\(b\\)', '\\!a', '\\[a', 'a\\?b',
]; // biome-ignore format: as a table
const nameParts = [
  'a',
  'b',
  'ab',
  'aXb',
  'a.txt',
  'b.txt',
  '.a',
  'a b',
  'a-b',
  'a.b',
  'a.b.c',
  'A',
  '#a',
  'logs',
  'x1',
  'x2',
  '*',
  'a*',
  'a?b',
  'a(b)',
  'a(b',
  '(a)',
  '(a',
  'a)',
  '(a|b)',
  'a|b',
  'a+b',
  'aab',
  '$a',
  '^a',
  '+(a)',
  '+a',
  '@(a|b)',
  '?(a)',
  '!(a)',
  '!a',
  '[a',
  '[ab]',
  '[!a]',
  '[^a]',
  '[a-c]',
  '[a|b]',
  'x[0-9]',
  'log1',
  'log[12]',
  '|',
  'photo (1).jpg',
  'photo 1.jpg',
];

const hasGit = spawnSync('git', ['--version']).status === 0;

// But for letters of more than a byte, which git takes for several, and a bracket that is never closed, which matches nothing there.
test.runIf(hasGit)('a pattern matches what it matches in a .gitignore', async () => {
  const path = (parts: readonly string[], maxLength: number): fc.Arbitrary<string> =>
    fc.array(fc.constantFrom(...parts), { minLength: 1, maxLength }).map((some) => some.join('/'));
  const pattern = fc
    .tuple(fc.constantFrom('', '', '/'), path(patternParts, 3), fc.constantFrom('', '', '', '/'))
    .map((some) => some.join(''))
    .filter((text) => !/^[!#]/.test(text));
  const cases = fc.sample(fc.tuple(pattern, fc.array(path(nameParts, 4), { minLength: 12, maxLength: 12 })), {
    seed: 1,
    numRuns: 1_500,
  });
  const folder = await mkdtemp(join(tmpdir(), 's3kit-sync-git-'));
  try {
    execFileSync('git', ['init', '-q', folder]);
    await Promise.all(
      cases.map(async ([text], index) => {
        await mkdir(join(folder, `case-${index}`));
        await writeFile(join(folder, `case-${index}`, '.gitignore'), `${text}\n`);
      }),
    );
    const input = cases
      .flatMap(([, names], index) => names.map((name) => `case-${index}/${name}\0`))
      .join('');
    const asked = ['check-ignore', '--no-index', '-z', '--stdin'];
    const { stdout } = spawnSync('git', asked, { cwd: folder, input, maxBuffer: 64 * 1024 * 1024 });
    const ignored = new Set(stdout.toString().split('\0'));
    const differences = cases.flatMap(([text, names], index) => {
      const { accepts } = compileFilter({ rules: [{ exclude: text }] });
      return names
        .filter((name) => accepts(name) === ignored.has(`case-${index}/${name}`))
        .map((name) => `${text} and ${name}: git ${accepts(name) ? 'ignores' : 'takes'} it`);
    });
    expect(differences).toEqual([]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
