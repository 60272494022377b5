import { nativeCrc32 } from '#digest';
import type { CrcAlgorithm } from './algorithms.ts';

/** A CRC; the value of one call of `update` is the `previous` of the next, and 0 that of the first. */
export interface Crc {
  /** Bits of the value. */
  readonly width: 32 | 64;
  /** The generator polynomial, reflected. */
  readonly polynomial: bigint;
  update(bytes: Uint8Array, previous: bigint): bigint;
}

// Slices: how many bytes a step takes. Each needs a table of its own; more than these no longer fit into the fastest cache.
const slices = 8;

/** CRC-32 of zlib and Ethernet. @see {@link https://www.rfc-editor.org/rfc/rfc1952#section-8} */
const ethernet = 0xedb88320n;
/** CRC-32C, Castagnoli. @see {@link https://www.rfc-editor.org/rfc/rfc3720#appendix-B.4} */
const castagnoli = 0x82f63b78n;
/** CRC-64/NVME. @see {@link https://nvmexpress.org/specifications/} NVM Command Set, section 5.2.1.3.4 */
const nvme = 0x9a6c9329ac4bc9b5n;

export const crcs: Readonly<Record<CrcAlgorithm, Crc>> = {
  crc32: {
    width: 32,
    polynomial: ethernet,
    update: nativeCrc32 === undefined ? updaterOf(32, ethernet, update32) : updaterOver(nativeCrc32),
  },
  crc32c: { width: 32, polynomial: castagnoli, update: updaterOf(32, castagnoli, update32) },
  crc64nvme: { width: 64, polynomial: nvme, update: updaterOf(64, nvme, update64) },
};

function updaterOver(native: NonNullable<typeof nativeCrc32>): Crc['update'] {
  return (bytes, previous) => BigInt(native(bytes, Number(previous)));
}

/** The tables of a CRC, slice after slice of 256 words, in halves of 32 bits: BigInt per byte would be 50 times slower. */
interface Tables {
  readonly low: Int32Array;
  readonly high: Int32Array;
}

type Update = (tables: Tables, bytes: Uint8Array, start: bigint) => bigint;

export function updaterOf(width: 32 | 64, polynomial: bigint, update: Update): Crc['update'] {
  let tables: Tables | undefined;
  return (bytes, previous) => {
    // Made on first use: importing the package computes nothing.
    tables ??= makeTables(polynomial);
    return BigInt.asUintN(width, ~update(tables, bytes, BigInt.asUintN(width, ~previous)));
  };
}

function makeTables(polynomial: bigint): Tables {
  const low = new Int32Array(slices * 256);
  const high = new Int32Array(slices * 256);
  const single = Array.from({ length: 256 }, (_, byte) => {
    let value = BigInt(byte);
    for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ polynomial : value >> 1n;
    return value;
  });
  for (const [byte, first] of single.entries()) {
    let value = first;
    for (let slice = 0; slice < slices; slice++) {
      low[slice * 256 + byte] = Number(BigInt.asIntN(32, value));
      high[slice * 256 + byte] = Number(BigInt.asIntN(32, value >> 32n));
      // One more byte of zeros behind it.
      value = (value >> 8n) ^ (single[Number(value & 0xffn)] ?? 0n);
    }
  }
  return { low, high };
}

// All indices below are inside of their arrays, which the compiler cannot know; `| 0` makes of each a plain number.

export function update32({ low: table }: Tables, bytes: Uint8Array, start: bigint): bigint {
  let crc = Number(BigInt.asIntN(32, start));
  const length = bytes.length;
  const whole = length - (length % 8);
  let i = 0;
  for (; i < whole; i += 8) {
    const first =
      crc ^
      ((bytes[i] as number) |
        ((bytes[i + 1] as number) << 8) |
        ((bytes[i + 2] as number) << 16) |
        ((bytes[i + 3] as number) << 24));
    crc =
      (table[1792 + (first & 0xff)] as number) ^
      (table[1536 + ((first >>> 8) & 0xff)] as number) ^
      (table[1280 + ((first >>> 16) & 0xff)] as number) ^
      (table[1024 + (first >>> 24)] as number) ^
      (table[768 + (bytes[i + 4] as number)] as number) ^
      (table[512 + (bytes[i + 5] as number)] as number) ^
      (table[256 + (bytes[i + 6] as number)] as number) ^
      (table[bytes[i + 7] as number] as number);
  }
  for (; i < length; i++) crc = (crc >>> 8) ^ (table[(crc ^ (bytes[i] as number)) & 0xff] as number);
  return BigInt.asUintN(32, BigInt(crc));
}

function update64({ low, high }: Tables, bytes: Uint8Array, start: bigint): bigint {
  let l = Number(BigInt.asIntN(32, start));
  let h = Number(BigInt.asIntN(32, start >> 32n));
  const length = bytes.length;
  const whole = length - (length % 8);
  let i = 0;
  for (; i < whole; i += 8) {
    const a =
      l ^
      ((bytes[i] as number) |
        ((bytes[i + 1] as number) << 8) |
        ((bytes[i + 2] as number) << 16) |
        ((bytes[i + 3] as number) << 24));
    const b =
      h ^
      ((bytes[i + 4] as number) |
        ((bytes[i + 5] as number) << 8) |
        ((bytes[i + 6] as number) << 16) |
        ((bytes[i + 7] as number) << 24));
    const t7 = 1792 + (a & 0xff);
    const t6 = 1536 + ((a >>> 8) & 0xff);
    const t5 = 1280 + ((a >>> 16) & 0xff);
    const t4 = 1024 + (a >>> 24);
    const t3 = 768 + (b & 0xff);
    const t2 = 512 + ((b >>> 8) & 0xff);
    const t1 = 256 + ((b >>> 16) & 0xff);
    const t0 = b >>> 24;
    l =
      (low[t7] as number) ^
      (low[t6] as number) ^
      (low[t5] as number) ^
      (low[t4] as number) ^
      (low[t3] as number) ^
      (low[t2] as number) ^
      (low[t1] as number) ^
      (low[t0] as number);
    h =
      (high[t7] as number) ^
      (high[t6] as number) ^
      (high[t5] as number) ^
      (high[t4] as number) ^
      (high[t3] as number) ^
      (high[t2] as number) ^
      (high[t1] as number) ^
      (high[t0] as number);
  }
  for (; i < length; i++) {
    const index = (l ^ (bytes[i] as number)) & 0xff;
    l = ((l >>> 8) | (h << 24)) ^ (low[index] as number);
    h = (h >>> 8) ^ (high[index] as number);
  }
  return (BigInt(h >>> 0) << 32n) | BigInt(l >>> 0);
}
