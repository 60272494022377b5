import {
  type ChecksumAlgorithm,
  checksumOf,
  createChecksum,
  isChecksumAlgorithm,
  isChecksumValue,
  toBase64,
} from '@s3kit/checksums';
import { createSha256, EMPTY_SHA256, sha256Hex, UNSIGNED_PAYLOAD } from '@s3kit/sigv4';
import { fromHex } from './bytes.ts';
import type { HeaderRecord, RequestBody } from './http.ts';

/** How objects' contents are checked: by an algorithm, by Content-MD5 alone where S3 demands it, or not at all. */
export type ChecksumSetting =
  | 'crc32'
  | 'crc32c'
  | 'crc64nvme'
  | 'sha1'
  | 'sha256'
  | 'md5'
  | 'when-required'
  | 'off';

export const checksumSettings: readonly ChecksumSetting[] = [
  'crc32',
  'crc32c',
  'crc64nvme',
  'sha1',
  'sha256',
  'md5',
  'when-required',
  'off',
];

/** The algorithm of a setting; undefined where nothing is added to what S3 demands. */
export function algorithmOf(setting: ChecksumSetting): ChecksumAlgorithm | undefined {
  return setting === 'when-required' || setting === 'off' ? undefined : setting;
}

/** Whether S3 is asked to send a checksum along. Services that only know Content-MD5 refuse the question. */
export function asksForChecksum(setting: ChecksumSetting): boolean {
  return setting !== 'off' && setting !== 'md5';
}

/** The header that carries a checksum. */
export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return algorithm === 'md5' ? 'content-md5' : `x-amz-checksum-${algorithm}`;
}

/** Whether the caller's headers already say how the content is to be checked. */
export function givesChecksum(headers: HeaderRecord): boolean {
  return Object.keys(headers).some((name) => name === 'content-md5' || name.startsWith('x-amz-checksum-'));
}

/** Whoever says how the whole is to be checked, says it all; and MD5 goes with the parts alone. */
export function partsAlgorithm({
  headers,
  checksum,
}: {
  readonly headers: HeaderRecord;
  readonly checksum?: ChecksumAlgorithm | undefined;
}): ChecksumAlgorithm | undefined {
  return givesChecksum(headers) || checksum === 'md5' ? undefined : checksum;
}

/** What goes with a body: its part in the signature, and its checksum. */
export interface BodyDigests {
  /** The hexadecimal SHA-256, or `UNSIGNED-PAYLOAD`. */
  readonly payloadHash: string;
  /** In Base64. */
  readonly checksum: string | undefined;
}

/** What of a body is wanted. */
export interface WantedDigests {
  readonly signed: boolean;
  readonly algorithm: ChecksumAlgorithm | undefined;
}

/** Computes a body's digests in one pass. A file is read for it once, and again for each attempt: it need not fit into memory. */
export async function digestBody(
  body: RequestBody,
  { signed, algorithm }: WantedDigests,
): Promise<BodyDigests> {
  if (body.kind === 'bytes') {
    const { bytes } = body;
    const hash = (): string => (bytes.byteLength === 0 ? EMPTY_SHA256 : sha256Hex(bytes));
    return {
      payloadHash: signed ? hash() : UNSIGNED_PAYLOAD,
      checksum: algorithm && checksumOf(algorithm, bytes),
    };
  }
  const hash = signed ? createSha256() : undefined;
  const checksum = algorithm === undefined ? undefined : createChecksum(algorithm);
  if (hash !== undefined || checksum !== undefined) {
    for await (const chunk of body.file.read(body.offset, body.length)) {
      hash?.update(chunk);
      checksum?.update(chunk);
    }
  }
  return { payloadHash: hash?.digestHex() ?? UNSIGNED_PAYLOAD, checksum: checksum?.base64() };
}

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

/** The error of a body that does not add up to what S3 says of it. */
export function wrongChecksum({ algorithm, header }: ExpectedChecksum): Error {
  const problem = `what came is not what S3 stores: its ${algorithm} differs from the ${header} of the answer`;
  return Object.assign(new Error(problem), { code: 'ERR_S3KIT_CHECKSUM' });
}
