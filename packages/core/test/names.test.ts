import { readFileSync } from 'node:fs';
import { isVirtualHostable } from '@s3kit/endpoints/host-labels';
import { describe, expect, test } from 'vitest';
import { S3Name } from '../src/index.ts';
import { brokenNamingRule } from '../src/names.ts';
import { checkNewBucketName } from '../src/new-bucket.ts';
import { resolveName } from '../src/resolve-name.ts';

interface NameVector {
  readonly name: string;
  readonly creatable: boolean | null;
  readonly virtualHostable: boolean;
  readonly virtualHostableAllowDots: boolean;
}

const { bucketNames } = JSON.parse(
  readFileSync(new URL('vectors/bucket-and-host-names.json', import.meta.url), 'utf8'),
) as {
  bucketNames: NameVector[];
};

describe('bucket names', () => {
  // Where AWS's rules say neither (null), nothing is to be held against us.
  test.each(bucketNames.filter(({ creatable }) => creatable !== null))(
    '$name can be created: $creatable',
    ({ name, creatable }) => {
      expect(brokenNamingRule(name) === undefined).toBe(creatable);
      if (creatable === false) expect(() => checkNewBucketName(name)).toThrow(TypeError);
    },
  );

  test.each(bucketNames)(
    '$name can stand in a host name with TLS: $virtualHostable',
    ({ name, virtualHostable, virtualHostableAllowDots }) => {
      expect(isVirtualHostable(name, false)).toBe(virtualHostable);
      expect(isVirtualHostable(name, true)).toBe(virtualHostableAllowDots);
    },
  );
});

test.each([
  ['logs--usw2-az1--x-s3', true],
  ['a--b--usw2-lax1-az1--x-s3', true],
  ['logs--x-s3', false],
  ['logs--zone--x-s3', false],
  ['lo.gs--usw2-az1--x-s3', false],
  ['xn--logs--usw2-az1--x-s3', false],
  [`${'a'.repeat(47)}--usw2-az1--x-s3`, true],
  [`${'a'.repeat(48)}--usw2-az1--x-s3`, false],
])('the directory bucket %s can be created: %s', (name, creatable) => {
  if (creatable) expect(() => checkNewBucketName(name)).not.toThrow();
  else expect(() => checkNewBucketName(name)).toThrow(TypeError);
});

describe('remote names', () => {
  test('a string is a key of the default bucket', () => {
    expect(resolveName('a/b', 'bucket')).toEqual({ bucket: 'bucket', key: 'a/b' });
    expect(resolveName(new S3Name('a/b'), 'bucket')).toEqual({ bucket: 'bucket', key: 'a/b' });
    expect(resolveName(new S3Name('a/b', null), 'bucket')).toEqual({ bucket: 'bucket', key: 'a/b' });
    expect(resolveName(new S3Name('a/b', 'other'), 'bucket')).toEqual({ bucket: 'other', key: 'a/b' });
  });

  test('without any bucket it is refused', () => {
    expect(() => resolveName('k', undefined)).toThrow(/no bucket for the key "k".*default bucket/);
  });

  test.each([
    ['an empty key', '', TypeError, /key is empty/],
    ['1,025 bytes', `${'é'.repeat(512)}x`, RangeError, /1025 bytes long; S3 takes at most 1024/],
    ['an unpaired surrogate', 'a\ud800b', TypeError, /unpaired surrogate/],
  ])('%s is refused', (_, key, kind, message) => {
    expect(() => resolveName(key, 'bucket')).toThrow(kind);
    expect(() => resolveName(key, 'bucket')).toThrow(message);
  });

  test('1,024 bytes are a key', () => {
    expect(resolveName('é'.repeat(512), 'bucket').key).toHaveLength(512);
  });

  test.each(['', 'a', 'UP CASE', 'a/b', 'a..b', '../x', 'a\nb', '-a-', 'bücket'])(
    'the bucket %j is refused',
    (bucket) => {
      expect(() => resolveName(new S3Name('k', bucket), undefined)).toThrow(/invalid bucket name/);
    },
  );
});
