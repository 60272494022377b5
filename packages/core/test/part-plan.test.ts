import fc from 'fast-check';
import { expect, test } from 'vitest';
import { S3Facts } from '../src/index.ts';
import { checkPartSize, partSizeFor, planParts, streamPartSize } from '../src/part-plan.ts';

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

test('the parts of a stream grow as its table says', () => {
  const table = [
    [1, 8 * MiB],
    [250, 8 * MiB],
    [251, 16 * MiB],
    [1_000, 64 * MiB],
    [2_000, GiB],
    [2_500, 4 * GiB],
    [2_501, 5 * GiB],
    [10_000, 5 * GiB],
  ] as const;
  for (const [partNumber, size] of table) expect(streamPartSize(partNumber, 8 * MiB, S3Facts)).toBe(size);
  let whole = 0;
  for (let partNumber = 1; partNumber <= 10_000; partNumber++)
    whole += streamPartSize(partNumber, 8 * MiB, S3Facts);
  expect(whole / 1024 ** 4).toBeCloseTo(38.6, 1);
});

test.each([
  ['too small', 5 * MiB - 1, undefined, /from 5242880 to 5368709120/],
  ['too large', 5 * GiB + 1, undefined, /from 5242880 to 5368709120/],
  ['no whole number', 5 * MiB + 0.5, undefined, /whole number/],
  ['too many parts', 5 * MiB, 50_000 * MiB + 1, /more than 10000 parts/],
])('a part size that is %s is refused', (_, partSize, size, message) => {
  expect(() => checkPartSize(partSize, size, S3Facts)).toThrow(RangeError);
  expect(() => checkPartSize(partSize, size, S3Facts)).toThrow(message);
});
