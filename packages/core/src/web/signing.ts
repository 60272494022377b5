/**
 * What signs where there is WebCrypto, which costs a page nothing; without it (on pages over plain HTTP), a hash in plain
 * JavaScript is loaded.
 */
import {
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
  readonly #plainPaths: boolean;
  readonly #subtle: SubtleSigner;
  #whole: Promise<Signer> | undefined;

  constructor(options: SignerOptions, plainPaths: boolean) {
    this.#options = options;
    this.#plainPaths = plainPaths;
    this.#subtle = new SubtleSigner(options);
  }

  async sign(request: PreparedRequest, options: SubtleSignOptions): Promise<SignedRequest> {
    return hasSubtle() && this.#plainPaths
      ? this.#subtle.sign(request, options)
      : (await this.whole()).sign(request, options);
  }

  whole(): Promise<Signer> {
    this.#whole ??= import('../signer.ts').then(({ Signer }) => new Signer(this.#options));
    return this.#whole;
  }
}

/** @param plainPaths - whether no path begins with one of the endpoint's, which may be written in its own way */
export function createSigner(options: SignerOptions, plainPaths: boolean): RequestSigner {
  return new WebSigner(options, plainPaths);
}

/** A body over HTTPS is not part of the signature: most pages never hash one. */
export async function startSha256(body: RequestBody): Promise<BodyHash> {
  return (await import('./body-hash.ts')).startSha256(body);
}

/** Not among the types that are always there: browsers have it on secure pages only. */
export function hasSubtle(): boolean {
  return (crypto as { readonly subtle?: unknown }).subtle !== undefined;
}
