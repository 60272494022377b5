import { updateCrc32 } from '#crc32';
import { foldCrc32c, foldCrc64 } from '#folding';
import type { CrcAlgorithm } from './algorithms.ts';
import { crc32Updater, type UpdateCrc32 } from './crc32-updater.ts';
import { nvme, updateCrc64 } from './crc64.ts';

/** A CRC; the value of one call of `update` is the `previous` of the next, and 0 that of the first. */
export interface Crc {
  /** Bits of the value. */
  readonly width: 32 | 64;
  /** The generator polynomial, reflected. */
  readonly polynomial: bigint;
  update(bytes: Uint8Array, previous: bigint): bigint;
}

/** CRC-32 of zlib and Ethernet. @see {@link https://www.rfc-editor.org/rfc/rfc1952#section-8} */
const ethernet = 0xedb88320n;
/** CRC-32C, Castagnoli. @see {@link https://www.rfc-editor.org/rfc/rfc3720#appendix-B.4} */
const castagnoli = 0x82f63b78n;

export const crcs: Readonly<Record<CrcAlgorithm, Crc>> = {
  crc32: { width: 32, polynomial: ethernet, update: ofNumbers(updateCrc32) },
  crc32c: {
    width: 32,
    polynomial: castagnoli,
    update: ofNumbers(foldCrc32c(crc32Updater(Number(castagnoli)))),
  },
  crc64nvme: { width: 64, polynomial: nvme, update: foldCrc64(updateCrc64) },
};

function ofNumbers(update: UpdateCrc32): Crc['update'] {
  return (bytes, previous) => BigInt(update(bytes, Number(previous)));
}
