// The hash of @aws-crypto/sha256-js in the place of the package's own: to compare signers on one and the same hash.
import { Sha256 } from '@aws-crypto/sha256-js';

function toHex(bytes) {
  let hex = '';
  for (const byte of bytes) hex += (byte < 16 ? '0' : '') + byte.toString(16);
  return hex;
}

export function createSha256() {
  const hash = new Sha256();
  return {
    update(data) {
      hash.update(data);
      return this;
    },
    digestHex: () => toHex(hash.digestSync()),
  };
}

export function sha256Hex(data) {
  return createSha256().update(data).digestHex();
}

export function isAscii(text) {
  return !/[^\0-\x7f]/.test(text);
}

export function hmacSha256(key, message) {
  const hash = new Sha256(key);
  hash.update(message);
  return hash.digestSync();
}

export function createHmacKey(key) {
  return { hex: (message) => toHex(hmacSha256(key, message)) };
}
