export {
  type ChecksumAlgorithm,
  type CrcAlgorithm,
  checksumLengths,
  isChecksumAlgorithm,
  isChecksumValue,
  isCrcAlgorithm,
} from './algorithms.ts';
export {
  type Checksum,
  checksumOf,
  createChecksum,
  multipartChecksum,
  type PartChecksum,
} from './checksum.ts';
