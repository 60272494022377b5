import { execFileSync } from 'node:child_process';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crc32Updater } from '../src/crc32-updater.ts';
import { updateCrc64 } from '../src/crc64.ts';
import { foldCrc32, foldCrc32c, foldCrc64 } from '../src/folding-node.ts';

/** A CRC bit by bit, as it is defined: register and bytes reflected, complemented before and after. */
function bitByBit(polynomial: bigint, width: bigint, bytes: Uint8Array, previous: bigint): bigint {
  const ones = (1n << width) - 1n;
  let register = previous ^ ones;
  for (const byte of bytes) {
    register ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++)
      register = register & 1n ? (register >> 1n) ^ polynomial : register >> 1n;
  }
  return register ^ ones;
}

/** Bytes that look random, the same in every run. */
function noise(length: number): Uint8Array {
  let state = 0x9e3779b9;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

const refuse = (): never => {
  throw new Error('not folded');
};

describe('the same values as without folding', () => {
  const lengths = fc.integer({ min: 32 * 1024, max: 1500 * 1024 });
  const starts = fc.integer({ min: 0, max: 0xffff_ffff });
  const many = noise(1501 * 1024);

  test('CRC32: as zlib', () => {
    const folded = foldCrc32((bytes, previous) => crc32(bytes, previous));
    fc.assert(
      fc.property(lengths, fc.integer({ min: 0, max: 64 }), starts, (length, offset, previous) => {
        const bytes = many.subarray(offset, offset + length);
        expect(folded(bytes, previous)).toBe(crc32(bytes, previous));
      }),
      { numRuns: 300 },
    );
  });

  test.each([32_768, 32_769, 32_831, 600_001])('CRC32C of %i bytes: as it is defined', (length) => {
    const bytes = many.subarray(3, 3 + length);
    const folded = foldCrc32c(crc32Updater(0x82f63b78));
    const expected = bitByBit(0x82f63b78n, 32n, bytes, 0x12345678n);
    expect(BigInt(folded(bytes, 0x12345678))).toBe(expected);
  });

  test.each([32_768, 32_769, 32_831, 600_001])('CRC64NVME of %i bytes: as it is defined', (length) => {
    const bytes = many.subarray(5, 5 + length);
    const folded = foldCrc64(updateCrc64);
    const expected = bitByBit(0x9a6c9329ac4bc9b5n, 64n, bytes, 0xfedc_ba98_7654_3210n);
    expect(folded(bytes, 0xfedc_ba98_7654_3210n)).toBe(expected);
  });

  test('one call leaves nothing behind for the next', () => {
    const folded = foldCrc32((bytes, previous) => crc32(bytes, previous));
    const [first, second] = [many.subarray(0, 1_100_000), many.subarray(7, 40_000)];
    for (const bytes of [first, second, first]) expect(folded(bytes, 0)).toBe(crc32(bytes));
  });
});

test('what is large is folded, what is small is not', () => {
  const sizes: number[] = [];
  const folded = foldCrc32((bytes, previous) => {
    sizes.push(bytes.length);
    return crc32(bytes, previous);
  });
  folded(new Uint8Array(32 * 1024 - 1), 0);
  expect(sizes.splice(0)).toEqual([32 * 1024 - 1]);
  folded(new Uint8Array(8 * 1024 * 1024), 0);
  // What is left of 300 words, and an end that fills no turn of the loop.
  expect(sizes).toHaveLength(2);
  expect(sizes[0]).toBe(300 * 16);
  expect(sizes[1]).toBeLessThan(64);
});

test('without WebAssembly the values are the same', () => {
  const script = `
    import { checksumOf } from ${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)};
    const bytes = new Uint8Array(100_000).fill(0x61);
    console.log(typeof WebAssembly, ...['crc32', 'crc32c', 'crc64nvme'].map((name) => checksumOf(name, bytes)));
  `;
  const run = (...options: string[]): string[] =>
    execFileSync(process.execPath, [...options, '--input-type=module', '-e', script], { encoding: 'utf8' })
      .trim()
      .split(' ');
  const [kind, ...values] = run('--jitless');
  expect(kind).toBe('undefined');
  expect(run()).toEqual(['object', ...values]);
});

test('an error of the function that it is given is not taken for a lack of WebAssembly', () => {
  expect(() => foldCrc32(refuse)(new Uint8Array(64 * 1024), 0)).toThrow('not folded');
});
