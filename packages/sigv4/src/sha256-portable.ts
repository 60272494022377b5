/**
 * SHA-256 and HMAC-SHA-256 in plain JavaScript (FIPS 180-4, RFC 2104): the implementation for browsers,
 * workers, and every runtime without `node:crypto`.
 *
 * WebCrypto is not used: it is asynchronous, and costs 15 times more on inputs as short as these.
 */
import { Sha256 as Hash } from '@aws-crypto/sha256-js';
import type { HmacKey, Sha256 } from './sha256-types.ts';

function toHex(bytes: Uint8Array): string {
  let hex = '';
  for (const byte of bytes) hex += (byte < 16 ? '0' : '') + byte.toString(16);
  return hex;
}

export function createSha256(): Sha256 {
  const hash = new Hash();
  return {
    update(data) {
      hash.update(data);
      return this;
    },
    digestHex: () => toHex(hash.digestSync()),
  };
}

export function sha256Hex(data: string | Uint8Array): string {
  return createSha256().update(data).digestHex();
}

export function isAscii(text: string): boolean {
  return !/[^\0-\x7f]/.test(text);
}

export function hmacSha256(key: string | Uint8Array, message: string): Uint8Array {
  const hash = new Hash(key);
  hash.update(message);
  return hash.digestSync();
}

export function createHmacKey(key: Uint8Array): HmacKey {
  return { hex: (message) => toHex(hmacSha256(key, message)) };
}
