import { expect, test } from 'vitest';
import { type ChecksumAlgorithm, checksumAlgorithms, createChecksum } from '../src/checksums.ts';
import { combineCrc, crcs } from '../src/crc.ts';
import { bytesOf } from './bytes.ts';
import checksums from './vectors/checksums.json' with { type: 'json' };

const algorithms = Object.keys(checksumAlgorithms) as ChecksumAlgorithm[];

test.each(checksums.values.flatMap((vector) => algorithms.map((algorithm) => ({ ...vector, algorithm }))))(
  '$algorithm of $name, whole and in pieces',
  ({ input, algorithm, ...vector }) => {
    const bytes = bytesOf(input);
    for (const size of [bytes.length, 7, 65_537]) {
      if (size < 100 && bytes.length > 100_000) continue;
      const checksum = createChecksum(algorithm);
      for (let at = 0; at < bytes.length; at += size) checksum.update(bytes.subarray(at, at + size));
      expect(checksum.base64()).toBe(vector[algorithm]);
    }
  },
);

test.each(checksums.combine)('joined: $name', ({ algorithm, crcA, crcB, lengthB, combinedHex }) => {
  // The rows name the three CRCs only.
  const crc = crcs[algorithm.toLowerCase() as keyof typeof crcs];
  const value = (base64: string) => BigInt(`0x${Buffer.from(base64, 'base64').toString('hex')}`);
  const combined = combineCrc(crc, value(crcA), value(crcB), lengthB);
  expect(combined.toString(16).padStart(crc.width / 4, '0')).toBe(combinedHex);
});
