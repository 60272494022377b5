/** What signs on Node: at once, by `node:crypto`. */
import { createSha256, Signer, type SignerOptions, sha256Hex } from '@s3kit/sigv4';
import type { RequestBody } from '../http.ts';
import type { BodyHash, RequestSigner } from '../request-signer.ts';

class NodeSigner extends Signer implements RequestSigner {
  whole(): Signer {
    return this;
  }
}

export function createSigner(options: SignerOptions, _plainPaths: boolean): RequestSigner {
  return new NodeSigner(options);
}

export function startSha256(body: RequestBody): BodyHash {
  // What is at hand is hashed in one call, which costs a third of one that begins, goes on and ends.
  return body.kind === 'bytes'
    ? { update: () => undefined, digestHex: () => sha256Hex(body.bytes) }
    : createSha256();
}
