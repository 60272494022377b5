import { type Checksum, type ChecksumAlgorithm, createCrc32 } from '@s3kit/checksums';

/** Starts a checksum. That of all that s3kit writes is at hand; the others are loaded when there is something to check by them. */
export function startChecksum(algorithm: ChecksumAlgorithm): Checksum | Promise<Checksum> {
  return algorithm === 'crc32'
    ? createCrc32()
    : import('./all-checksums.ts').then(({ createChecksum }) => createChecksum(algorithm));
}
