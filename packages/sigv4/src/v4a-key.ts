import { publicKeyOf } from '#p256';
import { hmacSha256 } from './sha256.ts';

/** The algorithm's name in headers, queries and strings to sign. */
export const V4A_ALGORITHM = 'AWS4-ECDSA-P256-SHA256';

/** FIPS 186-4 §D.1.2.3: the order of the curve's group. */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/**
 * Derives the private key of Signature Version 4a: good for all days, regions and services.
 *
 * @param accessKeyId - it enters the key
 * @param secretAccessKey - the secret; the key is as secret as this
 * @returns 32 bytes: a number from 1 up to the group's order
 * @see {@link https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html}
 */
export function v4aSigningKey(accessKeyId: string, secretAccessKey: string): Uint8Array {
  // NIST SP 800-108r1 §4.1, counter mode, one round: label, context, and 256 bits. The second counter makes another
  // number of one that is too large, which is one in four thousand million.
  for (let counter = 1; counter < 128; counter++) {
    const input = `\0\0\0\x01${V4A_ALGORITHM}\0${accessKeyId}${String.fromCharCode(counter)}\0\0\x01\0`;
    const candidate = BigInt(`0x${bytesToHex(hmacSha256(`AWS4A${secretAccessKey}`, input))}`);
    if (candidate <= ORDER - 2n) {
      return hexToBytes((candidate + 1n).toString(16).padStart(64, '0'));
    }
  }
  throw new RangeError('credentials: no key can be derived from these; use others');
}

/**
 * The public key that belongs to a private one: whoever has it can verify, but not sign.
 *
 * @param privateKey - see `v4aSigningKey`
 * @returns 65 bytes: 4, then the coordinates of 32 bytes each
 */
export function v4aPublicKey(privateKey: Uint8Array): Uint8Array {
  return publicKeyOf(privateKey);
}

/** The bytes of pairs of hexadecimal digits. */
export function hexToBytes(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** Bytes as lower-case hexadecimal digits. */
export function bytesToHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
