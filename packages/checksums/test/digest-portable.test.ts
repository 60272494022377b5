import fc from 'fast-check';
import { expect, test } from 'vitest';
import { updateCrc32 as nativeCrc32 } from '../src/crc32-node.ts';
import { updateCrc32 as portableCrc32 } from '../src/crc32-portable.ts';
import * as native from '../src/digest-node.ts';
import * as portable from '../src/digest-portable.ts';
import type { DigestAlgorithm } from '../src/digest-types.ts';
import { checksumOf, createCrc32 } from '../src/index.ts';

const algorithms: DigestAlgorithm[] = ['md5', 'sha1', 'sha256', 'sha512'];

function digest(
  { createDigest }: typeof native,
  algorithm: DigestAlgorithm,
  pieces: readonly Uint8Array[],
): string {
  const hash = createDigest(algorithm);
  for (const piece of pieces) hash.update(piece);
  return hash.base64();
}

// RFC 1321 A.5, and the examples of FIPS 180-4.
test.each([
  ['md5', '900150983cd24fb0d6963f7d28e17f72'],
  ['sha1', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
  ['sha256', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  [
    'sha512',
    'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
  ],
] as const)('the portable %s of "abc" is the published one', (algorithm, expected) => {
  const base64 = digest(portable, algorithm, [new TextEncoder().encode('abc')]);
  expect(Buffer.from(base64, 'base64').toString('hex')).toBe(expected);
});

test.each(algorithms)(
  'the portable %s is that of node:crypto, at every length around a block',
  (algorithm) => {
    for (let length = 0; length < 300; length++) {
      const bytes = Uint8Array.from({ length }, (_, index) => (index * 7 + length) & 0xff);
      expect(digest(portable, algorithm, [bytes]), `${length} bytes`).toBe(
        digest(native, algorithm, [bytes]),
      );
    }
  },
);

test.each(algorithms)('the portable %s does not depend on how the bytes come', (algorithm) => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 }), (pieces) => {
      expect(digest(portable, algorithm, pieces)).toBe(digest(native, algorithm, [Buffer.concat(pieces)]));
    }),
  );
});

test('the portable CRC-32 is that of zlib', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 300 }), (one, other) => {
      const expected = nativeCrc32(Buffer.concat([one, other]), 0);
      expect(portableCrc32(other, portableCrc32(one, 0))).toBe(expected);
    }),
  );
});

test('createCrc32 gives what createChecksum gives', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 4 }), (pieces) => {
      const alone = createCrc32();
      for (const piece of pieces) alone.update(piece);
      expect(alone.base64()).toBe(checksumOf('crc32', Buffer.concat(pieces)));
    }),
  );
  // RFC 3720 has none for this one; the check value of the catalogues of CRCs, of '123456789', is cbf43926.
  const check = createCrc32();
  check.update(new TextEncoder().encode('123456789'));
  expect(check.base64()).toBe(Buffer.from('cbf43926', 'hex').toString('base64'));
});
