/** The algorithms that are hashes, and no CRCs. */
export type DigestAlgorithm = 'md5' | 'sha1' | 'sha256' | 'sha512';

/** A digest in the making. */
export interface Digest {
  update(bytes: Uint8Array): void;
  /** The digest in Base64. To be called once, at the end. */
  base64(): string;
}
