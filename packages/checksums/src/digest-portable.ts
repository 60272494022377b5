/**
 * MD5 (RFC 1321), SHA-1 and SHA-2 (FIPS 180-4) in plain JavaScript, for browsers and edge runtimes: the default of the `#digest`
 * import. WebCrypto has no MD5, and takes nothing piece by piece.
 */
import { toBase64 } from './base64.ts';
import type { Digest, DigestAlgorithm } from './digest-types.ts';

/** Takes one block of the message into the state. */
type Compress = (state: Int32Array, block: DataView, offset: number) => void;

/** What tells one of these hashes from another. */
interface Hash {
  readonly start: () => readonly number[];
  readonly compress: Compress;
  /** Bytes. */
  readonly blockSize: 64 | 128;
  readonly littleEndian?: true;
}

const md5Start = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];

const hashes: Readonly<Record<DigestAlgorithm, Hash>> = {
  md5: { start: () => md5Start, compress: md5, blockSize: 64, littleEndian: true },
  sha1: { start: () => [...md5Start, 0xc3d2e1f0], compress: sha1, blockSize: 64 },
  sha256: { start: () => everyOther(rootsOfPrimes(8, 2n)), compress: sha256, blockSize: 64 },
  sha512: { start: () => rootsOfPrimes(8, 2n), compress: sha512, blockSize: 128 },
};

export function createDigest(algorithm: DigestAlgorithm): Digest {
  const { start, compress, blockSize, littleEndian = false } = hashes[algorithm];
  const state = Int32Array.from(start());
  const block = new Uint8Array(blockSize);
  const view = new DataView(block.buffer);
  let filled = 0;
  let length = 0;
  return {
    update(bytes) {
      length += bytes.length;
      let position = 0;
      if (filled > 0) {
        position = Math.min(blockSize - filled, bytes.length);
        block.set(bytes.subarray(0, position), filled);
        filled += position;
        if (filled < blockSize) return;
        compress(state, view, 0);
      }
      const input = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      for (; position + blockSize <= bytes.length; position += blockSize) compress(state, input, position);
      block.set(bytes.subarray(position));
      filled = bytes.length - position;
    },
    base64() {
      block.fill(0, filled);
      block[filled] = 0x80;
      // The length takes an eighth of a block.
      if (filled >= blockSize - blockSize / 8) {
        compress(state, view, 0);
        block.fill(0);
      }
      const [low, high] = [(length * 8) >>> 0, Math.floor(length / 2 ** 29)];
      view.setUint32(blockSize - 8, littleEndian ? low : high, littleEndian);
      view.setUint32(blockSize - 4, littleEndian ? high : low, littleEndian);
      compress(state, view, 0);
      const digest = new DataView(new ArrayBuffer(state.length * 4));
      for (const [index, word] of state.entries()) digest.setInt32(index * 4, word, littleEndian);
      return toBase64(new Uint8Array(digest.buffer));
    },
  };
}

/** Computes something when it is first wanted: importing the package computes nothing. */
function lazily<T>(compute: () => T): () => T {
  let value: T | undefined;
  return () => {
    value ??= compute();
    return value;
  };
}

/** FIPS 180-4 §4.2, §5.3: the first 64 bits of the fractional parts of roots of the first primes, each as two words. */
function rootsOfPrimes(count: number, degree: bigint): number[] {
  const words: number[] = [];
  for (let candidate = 2n; words.length < count * 2; candidate++) {
    let divisor = 2n;
    while (candidate % divisor !== 0n) divisor++;
    if (divisor !== candidate) continue;
    const radicand = candidate << (64n * degree);
    // Newton's method comes down from above, until it comes no further.
    let root = 1n << 80n;
    for (let next = root - 1n; next < root; ) {
      root = next;
      next = ((degree - 1n) * root + radicand / root ** (degree - 1n)) / degree;
    }
    words.push(Number(BigInt.asIntN(32, root >> 32n)), Number(BigInt.asIntN(32, root)));
  }
  return words;
}

const everyOther = (words: readonly number[]): number[] => words.filter((_, index) => index % 2 === 0);

