import { checksumOf } from '@s3kit/checksums';

/**
 * The Base64 of the 128-bit MD5 digest of a text (in UTF-8) or of bytes: the value of a `Content-MD5` header.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc1864}
 */
export function getContentMd5(data: string | Uint8Array): string {
  return checksumOf('md5', typeof data === 'string' ? new TextEncoder().encode(data) : data);
}
