/**
 * SHA-256 (FIPS 180-4) and HMAC (RFC 2104) in plain JavaScript, for browsers and edge runtimes: the default of the
 * `#sha256` import.
 *
 * WebCrypto is not used: it is asynchronous, and costs 15 times more on inputs as short as these.
 */

// The class under the package's own one, which brings an HMAC and helpers that are three times its size. The build takes it in.
// Copyright Amazon.com Inc. or its affiliates. Apache-2.0.
import { RawSha256 } from '@aws-crypto/sha256-js/build/module/RawSha256.js';
import type { HmacKey, Sha256 } from './sha256-types.ts';

/** FIPS 180-4 §1: bytes that are hashed at a time. */
const BLOCK_SIZE = 64;

// From 512 MiB on, the library writes the length of the message in the wrong order of bytes (5.2.0), and the digest is wrong.
const MAXIMUM_LENGTH = 2 ** 29 - 1;

const encoder = /* @__PURE__ */ new TextEncoder();

function bytesOf(data: string | Uint8Array): Uint8Array {
  return typeof data === 'string' ? encoder.encode(data) : data;
}

function toHex(bytes: Uint8Array): string {
  let hex = '';
  for (const byte of bytes) hex += (byte + 0x100).toString(16).slice(1);
  return hex;
}

function digestOf(bytes: Uint8Array): Uint8Array {
  const hash = new RawSha256();
  hash.update(bytes);
  return hash.digest();
}

export function createSha256(): Sha256 {
  const hash = new RawSha256();
  let length = 0;
  return {
    update(data) {
      const bytes = bytesOf(data);
      length += bytes.byteLength;
      if (length > MAXIMUM_LENGTH) {
        throw new RangeError(
          'no more than 512 MiB can be hashed here; send a larger body as UNSIGNED-PAYLOAD',
        );
      }
      hash.update(bytes);
      return this;
    },
    digestHex: () => toHex(hash.digest()),
  };
}

export function sha256Hex(data: string | Uint8Array): string {
  return createSha256().update(data).digestHex();
}

export function isAscii(text: string): boolean {
  return !/[^\0-\x7f]/.test(text);
}

/** What a hash has taken in so far, to go on from there again and again: its fields are not meant to be seen. */
type HashState = { state: Int32Array; bytesHashed: number };

function resumed({ state, bytesHashed }: HashState): RawSha256 {
  const hash = new RawSha256();
  Object.assign(hash, { state: state.slice(), bytesHashed });
  return hash;
}

/** The states after the two padded keys of RFC 2104, each one block: half of the work on a short message, done once. */
function hmac(key: Uint8Array): (message: string) => Uint8Array {
  const short = key.length > BLOCK_SIZE ? digestOf(key) : key;
  const [inner, outer] = [0x36, 0x5c].map((pad) => {
    const hash = new RawSha256();
    hash.update(new Uint8Array(BLOCK_SIZE).map((_, index) => (short[index] ?? 0) ^ pad));
    return hash as unknown as HashState; // see HashState
  }) as [HashState, HashState]; // one for each pad
  return (message) => {
    const hash = resumed(inner);
    hash.update(bytesOf(message));
    const digest = hash.digest();
    const last = resumed(outer);
    last.update(digest);
    return last.digest();
  };
}

export function hmacSha256(key: string | Uint8Array, message: string): Uint8Array {
  return hmac(bytesOf(key))(message);
}

export function createHmacKey(key: Uint8Array): HmacKey {
  const compute = hmac(key);
  return { hex: (message) => toHex(compute(message)) };
}
