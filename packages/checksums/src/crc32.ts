import { updateCrc32 } from '#crc32';
import { toBase64 } from './base64.ts';
import type { Checksum } from './checksum-types.ts';

/** Starts a CRC32: `createChecksum('crc32')` for bundles that shall hold no other algorithm. */
export function createCrc32(): Checksum {
  let value = 0;
  return {
    update: (bytes) => {
      value = updateCrc32(bytes, value);
    },
    base64: () => toBase64(Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)),
  };
}
