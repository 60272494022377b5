import { createDigest } from '#digest';
import { type ChecksumAlgorithm, isCrcAlgorithm } from './algorithms.ts';
import { fromBase64, toBase64 } from './base64.ts';
import type { Checksum } from './checksum-types.ts';
import { combineCrc, zeros } from './combine-crc.ts';
import { crcs } from './crc.ts';

/** Starts the checksum of an algorithm. */
export function createChecksum(algorithm: ChecksumAlgorithm): Checksum {
  if (!isCrcAlgorithm(algorithm)) return createDigest(algorithm);
  const crc = crcs[algorithm];
  let value = 0n;
  return {
    update: (bytes) => {
      value = crc.update(bytes, value);
    },
    base64: () => bigEndian(value, crc.width),
  };
}

/** The checksum of bytes, in Base64. */
export function checksumOf(algorithm: ChecksumAlgorithm, bytes: Uint8Array): string {
  const checksum = createChecksum(algorithm);
  checksum.update(bytes);
  return checksum.base64();
}

/** One part's checksum. */
export interface PartChecksum {
  /** In Base64. */
  readonly value: string;
  /** Bytes of the part. */
  readonly size: number;
}

/**
 * The checksum of an object that was made of parts: of the list of the parts' checksums, with their number behind it, or of
 * all bytes.
 *
 * @throws {RangeError} a full-object checksum of an algorithm that cannot be combined: of all but the CRCs
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html}
 */
export function multipartChecksum(
  algorithm: ChecksumAlgorithm,
  type: 'COMPOSITE' | 'FULL_OBJECT',
  parts: readonly PartChecksum[],
): string {
  if (type === 'COMPOSITE') {
    const checksum = createChecksum(algorithm);
    for (const { value } of parts) checksum.update(fromBase64(value));
    return `${checksum.base64()}-${parts.length}`;
  }
  if (!isCrcAlgorithm(algorithm))
    throw new RangeError(`the ${algorithm} of a whole cannot be had from those of its parts`);
  const crc = crcs[algorithm];
  const operators = new Map<number, ReturnType<typeof zeros>>();
  let whole = 0n;
  for (const { value, size } of parts) {
    const operator = operators.get(size) ?? zeros(crc, size);
    operators.set(size, operator);
    whole = combineCrc(whole, fromBigEndian(fromBase64(value)), operator);
  }
  return bigEndian(whole, crc.width);
}

function bigEndian(value: bigint, width: number): string {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return toBase64(bytes.subarray(8 - width / 8));
}

function fromBigEndian(bytes: Uint8Array): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}
