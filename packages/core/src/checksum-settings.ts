import type { ChecksumAlgorithm } from '@s3kit/checksums';
import type { HeaderRecord } from './http.ts';

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

/** Whether the headers already say how the content is to be checked. */
export function givesChecksum(headers: HeaderRecord): boolean {
  return Object.keys(headers).some((name) => /^content-md5$|^x-amz-(checksum-|trailer$)/.test(name));
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
