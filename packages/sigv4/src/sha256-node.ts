/** SHA-256 and HMAC-SHA-256 (FIPS 180-4, RFC 2104) through `node:crypto`. */
import * as crypto from 'node:crypto';
import type { HmacKey, Sha256 } from './sha256-types.ts';

/** RFC 2104: the hash's block size, in bytes. */
const BLOCK_SIZE = 64;

/** Bytes of a SHA-256 digest. */
const DIGEST_SIZE = 32;

// The types say that `hash` is always there; a runtime that only resembles Node may lack it.
const hasOneShotHash = (): boolean => typeof crypto.hash === 'function';

export function createSha256(): Sha256 {
  const hash = crypto.createHash('sha256');
  return {
    update(data) {
      hash.update(data);
      return this;
    },
    digestHex: () => hash.digest('hex'),
  };
}

export function sha256Hex(data: string | Uint8Array): string {
  // Half the time of createHash on a canonical request (0.45 against 0.91 us, Node 20).
  return hasOneShotHash() ? crypto.hash('sha256', data, 'hex') : createSha256().update(data).digestHex();
}

export function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length;
}

export function hmacSha256(key: string | Uint8Array, message: string): Uint8Array {
  return crypto.createHmac('sha256', key).update(message).digest();
}

export function createHmacKey(key: Uint8Array): HmacKey {
  if (!hasOneShotHash()) return { hex: (message) => Buffer.from(hmacSha256(key, message)).toString('hex') };

  // RFC 2104 spelled out over the one-shot hash: 1.0 us, where createHmac takes 1.65 (Node 20). The padded
  // key stays in front of both buffers, and only what follows it is written per message.
  let inner = padded(key, 0x36, 256);
  const outer = padded(key, 0x5c, DIGEST_SIZE);
  return {
    hex(message) {
      if (message.length > inner.length - BLOCK_SIZE) inner = padded(key, 0x36, message.length);
      const end = BLOCK_SIZE + inner.write(message, BLOCK_SIZE, 'latin1');
      outer.write(crypto.hash('sha256', inner.subarray(0, end), 'binary'), BLOCK_SIZE, 'latin1');
      return crypto.hash('sha256', outer, 'hex');
    },
  };
}

/** One block of `key`, each byte changed by `pad`, with `room` bytes behind it. A signing key has 32 bytes. */
function padded(key: Uint8Array, pad: number, room: number): Buffer {
  const buffer = Buffer.alloc(BLOCK_SIZE + room);
  buffer.set(key);
  for (let index = 0; index < BLOCK_SIZE; index++) buffer[index] = (buffer[index] ?? 0) ^ pad;
  return buffer;
}
