import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { closest } from '../src/closest.ts';
import { humanBytes, parseBytes, parseMoment, parseSeconds } from '../src/quantities.ts';
import { parseLocation } from '../src/s3-uri.ts';
import { wordsOf } from '../src/shell-words.ts';

describe('a location', () => {
  test.each([
    ['s3://b/a/b.txt', { kind: 's3', bucket: 'b', key: 'a/b.txt' }],
    ['s3://b', { kind: 's3', bucket: 'b', key: '' }],
    ['s3://b/', { kind: 's3', bucket: 'b', key: '' }],
    ['s3://b//x', { kind: 's3', bucket: 'b', key: '/x' }],
    ['s3://', { kind: 's3', bucket: '', key: '' }],
    ['s3://b/../x', { kind: 's3', bucket: 'b', key: '../x' }],
    ['s3://b/a\\*\\?c', { kind: 's3', bucket: 'b', key: 'a*?c' }],
    ['s3://b/a\\b', { kind: 's3', bucket: 'b', key: 'a\\b' }],
    ['-', { kind: 'stream' }],
    ['a*b', { kind: 'local', path: 'a*b' }],
  ])('%j', (text, location) => {
    expect(parseLocation(text)).toEqual(location);
  });

  test.each([
    ['s3://b/d/a*.txt', 'd/a', 'd/', ['a.txt', 'abc.txt'], ['b.txt', 'a.txt.gz', 'a/b.txt']],
    ['s3://b/?.txt', '', '', ['a.txt', 'é.txt', '😀.txt'], ['ab.txt', '/.txt', '.txt']],
    ['s3://b/\\**', '*', '', ['*', '*a'], ['a']],
    ['s3://b/[a]*', '[a]', '', ['[a]', '[a]b'], ['a', 'ab']],
    ['s3://b/logs/2025-*', 'logs/2025-', 'logs/', ['2025-', '2025-01.txt'], ['2025', '2025-01/x']],
    ['s3://b/*/x.gz', '', '', ['a/x.gz', '/x.gz'], ['x.gz', 'a/b/x.gz', 'a/y.gz']],
    ['s3://b/l-?/a*/c', 'l-', '', ['l-1/a/c', 'l-2/abc/c'], ['l-/a/c', 'l-1/a/b/c', 'l-1/a']],
    ['s3://b/d/**', 'd/', 'd/', ['a', 'a/b', 'a/b/c'], []],
    ['s3://b/d/**/x', 'd/', 'd/', ['x', 'a/x', 'a/b/x'], ['ax', 'a/bx', 'x/a']],
    ['s3://b/**/**/x', '', '', ['x', 'a/x', 'a/b/x'], ['ax']],
    ['s3://b/d-**.txt', 'd-', '', ['d-.txt', 'd-a/b.txt'], ['d/a.txt', 'd-a/b']],
    ['s3://b/\\**/x', '*', '', ['*/x', '*a/x'], ['x', 'a/x', '*a/b/x']],
    ['s3://b/.*', '.', '', ['.', '.a'], ['a', '']],
  ])('%j has a wildcard', (text, key, folder, matching, others) => {
    const location = parseLocation(text);
    if (location.kind !== 's3' || location.wildcard === undefined) throw new Error('no wildcard');
    expect([location.key, location.wildcard.folder]).toEqual([key, folder]);
    for (const name of matching) expect(location.wildcard.matches(name), name).toBe(true);
    for (const name of others) expect(location.wildcard.matches(name), name).toBe(false);
  });

  test.each([
    ['s3://b/a*', ['a', 'a1', 'a1/x', 'a/b/c'], ['b/a', 'b']],
    ['s3://b/*.d', ['x.d', 'x.d/y/z'], ['y/x.d', 'x/y']],
    ['s3://b/d/?', ['a', 'a/b'], ['ab/c']],
    ['s3://b/*/', ['a/', 'a/b', 'a/b/c'], ['a']],
    ['s3://b/**/', ['a/', 'a/b', 'a/b/c'], ['a']],
    ['s3://b/*/x', ['a/x', 'a/x/y'], ['a/y', 'x/y', 'a/b/x']],
    ['s3://b/**/x', ['x', 'x/y', 'a/b/x/y'], ['ax/y']],
  ])(
    '%j means what is below the folders that it matches, too, where it is recursive',
    (text, matching, others) => {
      const location = parseLocation(text, { recursive: true });
      if (location.kind !== 's3') throw new Error('not of S3');
      for (const name of matching) expect(location.wildcard?.matches(name), name).toBe(true);
      for (const name of others) expect(location.wildcard?.matches(name), name).toBe(false);
    },
  );

  test('any text before and behind a wildcard stands for itself', () => {
    const text = fc.string({ unit: 'grapheme' }).filter((key) => !key.includes('/'));
    const literal = (key: string): string => key.replaceAll(/[*?\\]/g, '\\$&');
    fc.assert(
      fc.property(text, text, text, (before, between, behind) => {
        const location = parseLocation(`s3://b/${literal(before)}*${literal(behind)}`);
        if (location.kind !== 's3') throw new Error('not of S3');
        expect(location.wildcard?.matches(before + between + behind)).toBe(true);
        expect(location.wildcard?.matches(`${before}/${behind}`)).toBe(false);
      }),
    );
  });

  test.each(['s3:///key', 's3://b*/key', 's3://b?/a*'])('%j is refused', (text) => {
    expect(() => parseLocation(text)).toThrow(SyntaxError);
  });

  test('literal takes everything as it is', () => {
    expect(parseLocation('s3://b/a*\\?/c', { literal: true })).toEqual({
      kind: 's3',
      bucket: 'b',
      key: 'a*\\?/c',
    });
  });
});

