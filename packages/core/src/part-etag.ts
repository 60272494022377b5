import { checksumOf, toBase64 } from '@s3kit/checksums';
import { fromHex } from './bytes.ts';
import type { S3Part } from './values.ts';

/**
 * Whether an ETag is that of an object made of these parts: the MD5 digest of the parts' MD5 digests, and their number.
 *
 * With encryption by keys, ETags are no MD5 digests; then the number has to do.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html} for what an ETag is
 */
export function isETagOfParts(eTag: string, parts: readonly S3Part[]): boolean {
  const [, digest, count] = /^"?([^"]*)-(\d+)"?$/.exec(eTag) ?? [];
  if (digest === undefined || Number(count) !== parts.length) return false;
  const digests = parts.map((part) => /^"?([0-9a-f]{32})"?$/.exec(part.eTag)?.[1]);
  if (digests.includes(undefined)) return true;
  return checksumOf('md5', fromHex(digests.join(''))) === toBase64(fromHex(digest));
}
