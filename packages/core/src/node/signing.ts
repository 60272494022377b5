/** What signs on Node: at once, by `node:crypto`. */
import { createSha256, Signer, type SignerOptions, sha256Hex, signPrepared } from '@s3kit/sigv4';
import type { RequestBody } from '../http.ts';
import type { BodyHash, RequestSigner } from '../request-signer.ts';

/** @param plainPaths - whether no path begins with one of the endpoint's, which may be written in its own way */
export function createSigner(options: SignerOptions, plainPaths: boolean): RequestSigner {
  const signer = new Signer(options);
  return {
    sign: plainPaths
      ? (request, overrides) => signPrepared(signer, request, overrides)
      : (request, overrides) => signer.sign(request, overrides),
    whole: () => signer,
  };
}

export function startSha256(body: RequestBody): BodyHash {
  // What is at hand is hashed in one call, which costs a third of one that begins, goes on and ends.
  return body.kind === 'bytes'
    ? { update: () => undefined, digestHex: () => sha256Hex(body.bytes) }
    : createSha256();
}
