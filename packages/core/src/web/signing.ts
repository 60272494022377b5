/**
 * What signs where there is WebCrypto, which costs a page nothing; without it (on pages over plain HTTP), a hash in plain
 * JavaScript is loaded.
 */
import {
  isCanonicalPath,
  type PreparedRequest,
  type SignedRequest,
  type Signer,
  type SignerOptions,
  SubtleSigner,
  type SubtleSignOptions,
} from '@s3kit/sigv4';
import type { RequestBody } from '../http.ts';
import type { BodyHash, RequestSigner } from '../request-signer.ts';

class WebSigner implements RequestSigner {
  readonly #options: SignerOptions;
  readonly #subtle: SubtleSigner;
  #whole: Promise<Signer> | undefined;

  constructor(options: SignerOptions) {
    this.#options = options;
    this.#subtle = new SubtleSigner(options);
  }

  async sign(request: PreparedRequest, options: SubtleSignOptions): Promise<SignedRequest> {
    // An endpoint may have a path that is written in its own way.
    return hasSubtle() && isCanonicalPath(request.path)
      ? this.#subtle.sign(request, options)
      : (await this.whole()).sign(request, options);
  }

  whole(): Promise<Signer> {
    this.#whole ??= import('../signer.ts').then(({ Signer }) => new Signer(this.#options));
    return this.#whole;
  }
}

export function createSigner(options: SignerOptions): RequestSigner {
  return new WebSigner(options);
}

/** A body over HTTPS is not part of the signature: most pages never hash one. */
export async function startSha256(body: RequestBody): Promise<BodyHash> {
  return (await import('./body-hash.ts')).startSha256(body);
}

/** Not among the types that are always there: browsers have it on secure pages only. */
export function hasSubtle(): boolean {
  return (crypto as { readonly subtle?: unknown }).subtle !== undefined;
}
