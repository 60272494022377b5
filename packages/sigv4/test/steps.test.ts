import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { canonicalHeaders, formatAmzDate, parseAmzDate, stringToSign } from '../src/index.ts';
import { SigningKeyCache } from '../src/signing-key-cache.ts';

describe('canonicalHeaders', () => {
  test.each([
    ['a', 'a'],
    ['  a \t b  ', 'a b'],
    ['\ta\tb\t', 'a b'],
    ['   ', ''],
    ['\xa0a\xa0', '\xa0a\xa0'],
  ])('the value %j is %j', (value, expected) => {
    expect(canonicalHeaders([['x', value]]).canonical).toBe(`x:${expected}\n`);
  });

  test('a long run of spaces takes no long time', () => {
    const value = `a${' '.repeat(200_000)}b`;
    expect(canonicalHeaders([['x', value]]).canonical).toBe('x:a b\n');
  });
});

describe('stringToSign', () => {
  const hashIn = (request: string): string | undefined =>
    stringToSign('date', 'scope', request).split('\n')[3];

  test.each([
    ['x:caf\xe9', 'latin1'],
    ['x:plain', 'latin1'],
    // Cannot be sent; but two texts must never be one signature.
    ['x:\u0161\xe9', 'utf8'],
  ] as const)('hashes %j as %s', (request, encoding) => {
    expect(hashIn(request)).toBe(createHash('sha256').update(request, encoding).digest('hex'));
  });
});

describe('dates', () => {
  test.each([
    ['2013-05-24T00:00:00Z', '20130524T000000Z'],
    ['2024-12-31T23:59:59.999Z', '20241231T235959Z'],
    ['0099-01-02T03:04:05Z', '00990102T030405Z'],
  ])('%s is %s', (iso, expected) => {
    expect(formatAmzDate(new Date(iso))).toBe(expected);
    expect(parseAmzDate(expected)).toEqual(new Date(`${iso.slice(0, 19)}Z`));
  });

  test.each([
    '',
    '20240230T000000Z',
    '20240229T240000Z',
    '20240229T000000',
    '20240229',
    '2024-02-29T00:00:00Z',
  ])('%j is none', (text) => {
    expect(parseAmzDate(text)).toBeUndefined();
  });
});

test('the key cache is bounded, and forgets the oldest first', () => {
  const cache = new SigningKeyCache();
  const days = Array.from({ length: 33 }, (_, day) => String(20240000 + day));
  const keys = days.map((day) => cache.get('secret', day, 'us-east-1', 's3'));
  const again = (index: number) => cache.get('secret', days[index] ?? '', 'us-east-1', 's3');
  expect(again(32)).toBe(keys[32]);
  expect(again(1)).toBe(keys[1]);
  expect(again(0)).not.toBe(keys[0]);
});
