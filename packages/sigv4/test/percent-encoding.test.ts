import { describe, expect, test } from 'vitest';
import { canonicalUri, encodeKey, encodeQuery, encodeQueryComponent } from '../src/index.ts';
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