const sineTable = /* @__PURE__ */ lazily(() =>
  Array.from({ length: 64 }, (_, index) => Math.floor(2 ** 32 * Math.abs(Math.sin(index + 1)))),
);
const cubeRoots = /* @__PURE__ */ lazily(() => Int32Array.from(rootsOfPrimes(80, 3n)));
const shortCubeRoots = /* @__PURE__ */ lazily(() => Int32Array.from(everyOther([...cubeRoots()])));

// All indices below are inside of their arrays, which the compiler cannot know.
type Words = { [index: number]: number };
type Four = Words & [number, number, number, number];
type Five = [number, number, number, number, number];
type Eight = [number, number, number, number, number, number, number, number];

const rotateLeft = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));

const md5Shifts = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];

/** RFC 1321 §3.4. */
function md5(state: Int32Array, block: DataView, offset: number): void {
  const sines = sineTable() as Words;
  let [a, b, c, d] = state as unknown as Four;
  for (let i = 0; i < 64; i++) {
    const round = i >> 4;
    const [mixed, index] = (
      round === 0
        ? [(b & c) | (~b & d), i]
        : round === 1
          ? [(d & b) | (~d & c), 5 * i + 1]
          : round === 2
            ? [b ^ c ^ d, 3 * i + 5]
            : [c ^ (b | ~d), 7 * i]
    ) as [number, number];
    const sum = (mixed + a + (sines[i] as number) + block.getUint32(offset + (index % 16) * 4, true)) | 0;
    a = d;
    d = c;
    c = b;
    b = (b + rotateLeft(sum, md5Shifts[round * 4 + (i & 3)] as number)) | 0;
  }
  addTo(state, [a, b, c, d]);
}

const schedule = /* @__PURE__ */ lazily(() => new Int32Array(160));

/** FIPS 180-4 §6.1.2. */
function sha1(state: Int32Array, block: DataView, offset: number): void {
  const w = schedule() as Words;
  let [a, b, c, d, e] = state as unknown as Five;
  for (let i = 0; i < 80; i++) {
    w[i] =
      i < 16
        ? block.getInt32(offset + i * 4)
        : rotateLeft(
            (w[i - 3] as number) ^ (w[i - 8] as number) ^ (w[i - 14] as number) ^ (w[i - 16] as number),
            1,
          );
    const mixed =
      i < 20
        ? ((b & c) | (~b & d)) + 0x5a827999
        : i < 40
          ? (b ^ c ^ d) + 0x6ed9eba1
          : i < 60
            ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
            : (b ^ c ^ d) + 0xca62c1d6;
    const sum = (rotateLeft(a, 5) + mixed + e + (w[i] as number)) | 0;
    e = d;
    d = c;
    c = rotateLeft(b, 30);
    b = a;
    a = sum;
  }
  addTo(state, [a, b, c, d, e]);
}

