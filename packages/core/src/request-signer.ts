import type { PreparedRequest, SignedRequest, Signer, SubtleSignOptions } from '@s3kit/sigv4';

/** What signs a connection's requests. What it is, and how it hashes, is settled by the runtime: see `#signing`. */
export interface RequestSigner {
  sign(request: PreparedRequest, options: SubtleSignOptions): SignedRequest | Promise<SignedRequest>;
  /** The signer of all else: of URLs and forms. */
  whole(): Signer | Promise<Signer>;
}

/** A SHA-256 in the making. */
export interface BodyHash {
  update(chunk: Uint8Array): void;
  /** To be called once, at the end. */
  digestHex(): string | Promise<string>;
}
