/** The digests through `node:crypto`: what `#digest` is on Node. */
import { createHash } from 'node:crypto';
import type { Digest, DigestAlgorithm } from './digest-types.ts';

export function createDigest(algorithm: DigestAlgorithm): Digest {
  const hash = createHash(algorithm);
  return { update: (bytes) => void hash.update(bytes), base64: () => hash.digest('base64') };
}