test.each([
  ['4096', 4096],
  ['16M', 16 * 1024 ** 2],
  ['16MiB', 16 * 1024 ** 2],
  ['16MB', 16e6],
  ['1.5g', 1.5 * 1024 ** 3],
  ['x', undefined],
  ['5 apples', undefined],
])('%j is %s bytes', (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes);
});

test.each([
  ['90', 90],
  ['15m', 900],
  ['7d', 604_800],
  ['1y', undefined],
])('%j is %s seconds', (text, seconds) => {
  expect(parseSeconds(text)).toBe(seconds);
});

// The seconds are those of `date -ud`.
test.each([
  ['2026-11-22', 1_795_305_600],
  ['2024-02-29T00:00Z', 1_709_164_800],
  ['2026-11-22T10:00:00+0130', 1_795_336_200],
  ['2026-11-22t10:00:00.5-08:00', 1_795_370_400.5],
  ['2026-11-22 10:00:00Z', 1_795_341_600],
])('the moment %s', (text, seconds) => {
  expect(parseMoment(text)?.getTime()).toBe(seconds * 1000);
});

test('a time without a zone is one of this machine', () => {
  const moment = new Date(2026, 10, 22, 10, 30, 5);
  expect(parseMoment('2026-11-22T10:30:05')).toEqual(moment);
  expect(parseMoment('2026-11-22 10:30:05')).toEqual(moment);
});

test.each([
  '2026-11-22junk',
  '2026-11-22T10',
  '2026-11-22T10:00Zulu',
  '2026-11-22T25:00Z',
  '2026-11-22T10:61Z',
  '2026-11-22T10:00+25:00',
  '2026-02-31',
  '2026-02-29',
  '2026-13-01',
  '2026-11-00T10:00Z',
  '22-11-2026',
  '2026-11',
])('%s is no moment', (text) => {
  expect(parseMoment(text)).toBeUndefined();
});

test('a moment is a date, or how long ago it was', () => {
  expect(parseMoment('2026-11-21T10:00:00Z')?.toISOString()).toBe('2026-11-21T10:00:00.000Z');
  expect(parseMoment('2d', Date.UTC(2026, 10, 21))?.toISOString()).toBe('2026-11-19T00:00:00.000Z');
  expect(parseMoment('yesterday')).toBeUndefined();
  // Before all that a date can be.
  expect(parseMoment('999999999999d')).toBeUndefined();
});

// As `aws s3 ls --human-readable` writes them.
test.each([
  [0, '0 Bytes'],
  [1, '1 Byte'],
  [6, '6 Bytes'],
  [12_359, '12.1 KiB'],
  [1024 ** 2 - 1, '1.0 MiB'],
])('%i bytes are shown as %s', (bytes, shown) => {
  expect(humanBytes(bytes)).toBe(shown);
});

test.each([
  ['sl', 'ls'],
  ['snyc', 'sync'],
  ['nonsense', undefined],
])('%j is near to %s', (word, meant) => {
  expect(closest(word, ['ls', 'cp', 'sync', 'versions'])).toBe(meant);
});

test.each([
  ['cp a b', ['cp', 'a', 'b']],
  [`cp 'a b' "c \\"d\\"" e\\ f`, ['cp', 'a b', 'c "d"', 'e f']],
  ["cp 'a'\"b\"c ''", ['cp', 'abc', '']],
  [' cp a\\ ', ['cp', 'a ']],
])('the words of %j', (line, words) => {
  expect(wordsOf(line)).toEqual(words);
});

test.each(["rm q/it's", 'cp "a b', 'cp a\\', 'cp "a\\"', `cp 'a' 'b`, "'"])(
  '%j is no line of a shell, and none of its words is made up',
  (line) => {
    expect(() => wordsOf(line)).toThrow(SyntaxError);
  },
);
