import { invalidArgument, outOfRange } from './errors.ts';
import { S3Facts } from './facts.ts';
import { isBucketName, isKey } from './well-formed.ts';

/** Refuses what can name no bucket and no object; either may be left out. @throws {TypeError} */
export function checkName(bucket: string | undefined, key: string | undefined): void {
  if (bucket !== undefined) checkBucketName(bucket);
  if (key !== undefined) checkKey(key);
}

/**
 * Refuses what cannot be an object's key.
 *
 * @throws {TypeError} not a string, empty, or not Unicode text (an unpaired surrogate)
 * @throws {RangeError} more than 1,024 bytes in UTF-8
 */
function checkKey(key: unknown): asserts key is string {
  if (isKey(key)) return;
  if (typeof key !== 'string') throw invalidArgument(`the key must be a string, not ${typeof key}`);
  if (key === '') throw invalidArgument('the key is empty: an object needs a key of 1 to 1,024 bytes');
  if (/[\ud800-\udfff]/u.test(key))
    throw invalidArgument(
      `the key ${JSON.stringify(key)} holds an unpaired surrogate, which has no UTF-8 form`,
    );
  const length = new TextEncoder().encode(key).byteLength;
  throw outOfRange(
    `the key is ${length} bytes long; S3 takes at most ${S3Facts.maximumKeyLength} (key: ${JSON.stringify(key.slice(0, 40))}...)`,
  );
}

/**
 * Refuses what can name no bucket on any service.
 *
 * @throws {TypeError} not such a name
 */
function checkBucketName(bucket: unknown): asserts bucket is string {
  const problem = bucketNameProblem(bucket);
  if (problem !== undefined)
    throw invalidArgument(`invalid bucket name ${JSON.stringify(bucket)}: ${problem}`);
}

// What exactly stands in an ARN is checked where it is taken apart.
const arnOfAccessPoint = /^arn:[a-z-]+:s3[a-z-]*:[a-z0-9-]*:[0-9]+:[A-Za-z0-9:/._-]{1,400}$/;

/** Why a name can name no bucket on any service, or undefined. */
export function bucketNameProblem(bucket: unknown): string | undefined {
  if (isBucketName(bucket)) return undefined;
  if (typeof bucket !== 'string') return `a name is a string, not ${typeof bucket}`;
  if (arnOfAccessPoint.test(bucket)) return undefined;
  if (bucket.startsWith('arn:')) return 'this ARN is none of an access point';
  return brokenNamingRule(bucket) ?? 'this name cannot be addressed';
}

/** The name of a directory bucket, with its zone. */
export const directoryBucket: RegExp = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?--([a-z0-9]+(?:-[a-z0-9]+)+)--x-s3$/;

const reservedPrefixes = ['xn--', 'sthree-', 'amzn-s3-demo-'];
const reservedSuffixes = ['-s3alias', '--ol-s3', '.mrap', '--x-s3', '--table-s3'];

/** The first of S3's naming rules that a name breaks, or undefined. */
export function brokenNamingRule(bucket: string): string | undefined {
  if (bucket.length < S3Facts.minimumBucketNameLength || bucket.length > S3Facts.maximumBucketNameLength) {
    return 'a name has 3 to 63 characters';
  }
  if (!/^[a-z0-9.-]+$/.test(bucket))
    return 'a name holds only lower-case letters, digits, hyphens and periods';
  if (!/^[a-z0-9].*[a-z0-9]$/.test(bucket)) return 'a name begins and ends with a letter or digit';
  if (bucket.includes('..')) return 'a name holds no two periods side by side';
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(bucket)) return 'a name does not look like an IP address';
  const prefix = reservedPrefixes.find((reserved) => bucket.startsWith(reserved));
  if (prefix !== undefined) return `the prefix ${prefix} is reserved`;
  if (directoryBucket.test(bucket)) return undefined;
  const suffix = reservedSuffixes.find((reserved) => bucket.endsWith(reserved));
  if (suffix !== undefined) return `the suffix ${suffix} is reserved`;
  return undefined;
}
