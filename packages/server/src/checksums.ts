import { createHash } from 'node:crypto';
import { type Checksum, type ChecksumAlgorithm, createChecksum } from '@s3kit/checksums';
import type { Headers } from './context.ts';
import { s3Error } from './errors.ts';
import type { StoredChecksums } from './records.ts';

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

/**
 * The kind of checksum that a request of a multipart upload names.
 *
 * @throws {S3Error} `InvalidRequest`: there is no such kind
 */
export function askedChecksumType(headers: Headers): StoredChecksums['type'] | undefined {
  const type = headers['x-amz-checksum-type'];
  if (type === undefined || type === 'COMPOSITE' || type === 'FULL_OBJECT') return type;
  throw s3Error('InvalidRequest', { message: 'Value for x-amz-checksum-type header is invalid.' });
}
