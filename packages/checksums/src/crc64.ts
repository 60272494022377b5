/** CRC-64/NVME. @see {@link https://nvmexpress.org/specifications/} NVM Command Set, section 5.2.1.3.4 */
export const nvme = 0x9a6c9329ac4bc9b5n;

// Slices: how many bytes a step takes. Each needs a table of its own; more than these no longer fit into the fastest cache.
const slices = 8;

/** The tables, slice after slice of 256 words, in halves of 32 bits: BigInt per byte would be 50 times slower. */
interface Tables {
  readonly low: Int32Array;
  readonly high: Int32Array;
}

let tables: Tables | undefined;

/** Takes bytes into a CRC-64/NVME. */
export function updateCrc64(bytes: Uint8Array, previous: bigint): bigint {
  // Made on first use: importing the package computes nothing.
  tables ??= makeTables(nvme);
  return BigInt.asUintN(64, ~update64(tables, bytes, BigInt.asUintN(64, ~previous)));
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
