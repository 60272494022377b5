/** The CRC-32 of `node:zlib`: what `#crc32` is on Node. */
import { arch } from 'node:process';
import { crc32 } from 'node:zlib';
import type { UpdateCrc32 } from './crc32-updater.ts';
import { foldCrc32 } from './folding-node.ts';

// Asked for when it is called, as whoever bundles the package may load `node:zlib` no sooner.
const native: UpdateCrc32 = (bytes, previous) => crc32(bytes, previous);

// On ARM, zlib uses the processor's own instructions for it.
export const updateCrc32: UpdateCrc32 = arch === 'x64' ? foldCrc32(native) : native;
