/** A SHA-256 computation that takes its data piece by piece. */
export interface Sha256 {
  /** Adds data; a string counts as its UTF-8 bytes. Returns the same object. */
  update(data: string | Uint8Array): this;
  /** Ends the computation: 64 lower-case hexadecimal digits. Call it once. */
  digestHex(): string;
}

/** An HMAC key made ready once, then used for many messages. */
export interface HmacKey {
  /** HMAC-SHA-256 of an ASCII message, as 64 lower-case hexadecimal digits. */
  hex(message: string): string;
}
