import * as implementation from '#sha256';
import type { HmacKey, Sha256 } from './sha256-types.ts';

/** SHA-256 of the data, as 64 lower-case hexadecimal digits. A string counts as its UTF-8 bytes. */
export function sha256Hex(data: string | Uint8Array): string {
  return implementation.sha256Hex(data);
}

/**
 * Starts a SHA-256 that takes its data piece by piece, for a payload hash without the payload in memory.
 *
 * @example
 * const hash = createSha256();
 * for await (const chunk of stream) hash.update(chunk);
 * const payloadHash = hash.digestHex();
 */
export function createSha256(): Sha256 {
  return implementation.createSha256();
}

/** Whether all characters are below U+0080. Next to the hashes because Node has a faster way than a pattern. */
export function isAscii(text: string): boolean {
  return implementation.isAscii(text);
}

/** HMAC-SHA-256 (RFC 2104); strings count as their UTF-8 bytes. */
export function hmacSha256(key: string | Uint8Array, message: string): Uint8Array {
  return implementation.hmacSha256(key, message);
}

/** Makes an HMAC key of at most 64 bytes ready for many ASCII messages. */
export function createHmacKey(key: Uint8Array): HmacKey {
  return implementation.createHmacKey(key);
}
