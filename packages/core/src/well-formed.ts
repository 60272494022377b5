import { maximumKeyLength } from './limits.ts';

// Buckets made before 2018 in us-east-1 may have up to 255 characters, upper case and underscores; access point
// aliases and other services' names fit the same pattern. All of it is harmless in a path and in a host name.
const addressableBucketName = /^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9_-]$/;

/** Whether something can name a bucket on any service. ARNs can too, and are looked at by `checkName`, which tells why not. */
export function isBucketName(bucket: unknown): bucket is string {
  return typeof bucket === 'string' && addressableBucketName.test(bucket) && !bucket.includes('..');
}

/** Whether something can be an object's key. Why not, `checkKey` tells. */
export function isKey(key: unknown): key is string {
  return (
    typeof key === 'string' &&
    key !== '' &&
    // An unpaired one has no UTF-8 form.
    !/[\ud800-\udfff]/u.test(key) &&
    // A unit of UTF-16 has at most three bytes in UTF-8: most keys need not be encoded to be counted.
    (key.length * 3 <= maximumKeyLength || new TextEncoder().encode(key).byteLength <= maximumKeyLength)
  );
}
