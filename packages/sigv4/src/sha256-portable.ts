/**
 * SHA-256 and HMAC-SHA-256 in plain JavaScript (FIPS 180-4, RFC 2104): the implementation for browsers,
 * workers, and every runtime without `node:crypto`.
 *
 * WebCrypto is not used: it is asynchronous, and costs 15 times more on inputs as short as these.
 */
import type { HmacKey, Sha256 } from './sha256-types.ts';

/** FIPS 180-4 §5.2.1: bytes that are hashed at a time. */
const BLOCK_SIZE = 64;

/** FIPS 180-4 §4.2.2 and §5.3.3: the first 32 bits of the fractional parts of roots of the first primes. */
function fractions(count: number, root: (prime: number) => number): Int32Array {
  const words = new Int32Array(count);
  for (let candidate = 2, found = 0; found < count; candidate++) {
    let divisor = 2;
    while (candidate % divisor !== 0) divisor++;
    if (divisor === candidate) words[found++] = (root(candidate) % 1) * 2 ** 32;
  }
  return words;
}

// Computed, not written out: 64 words of 32 random bits are half a kilobyte that no compression makes shorter.
const INITIAL: Int32Array = /* @__PURE__ */ fractions(8, Math.sqrt);
const CONSTANTS: Int32Array = /* @__PURE__ */ fractions(64, Math.cbrt);

// Scratch that every block overwrites. Making one for each message would cost as much as hashing a block.
const schedule: Int32Array = /* @__PURE__ */ new Int32Array(64);
const encoder = /* @__PURE__ */ new TextEncoder();

/** FIPS 180-4 §6.2.2: takes one block of `bytes` into the state. */
function compress(state: Int32Array, bytes: Uint8Array, offset: number): void {
  // All indices are inside; the compiler cannot know that, and a check would cost a quarter of the speed.
  for (let t = 0, i = offset; t < 16; t++, i += 4) {
    schedule[t] =
      ((bytes[i] as number) << 24) |
      ((bytes[i + 1] as number) << 16) |
      ((bytes[i + 2] as number) << 8) |
      (bytes[i + 3] as number);
  }
  for (let t = 16; t < 64; t++) {
    const x = schedule[t - 15] as number;
    const y = schedule[t - 2] as number;
    const sigma0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const sigma1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    schedule[t] = (sigma1 + (schedule[t - 7] as number) + sigma0 + (schedule[t - 16] as number)) | 0;
  }
  let a = state[0] as number;
  let b = state[1] as number;
  let c = state[2] as number;
  let d = state[3] as number;
  let e = state[4] as number;
  let f = state[5] as number;
  let g = state[6] as number;
  let h = state[7] as number;
  for (let t = 0; t < 64; t++) {
    const sum1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + sum1 + (g ^ (e & (f ^ g))) + (CONSTANTS[t] as number) + (schedule[t] as number)) | 0;
    const sum0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (sum0 + ((a & b) ^ (c & (a ^ b)))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  // An Int32Array wraps what is stored in it.
  state[0] = (state[0] as number) + a;
  state[1] = (state[1] as number) + b;
  state[2] = (state[2] as number) + c;
  state[3] = (state[3] as number) + d;
  state[4] = (state[4] as number) + e;
  state[5] = (state[5] as number) + f;
  state[6] = (state[6] as number) + g;
  state[7] = (state[7] as number) + h;
}

/** Takes every whole block of `bytes` into the state, and returns where the rest begins. */
function absorb(state: Int32Array, bytes: Uint8Array): number {
  let offset = 0;
  for (; offset + BLOCK_SIZE <= bytes.length; offset += BLOCK_SIZE) compress(state, bytes, offset);
  return offset;
}

/**
 * The digest of `bytes`, as eight words.
 *
 * @param start - the state after the `before` bytes that come first, a multiple of the block size
 */
function digest(start: Int32Array, before: number, bytes: Uint8Array): Int32Array {
  const state = start.slice();
  const rest = bytes.subarray(absorb(state, bytes));
  // FIPS 180-4 §5.1.1: one bit, zeros, and the length in 64 bits.
  const tail = new Uint8Array(rest.length + 9 > BLOCK_SIZE ? 2 * BLOCK_SIZE : BLOCK_SIZE);
  tail.set(rest);
  tail[rest.length] = 0x80;
  let bits = (before + bytes.length) * 8;
  for (let index = tail.length; bits > 0; bits = Math.floor(bits / 256)) tail[--index] = bits;
  absorb(state, tail);
  return state;
}

function bytesOf(data: string | Uint8Array): Uint8Array {
  return typeof data === 'string' ? encoder.encode(data) : data;
}

function toHex(words: Int32Array): string {
  let hex = '';
  for (const word of words) hex += (word >>> 0).toString(16).padStart(8, '0');
  return hex;
}

function toBytes(words: Int32Array): Uint8Array {
  const bytes = new Uint8Array(words.length * 4);
  for (let index = 0; index < bytes.length; index++) {
    bytes[index] = (words[index >> 2] as number) >>> (24 - 8 * (index & 3));
  }
  return bytes;
}

export function createSha256(): Sha256 {
  const state = INITIAL.slice();
  let rest = new Uint8Array();
  let before = 0;
  return {
    update(data) {
      let bytes = bytesOf(data);
      if (rest.length > 0) {
        const joined = new Uint8Array(rest.length + bytes.length);
        joined.set(rest);
        joined.set(bytes, rest.length);
        bytes = joined;
      }
      const offset = absorb(state, bytes);
      before += offset;
      rest = bytes.slice(offset);
      return this;
    },
    digestHex: () => toHex(digest(state, before, rest)),
  };
}

export function sha256Hex(data: string | Uint8Array): string {
  return toHex(digest(INITIAL, 0, bytesOf(data)));
}

export function isAscii(text: string): boolean {
  return !/[^\0-\x7f]/.test(text);
}

/** The states after the two padded keys of RFC 2104: half of the work on a short message, done once. */
function hmac(key: Uint8Array): (message: string) => Int32Array {
  const short = key.length > BLOCK_SIZE ? toBytes(digest(INITIAL, 0, key)) : key;
  const [inner, outer] = [0x36, 0x5c].map((pad) => {
    const block = new Uint8Array(BLOCK_SIZE).map((_, index) => (short[index] ?? 0) ^ pad);
    const state = INITIAL.slice();
    absorb(state, block);
    return state;
  }) as [Int32Array, Int32Array]; // one for each pad
  return (message) => digest(outer, BLOCK_SIZE, toBytes(digest(inner, BLOCK_SIZE, bytesOf(message))));
}

export function hmacSha256(key: string | Uint8Array, message: string): Uint8Array {
  return toBytes(hmac(bytesOf(key))(message));
}

export function createHmacKey(key: Uint8Array): HmacKey {
  const compute = hmac(key);
  return { hex: (message) => toHex(compute(message)) };
}
