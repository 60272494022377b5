/** Takes bytes into a CRC of 32 bits; the value of one call is the `previous` of the next, and 0 that of the first. */
export type UpdateCrc32 = (bytes: Uint8Array, previous: number) => number;

// Slices: how many bytes a step takes. Each needs a table of its own; more than these no longer fit into the fastest cache.
const slices = 8;

/** @param polynomial - the generator polynomial, reflected */
export function crc32Updater(polynomial: number): UpdateCrc32 {
  let made: Int32Array | undefined;
  return (bytes, previous) => {
    // Made on first use: importing the package computes nothing.
    made ??= tableOf(polynomial);
    const table = made;
    let crc = ~previous;
    const { length } = bytes;
    const whole = length - (length % slices);
    let i = 0;
    // All indices are inside of their arrays, which the compiler cannot know; `| 0` makes of each a plain number.
    for (; i < whole; i += slices) {
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
    return ~crc >>> 0;
  };
}

/** Slice after slice of 256 words. */
function tableOf(polynomial: number): Int32Array {
  const table = new Int32Array(slices * 256);
  for (let byte = 0; byte < 256; byte++) {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
    table[byte] = value;
  }
  // Each slice is the one before with one more byte of zeros behind it.
  for (let at = 256; at < table.length; at++) {
    const value = table[at - 256] as number;
    table[at] = (value >>> 8) ^ (table[value & 0xff] as number);
  }
  return table;
}
