import { type ChecksumAlgorithm, isChecksumAlgorithm, isChecksumValue, toBase64 } from '@s3kit/checksums';
import { fromHex } from './bytes.ts';
import type { HeaderRecord } from './http.ts';

/** What a whole body that comes from S3 must add up to. */
export interface ExpectedChecksum {
  readonly algorithm: ChecksumAlgorithm;
  /** In Base64. */
  readonly value: string;
  /** What S3 calls it, for messages. */
  readonly header: string;
}

/**
 * The checksum that an answer gives of the whole object: one of `x-amz-checksum-*`, or an ETag that is an MD5 digest.
 *
 * A composite checksum (`...-3`) is one of the parts' checksums, and says nothing about the bytes of the whole.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html} for when an ETag is an MD5 digest
 */
export function expectedChecksum(headers: HeaderRecord): ExpectedChecksum | undefined {
  if (headers['x-amz-checksum-type'] !== 'COMPOSITE') {
    for (const [header, value] of Object.entries(headers)) {
      const algorithm = header.startsWith('x-amz-checksum-') ? header.slice('x-amz-checksum-'.length) : '';
      if (isChecksumAlgorithm(algorithm) && isChecksumValue(algorithm, value))
        return { algorithm, value, header };
    }
  }
  // There an ETag is no digest of anything.
  if (headers['x-amz-storage-class'] === 'EXPRESS_ONEZONE') return undefined;
  const [, md5] = /^"([0-9a-f]{32})"$/.exec(headers['etag'] ?? '') ?? [];
  const encryption = headers['x-amz-server-side-encryption'] ?? 'AES256';
  const encryptedByKey =
    encryption !== 'AES256' || headers['x-amz-server-side-encryption-customer-algorithm'] !== undefined;
  if (md5 === undefined || encryptedByKey) return undefined;
  return { algorithm: 'md5', value: toBase64(fromHex(md5)), header: 'etag' };
}

/** The error of what S3 stored, where the checksum that it tells is not the one that was sent. */
export function wrongStored(header: string, stored: string, sent: string | undefined): Error {
  const problem = `what S3 stores is not what was sent: its ${header} is ${stored}, not ${sent}`;
  return Object.assign(new Error(problem), { code: 'ERR_S3KIT_CHECKSUM' });
}

/** The error of a body that does not add up to what S3 says of it. */
export function wrongChecksum({ algorithm, header }: ExpectedChecksum): Error {
  const problem = `what came is not what S3 stores: its ${algorithm} differs from the ${header} of the answer`;
  return Object.assign(new Error(problem), { code: 'ERR_S3KIT_CHECKSUM' });
}
