import { createSha256, subtleSha256Hex } from '@s3kit/sigv4';
import type { RequestBody } from '../http.ts';
import type { BodyHash } from '../request-signer.ts';
import { hasSubtle } from './signing.ts';

/** Hashes a body by WebCrypto, which takes all at once, or piece by piece in plain JavaScript. */
export function startSha256({ kind }: RequestBody): BodyHash {
  if (kind === 'file' || !hasSubtle()) return createSha256();
  let bytes = new Uint8Array();
  return {
    // Bytes come as one piece. Those that are shared with other threads are the one kind that WebCrypto refuses.
    update: (chunk) => {
      bytes = chunk as Uint8Array<ArrayBuffer>;
    },
    digestHex: () => subtleSha256Hex(bytes),
  };
}