/** FIPS 180-4 §6.2.2. */
function sha256(state: Int32Array, block: DataView, offset: number): void {
  const k = shortCubeRoots() as Words;
  const w = schedule() as Words;
  let [a, b, c, d, e, f, g, h] = state as unknown as Eight;
  for (let i = 0; i < 64; i++) {
    if (i < 16) w[i] = block.getInt32(offset + i * 4);
    else {
      const x = w[i - 15] as number;
      const y = w[i - 2] as number;
      w[i] =
        ((rotateLeft(x, 25) ^ rotateLeft(x, 14) ^ (x >>> 3)) +
          (rotateLeft(y, 15) ^ rotateLeft(y, 13) ^ (y >>> 10)) +
          (w[i - 7] as number) +
          (w[i - 16] as number)) |
        0;
    }
    const first =
      (h +
        (rotateLeft(e, 26) ^ rotateLeft(e, 21) ^ rotateLeft(e, 7)) +
        ((e & f) ^ (~e & g)) +
        (k[i] as number) +
        (w[i] as number)) |
      0;
    const second =
      (rotateLeft(a, 30) ^ rotateLeft(a, 19) ^ rotateLeft(a, 10)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  addTo(state, [a, b, c, d, e, f, g, h]);
}

/** The upper word of 64 bits that are rotated right; the lower one, when they are given the other way round. */
const rotated = (high: number, low: number, bits: number): number =>
  bits < 32 ? (high >>> bits) | (low << (32 - bits)) : (low >>> (bits - 32)) | (high << (64 - bits));

/** A sum of 64 bits, each term as two words, into `target`. */
function add64(target: Words, at: number, terms: readonly number[]): void {
  let [high, low] = [0, 0];
  for (let i = 0; i < terms.length; i += 2) {
    high += terms[i] as number;
    low += (terms[i + 1] as number) >>> 0;
  }
  target[at] = (high + Math.floor(low / 2 ** 32)) | 0;
  target[at + 1] = low | 0;
}

/** FIPS 180-4 §6.4.2, with 64 bits as two words each: BigInt would be ten times slower. */
function sha512(state: Int32Array, block: DataView, offset: number): void {
  const k = cubeRoots() as Words;
  const w = schedule() as Words;
  // a to h, two words each; the first pair of a round becomes the last of the next.
  const v = Int32Array.from(state);
  const words = v as Words;
  const sum = new Int32Array(4);
  for (let i = 0; i < 160; i += 2) {
    if (i < 32) {
      w[i] = block.getInt32(offset + i * 4);
      w[i + 1] = block.getInt32(offset + i * 4 + 4);
    } else {
      const [xh, xl, yh, yl] = [w[i - 30], w[i - 29], w[i - 4], w[i - 3]] as Four;
      add64(w, i, [
        rotated(xh, xl, 1) ^ rotated(xh, xl, 8) ^ (xh >>> 7),
        rotated(xl, xh, 1) ^ rotated(xl, xh, 8) ^ ((xl >>> 7) | (xh << 25)),
        rotated(yh, yl, 19) ^ rotated(yh, yl, 61) ^ (yh >>> 6),
        rotated(yl, yh, 19) ^ rotated(yl, yh, 61) ^ ((yl >>> 6) | (yh << 26)),
        w[i - 14] as number,
        w[i - 13] as number,
        w[i - 32] as number,
        w[i - 31] as number,
      ]);
    }
    const [ah, al, bh, bl] = [words[0], words[1], words[2], words[3]] as Four;
    const [ch, cl, dh, dl] = [words[4], words[5], words[6], words[7]] as Four;
    const [eh, el, fh, fl] = [words[8], words[9], words[10], words[11]] as Four;
    const [gh, gl, hh, hl] = [words[12], words[13], words[14], words[15]] as Four;
    add64(sum, 0, [
      hh,
      hl,
      rotated(eh, el, 14) ^ rotated(eh, el, 18) ^ rotated(eh, el, 41),
      rotated(el, eh, 14) ^ rotated(el, eh, 18) ^ rotated(el, eh, 41),
      (eh & fh) ^ (~eh & gh),
      (el & fl) ^ (~el & gl),
      k[i] as number,
      k[i + 1] as number,
      w[i] as number,
      w[i + 1] as number,
    ]);
    const [firstHigh, firstLow] = sum as unknown as Four;
    v.copyWithin(2, 0, 14);
    add64(words, 8, [dh, dl, firstHigh, firstLow]);
    add64(words, 0, [
      firstHigh,
      firstLow,
      rotated(ah, al, 28) ^ rotated(ah, al, 34) ^ rotated(ah, al, 39),
      rotated(al, ah, 28) ^ rotated(al, ah, 34) ^ rotated(al, ah, 39),
      (ah & bh) ^ (ah & ch) ^ (bh & ch),
      (al & bl) ^ (al & cl) ^ (bl & cl),
    ]);
  }
  for (let i = 0; i < 16; i += 2)
    add64(state as Words, i, [state[i], state[i + 1], words[i], words[i + 1]] as Four);
}

function addTo(state: Int32Array, words: readonly number[]): void {
  for (const [index, word] of words.entries()) state[index] = ((state[index] as number) + word) | 0;
}
