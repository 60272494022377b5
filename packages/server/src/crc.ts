import { crc32 as zlibCrc32 } from 'node:zlib';

/** The three CRCs of S3; the value of one call is the `previous` of the next. */
export interface Crc {
  /** Bits of the value. */
  readonly width: 32 | 64;
  /** The generator polynomial, reflected. */
  readonly polynomial: bigint;
  update(bytes: Uint8Array, previous: bigint): bigint;
}

/** CRC-32C, Castagnoli. @see {@link https://www.rfc-editor.org/rfc/rfc3720#appendix-B.4} */
const castagnoli = 0x82f63b78n;
/** CRC-64/NVME. @see {@link https://nvmexpress.org/specifications/} NVM Command Set, section 5.2.1.3.4 */
const nvme = 0x9a6c9329ac4bc9b5n;
/** CRC-32 of zlib and Ethernet. @see {@link https://www.rfc-editor.org/rfc/rfc1952#section-8} */
const ethernet = 0xedb88320n;

/** The CRCs by the name in `x-amz-checksum-<name>`. */
export const crcs: Readonly<Record<'crc32' | 'crc32c' | 'crc64nvme', Crc>> = {
  crc32: {
    width: 32,
    polynomial: ethernet,
    update: (bytes, previous) => BigInt(zlibCrc32(bytes, Number(previous))),
  },
  crc32c: tableCrc(32, castagnoli),
  crc64nvme: tableCrc(64, nvme),
};

/**
 * The CRC of A followed by B, from the CRC of A, the CRC of B and B's length in bytes: B's zero bits are
 * fed into A's CRC by squaring the one-bit operator, so it costs the logarithm of the length.
 */
export function combineCrc(crc: Crc, first: bigint, second: bigint, secondLength: number): bigint {
  let operator = Array.from({ length: crc.width }, (_, bit) =>
    bit === 0 ? crc.polynomial : 1n << BigInt(bit - 1),
  );
  let value = first;
  for (let bits = BigInt(secondLength) * 8n; bits > 0n; bits >>= 1n) {
    if (bits & 1n) value = multiply(operator, value);
    operator = operator.map((column) => multiply(operator, column));
  }
  return value ^ second;
}

function multiply(matrix: readonly bigint[], vector: bigint): bigint {
  let sum = 0n;
  for (let rest = vector, bit = 0; rest > 0n; rest >>= 1n, bit += 1) {
    if (rest & 1n) sum ^= matrix[bit] ?? 0n;
  }
  return sum;
}

/** A byte-wise table in two halves of 32 bits: BigInt arithmetic per byte would be 50 times slower. */
function tableCrc(width: 32 | 64, polynomial: bigint): Crc {
  let table: { low: Uint32Array; high: Uint32Array } | undefined;
  return {
    width,
    polynomial,
    update(bytes, previous) {
      // Made on first use: importing the package computes nothing.
      table ??= makeTable(width, polynomial);
      const { low, high } = table;
      const start = BigInt.asUintN(width, ~previous);
      let l = Number(start & 0xffff_ffffn);
      let h = Number(start >> 32n);
      for (const byte of bytes) {
        const index = (l ^ byte) & 0xff;
        l = ((l >>> 8) | (h << 24)) ^ (low[index] ?? 0);
        h = (h >>> 8) ^ (high[index] ?? 0);
      }
      return BigInt.asUintN(width, ~((BigInt(h >>> 0) << 32n) | BigInt(l >>> 0)));
    },
  };
}

function makeTable(width: number, polynomial: bigint): { low: Uint32Array; high: Uint32Array } {
  const low = new Uint32Array(256);
  const high = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte += 1) {
    let value = BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) value = value & 1n ? (value >> 1n) ^ polynomial : value >> 1n;
    low[byte] = Number(value & 0xffff_ffffn);
    if (width === 64) high[byte] = Number(value >> 32n);
  }
  return { low, high };
}
