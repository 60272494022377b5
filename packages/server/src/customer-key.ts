import { createHash } from 'node:crypto';
import type { Headers } from './context.ts';
import { invalidArgument, s3Error } from './errors.ts';
import { pick } from './pick.ts';

const family = 'server-side-encryption-customer';
const algorithmHeader = `x-amz-${family}-algorithm`;
const md5Header = `x-amz-${family}-key-md5`;

/** What is kept and told of a customer's key: never the key. */
const keptHeaders = [algorithmHeader, md5Header];

/**
 * The headers of an object with a customer-provided key, as they are kept and echoed; none without such a key.
 *
 * @param prefix - `x-amz-copy-source-` for the key of a copy's source
 * @throws {S3Error} `InvalidArgument`: one of the three headers is missing, or they do not fit together
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html}
 */
export function customerKeyHeaders(headers: Headers, prefix = 'x-amz-'): Record<string, string> {
  const name = (part: string): string => `${prefix}${family}-${part}`;
  const algorithm = headers[name('algorithm')];
  const key = headers[name('key')];
  const md5 = headers[name('key-md5')];
  if (algorithm === undefined && key === undefined && md5 === undefined) return {};
  if (algorithm !== undefined && algorithm !== 'AES256') {
    throw s3Error('InvalidArgument', {
      message: 'The encryption request you specified is not valid. Supported value: AES256.',
      members: { ArgumentName: name('algorithm'), ArgumentValue: algorithm },
    });
  }
  // The values of these arguments are secrets, and stay out of the answer.
  if (algorithm === undefined) throw missing('a valid encryption algorithm', name('algorithm'));
  if (key === undefined) throw missing('an appropriate secret key', name('key'));
  const bytes = Buffer.from(key, 'base64');
  if (bytes.length !== 32) {
    throw s3Error('InvalidArgument', {
      message: 'The secret key was invalid for the specified algorithm.',
      members: { ArgumentName: name('key') },
    });
  }
  if (md5 === undefined) throw missing('the client calculated MD5 of the secret key', name('key-md5'));
  if (createHash('md5').update(bytes).digest('base64') !== md5) {
    throw invalidArgument(
      'The calculated MD5 hash of the key did not match the hash that was provided.',
      name('key-md5'),
      md5,
    );
  }
  return { [algorithmHeader]: algorithm, [md5Header]: md5 };
}

function missing(what: string, name: string): Error {
  return s3Error('InvalidArgument', {
    message: `Requests specifying Server Side Encryption with Customer provided keys must provide ${what}.`,
    members: { ArgumentName: name },
  });
}

/**
 * Refuses who does not hold the key that an object (or an upload) was made with.
 *
 * @throws {S3Error} `InvalidRequest`: a key is missing, or there is none; `AccessDenied`: it is another one
 */
export function checkCustomerKey(
  headers: Headers,
  object: { headers: Readonly<Record<string, string>> },
  prefix = 'x-amz-',
): void {
  const given = customerKeyHeaders(headers, prefix)[md5Header];
  const expected = object.headers[md5Header];
  if (given === expected) return;
  if (expected === undefined) {
    throw s3Error('InvalidRequest', {
      message: 'The encryption parameters are not applicable to this object.',
    });
  }
  if (given === undefined) {
    throw s3Error('InvalidRequest', {
      message:
        'The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.',
    });
  }
  throw s3Error('AccessDenied');
}

/** What an answer tells of an object's customer-provided key. */
export function customerKeyEcho(object: {
  headers: Readonly<Record<string, string>>;
}): Record<string, string> {
  return pick(object.headers, keptHeaders);
}
