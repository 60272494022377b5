import { createHash } from 'node:crypto';
import { combineCrc, crcs } from './crc.ts';

/** Algorithms of `x-amz-checksum-<name>`. */
export type ChecksumAlgorithm = 'crc32' | 'crc32c' | 'crc64nvme' | 'md5' | 'sha1' | 'sha256' | 'sha512';

/** The algorithms and the length of their values in bytes. */
export const checksumAlgorithms: Readonly<Record<ChecksumAlgorithm, number>> = {
  crc32: 4,
  crc32c: 4,
  crc64nvme: 8,
  md5: 16,
  sha1: 20,
  sha256: 32,
  sha512: 64,
};

/** Whether a name, in lower case, is an algorithm that this server verifies. */
export function isChecksumAlgorithm(name: string): name is ChecksumAlgorithm {
  return Object.hasOwn(checksumAlgorithms, name);
}

/** A checksum in the making. */
export interface Checksum {
  update(bytes: Uint8Array): void;
  /** The value as S3 writes it: Base64 of the big-endian bytes. */
  base64(): string;
}

/** Starts the checksum of an algorithm. */
export function createChecksum(algorithm: ChecksumAlgorithm): Checksum {
  if (!isCrc(algorithm)) {
    const hash = createHash(algorithm);
    return { update: (bytes) => hash.update(bytes), base64: () => hash.digest('base64') };
  }
  const crc = crcs[algorithm];
  let value = 0n;
  return {
    update: (bytes) => {
      value = crc.update(bytes, value);
    },
    base64: () => bigEndian(value, crc.width),
  };
}

/** What is known of bytes once all of them went by. */
export interface Digests {
  /** Bytes. */
  size: number;
  md5: Buffer;
  /** Lower-case algorithm to Base64. */
  checksums: Record<string, string>;
}

/** Computes the digests of passing data: always the MD5, which is the ETag, and those asked for. */
export class Digester {
  readonly #md5 = createHash('md5');
  readonly #checksums: ReadonlyMap<ChecksumAlgorithm, Checksum>;
  #size = 0;

  constructor(algorithms: readonly ChecksumAlgorithm[]) {
    this.#checksums = new Map(algorithms.map((algorithm) => [algorithm, createChecksum(algorithm)]));
  }

  /** Bytes so far. */
  get size(): number {
    return this.#size;
  }

  update(bytes: Uint8Array): void {
    this.#size += bytes.byteLength;
    this.#md5.update(bytes);
    for (const checksum of this.#checksums.values()) checksum.update(bytes);
  }

  async *watch(data: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of data) {
      this.update(chunk);
      yield chunk;
    }
  }

  /** The digests of all that went by; to be called once. */
  finish(): Digests {
    const checksums: Record<string, string> = {};
    for (const [algorithm, checksum] of this.#checksums) checksums[algorithm] = checksum.base64();
    return { size: this.#size, md5: this.#md5.digest(), checksums };
  }
}

/** Whether a text is a checksum value of the algorithm: canonical Base64 of the right length. */
export function isChecksumValue(algorithm: ChecksumAlgorithm, value: string): boolean {
  const bytes = Buffer.from(value, 'base64');
  return bytes.length === checksumAlgorithms[algorithm] && bytes.toString('base64') === value;
}

/**
 * The checksum of an object made of parts: of the list of the parts' checksums (`...-N`), or of all bytes.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html}
 */
export function multipartChecksum(
  algorithm: ChecksumAlgorithm,
  type: 'COMPOSITE' | 'FULL_OBJECT',
  parts: readonly { value: string; size: number }[],
): string {
  if (type === 'COMPOSITE') {
    const checksum = createChecksum(algorithm);
    for (const { value } of parts) checksum.update(Buffer.from(value, 'base64'));
    return `${checksum.base64()}-${parts.length}`;
  }
  if (!isCrc(algorithm)) throw new RangeError(`${algorithm} cannot be combined`);
  const crc = crcs[algorithm];
  const total = parts.reduce(
    (sum, { value, size }) =>
      combineCrc(crc, sum, BigInt(`0x${Buffer.from(value, 'base64').toString('hex')}`), size),
    0n,
  );
  return bigEndian(total, crc.width);
}

/** Whether the checksum of a whole can be computed from those of its parts. */
export function isCrc(algorithm: ChecksumAlgorithm): algorithm is keyof typeof crcs {
  return Object.hasOwn(crcs, algorithm);
}

function bigEndian(value: bigint, width: number): string {
  return Buffer.from(value.toString(16).padStart(width / 4, '0'), 'hex').toString('base64');
}

/** `x-amz-checksum-*` of stored or verified checksums. */
export function checksumHeaders(values: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([algorithm, value]) => [`x-amz-checksum-${algorithm}`, value]),
  );
}

/** Members `ChecksumCRC32` and the like of an answer. */
export function checksumMembers(values: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([algorithm, value]) => [`Checksum${algorithm.toUpperCase()}`, value]),
  );
}
