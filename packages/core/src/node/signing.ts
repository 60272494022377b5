/** What signs on Node: at once, by `node:crypto`. */
import { createSha256, Signer, type SignerOptions } from '@s3kit/sigv4';
import type { RequestBody } from '../http.ts';
import type { BodyHash, RequestSigner } from '../request-signer.ts';

class NodeSigner extends Signer implements RequestSigner {
  whole(): Signer {
    return this;
  }
}

export function createSigner(options: SignerOptions): RequestSigner {
  return new NodeSigner(options);
}

export function startSha256(_body: RequestBody): BodyHash {
  return createSha256();
}
