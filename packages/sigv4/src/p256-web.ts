/** ECDSA on the curve P-256 through WebCrypto: for browsers, workers, and every runtime without `node:crypto`. */
import { publicKeyOf } from './p256-point.ts';
import type { P256 } from './p256-types.ts';

export { publicKeyOf } from './p256-point.ts';

const CURVE = { name: 'ECDSA', namedCurve: 'P-256' };
const ECDSA = { name: 'ECDSA', hash: 'SHA-256' };

function base64Url(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

export const signerOf: P256['signerOf'] = async (privateKey) => {
  const point = publicKeyOf(privateKey);
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: base64Url(point.subarray(1, 33)),
    y: base64Url(point.subarray(33)),
    d: base64Url(privateKey),
  };
  const key = await crypto.subtle.importKey('jwk', jwk, CURVE, false, ['sign']);
  return async (message) =>
    toDer(new Uint8Array(await crypto.subtle.sign(ECDSA, key, new TextEncoder().encode(message))));
};

export const isSignature: P256['isSignature'] = async (publicKey, message, signature) => {
  const raw = fromDer(signature);
  if (raw === undefined) return false;
  // A copy, since only bytes that nobody shares are taken.
  const key = await crypto.subtle.importKey('raw', new Uint8Array(publicKey), CURVE, false, ['verify']);
  return crypto.subtle.verify(ECDSA, key, raw, new TextEncoder().encode(message));
};

/** Two numbers of 32 bytes each as a DER sequence of two integers (RFC 3279 §2.2.3). */
function toDer(raw: Uint8Array): Uint8Array {
  const integers = [raw.subarray(0, 32), raw.subarray(32)].flatMap((number) => {
    const start = number.findIndex((byte) => byte !== 0);
    const digits = [...number.subarray(start < 0 ? 31 : start)];
    // The first bit is the sign.
    if ((digits[0] ?? 0) > 0x7f) digits.unshift(0);
    return [2, digits.length, ...digits];
  });
  return Uint8Array.from([0x30, integers.length, ...integers]);
}

/** The other way; undefined for what is no such sequence, or not the one way to write it. */
function fromDer(der: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  const raw = new Uint8Array(64);
  let offset = 2;
  for (const end of [32, 64]) {
    const length = der[offset + 1] ?? 0;
    const digits = der.subarray(offset + 2, offset + 2 + length);
    const number = digits[0] === 0 ? digits.subarray(1) : digits;
    if (der[offset] !== 2 || length === 0 || digits.length !== length || number.length > 32) return undefined;
    raw.set(number, end - number.length);
    offset += 2 + length;
  }
  const again = toDer(raw);
  return again.length === der.length && again.every((byte, index) => byte === der[index]) ? raw : undefined;
}
