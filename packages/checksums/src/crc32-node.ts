/** The CRC-32 of `node:zlib`: what `#crc32` is on Node. */
import { crc32 } from 'node:zlib';
import type { UpdateCrc32 } from './crc32-updater.ts';

export const updateCrc32: UpdateCrc32 = crc32;
