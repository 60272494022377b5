import { describe, expect, test } from 'vitest';
import { canonicalQuery, canonicalUri, encodeKey, encodeQuery, encodeQueryComponent } from '../src/index.ts';
import { keyVectors } from './vectors.ts';

describe('encodeKey and encodeQueryComponent', () => {
  test.each(keyVectors)('$name', ({ key, path, pathStyle, queryValue }) => {
    expect(`/${encodeKey(key)}`).toBe(path);
    expect(`/my-bucket/${encodeKey(key)}`).toBe(pathStyle);
    expect(encodeQueryComponent(key)).toBe(queryValue);
  });

  test.each(keyVectors)('the canonical URI of $name is its path', ({ path }) => {
    expect(canonicalUri(path, 's3')).toBe(path);
  });

  test.each(['\ud83d', 'a\ude00b'])('half a surrogate pair is refused', (text) => {
    expect(() => encodeKey(text)).toThrow(TypeError);
    expect(() => encodeKey(text)).toThrow(/^key holds half of a surrogate pair/);
    expect(() => encodeQueryComponent(text)).toThrow(TypeError);
    expect(() => encodeQuery([['prefix', text]])).toThrow(TypeError);
  });
});

describe('canonicalUri', () => {
  const bytes = Array.from({ length: 256 }, (_, byte) => byte);
  const hex = (byte: number): string => byte.toString(16).padStart(2, '0');

  test('of an escaped byte is the one way to write that byte', () => {
    for (const byte of bytes) {
      const plain = /[A-Za-z0-9\-._~/]/.test(String.fromCharCode(byte)) && byte < 128;
      const expected = plain ? `/${String.fromCharCode(byte)}` : `/%${hex(byte).toUpperCase()}`;
      expect(canonicalUri(`/%${hex(byte)}`, 's3')).toBe(expected);
      expect(canonicalUri(`/%${hex(byte).toUpperCase()}`, 's3')).toBe(expected);
    }
  });

  test('of a character that need not be escaped on the wire is the escaped one', () => {
    expect(canonicalUri("/!$&'()*+,;=:@", 's3')).toBe('/%21%24%26%27%28%29%2A%2B%2C%3B%3D%3A%40');
    expect(canonicalUri('/é😀', 's3')).toBe('/%C3%A9%F0%9F%98%80');
  });

  test('of other services is escaped once more', () => {
    expect(canonicalUri('/a%20b/../c%2Fd/', 'general')).toBe('/c%252Fd/');
    expect(canonicalUri('/../..', 'general')).toBe('/');
  });
});

describe('canonicalQuery', () => {
  test('escapes a slash, and reads a plus as a space', () => {
    expect(canonicalQuery('b=a/b%2fc&a=x+y%2By&flag')).toBe('a=x%20y%2By&b=a%2Fb%2Fc&flag=');
  });

  test('sorts by code point, names before values', () => {
    expect(canonicalQuery('a-b=1&a=2&a=1&A=3&a%3D=0')).toBe('A=3&a=1&a=2&a%3D=0&a-b=1');
  });
});
