/** The digests through `node:crypto`, and the CRC-32 of `node:zlib`: what `#digest` is on Node. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Digest, DigestAlgorithm } from './digest-types.ts';

export function createDigest(algorithm: DigestAlgorithm): Digest {
  const hash = createHash(algorithm);
  return { update: (bytes) => void hash.update(bytes), base64: () => hash.digest('base64') };
}

/** The CRC-32 of bytes that follow others. */
export const nativeCrc32: ((bytes: Uint8Array, previous: number) => number) | undefined = crc32;
