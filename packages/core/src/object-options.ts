import { toBase64 } from '@s3kit/checksums';
import { getContentMd5 } from './content-md5.ts';
import { invalidArgument } from './errors.ts';
import type { RequestHeaders } from './headers.ts';
import { normalizeHeaders } from './normalize-headers.ts';
import { optionHeaders } from './option-headers.ts';
import type { HeaderOptions } from './option-types.ts';

/**
 * The headers that options stand for, in lower case; those that are given by their own names win.
 *
 * @throws {TypeError} a customer's key that is not of 32 bytes, an invalid date, or headers that HTTP cannot carry
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html}
 */
export function headersOf(options: HeaderOptions): RequestHeaders {
  return {
    ...optionHeaders(options),
    ...customerHeaders('', options.encryption),
    ...customerHeaders('copy-source-', options.sourceEncryption),
    ...normalizeHeaders(options.headers ?? {}),
  };
}

/** What goes with a key that is the customer's own. */
function customerHeaders(
  prefix: '' | 'copy-source-',
  encryption: HeaderOptions['encryption'],
): RequestHeaders {
  if (encryption === undefined || !('customerKey' in encryption)) return {};
  const name = `x-amz-${prefix}server-side-encryption`;
  const { customerKey } = encryption;
  if (!(customerKey instanceof Uint8Array) || customerKey.byteLength !== 32) {
    throw invalidArgument('the customerKey of an encryption must have 32 bytes, as AES-256 has it');
  }
  return {
    [`${name}-customer-algorithm`]: 'AES256',
    [`${name}-customer-key`]: toBase64(customerKey),
    [`${name}-customer-key-md5`]: getContentMd5(customerKey),
  };
}
