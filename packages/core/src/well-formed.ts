import { maximumKeyLength } from './limits.ts';

// Buckets made before 2018 in us-east-1 may have up to 255 characters, upper case and underscores; access point
// aliases and other services' names fit the same pattern. All of it is harmless in a path and in a host name.
const addressableBucketName = /^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9_-]$/;

// What exactly stands in an ARN is checked where it is taken apart.
const arnOfAccessPoint = /^arn:[a-z-]+:s3[a-z-]*:[a-z0-9-]*:[0-9]+:[A-Za-z0-9:/._-]{1,400}$/;

/** Whether something can name a bucket on any service. Why not, `checkBucketName` tells. */
export function isBucketName(bucket: unknown): bucket is string {
  return (
    typeof bucket === 'string' &&
    (bucket.startsWith('arn:')
      ? arnOfAccessPoint.test(bucket)
      : addressableBucketName.test(bucket) && !bucket.includes('..'))
  );
}

/** Whether something can be an object's key. Why not, `checkKey` tells. */
export function isKey(key: unknown): key is string {
  return (
    typeof key === 'string' &&
    key !== '' &&
    // An unpaired one has no UTF-8 form.
    !/\p{Surrogate}/u.test(key) &&
    new TextEncoder().encode(key).byteLength <= maximumKeyLength
  );
}
