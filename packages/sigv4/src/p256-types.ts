/** What the two implementations of ECDSA on the curve P-256 (FIPS 186-5, SEC 1) offer. */
export interface P256 {
  /**
   * The public key of a private one.
   *
   * @param privateKey - 32 bytes
   * @returns 65 bytes: 4, then both coordinates (SEC 1 §2.3.3, uncompressed)
   */
  publicKeyOf: (privateKey: Uint8Array) => Uint8Array;
  /** Makes a private key ready to sign: ECDSA with SHA-256, the signature in DER. */
  signerOf: (privateKey: Uint8Array) => Promise<(message: string) => Promise<Uint8Array>>;
  /** Whether a signature in DER is that of the message. */
  isSignature: (publicKey: Uint8Array, message: string, signature: Uint8Array) => Promise<boolean>;
}
