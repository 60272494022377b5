/** A checksum in the making. */
export interface Checksum {
  update(bytes: Uint8Array): void;
  /** The value as S3 writes it: Base64 of the big-endian bytes. To be called once, at the end. */
  base64(): string;
}
