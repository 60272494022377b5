export {
  type ChecksumAlgorithm,
  type CrcAlgorithm,
  checksumLengths,
  isChecksumAlgorithm,
  isChecksumValue,
  isCrcAlgorithm,
} from './algorithms.ts';
export { fromBase64, toBase64 } from './base64.ts';
export {
  checksumOf,
  createChecksum,
  multipartChecksum,
  type PartChecksum,
} from './checksum.ts';
export type { Checksum } from './checksum-types.ts';
export { createCrc32 } from './crc32.ts';
