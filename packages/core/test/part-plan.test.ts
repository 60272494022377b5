import fc from 'fast-check';
import { expect, test } from 'vitest';
import { S3Facts } from '../src/index.ts';
import { partSizeFor, planParts } from '../src/part-plan.ts';

const MiB = 1024 ** 2;
const GiB = 1024 ** 3;

test.each([
  ['the smallest part will do', S3Facts.multipartThreshold, 5 * MiB],
  ['exactly 10,000 of the smallest', 50_000 * MiB, 5 * MiB],
  ['one byte more', 50_000 * MiB + 1, 6 * MiB],
  ['the largest object', S3Facts.maximumFileSize, 5 * GiB],
])('%s', (_, size, partSize) => {
  expect(partSizeFor(size, S3Facts)).toBe(partSize);
});

test('more than the largest object is refused', () => {
  expect(() => partSizeFor(S3Facts.maximumFileSize + 1, S3Facts)).toThrow(RangeError);
});

test('the largest object is 48.8 TiB: the multipart limits of the user guide', () => {
  expect(S3Facts.maximumFileSize / 1024 ** 4).toBeCloseTo(48.8, 1);
});

test('any plan keeps within S3’s limits', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: S3Facts.maximumFileSize }), (size) => {
      const partSize = partSizeFor(size, S3Facts);
      expect(partSize).toBeGreaterThanOrEqual(S3Facts.minimumPartSize);
      expect(partSize).toBeLessThanOrEqual(S3Facts.maximumPartSize);
      expect(Math.ceil(size / partSize)).toBeLessThanOrEqual(S3Facts.maximumPartNumber);
    }),
  );
});

test('parts cover every byte once, in order, numbered from 1', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 700 }), (size, partSize) => {
      let covered = 0;
      let number = 0;
      for (const part of planParts(size, partSize)) {
        expect(part.partNumber).toBe(++number);
        expect(part.offset).toBe(covered);
        expect(part.length).toBeGreaterThan(0);
        expect(part.length).toBeLessThanOrEqual(partSize);
        covered += part.length;
      }
      expect(covered).toBe(size);
    }),
  );
});
