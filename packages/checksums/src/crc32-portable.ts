/** CRC-32 in plain JavaScript, for browsers and edge runtimes: the default of the `#crc32` import. */
import { crc32Updater, type UpdateCrc32 } from './crc32-updater.ts';

export const updateCrc32: UpdateCrc32 = /* @__PURE__ */ crc32Updater(0xedb88320);
