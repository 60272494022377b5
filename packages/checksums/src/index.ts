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
  type Checksum,
  checksumOf,
  createChecksum,
  multipartChecksum,
  type PartChecksum,
} from './checksum.ts';
