/** The CRC-32 of `node:zlib`: what `#crc32` is on Node. */
import { crc32 } from 'node:zlib';
import type { UpdateCrc32 } from './crc32-updater.ts';

// Asked for when it is called, as whoever bundles the package may load `node:zlib` no sooner.
export const updateCrc32: UpdateCrc32 = (bytes, previous) => crc32(bytes, previous);
