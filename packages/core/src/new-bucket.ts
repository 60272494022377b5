import { invalidArgument } from './errors.ts';
import { S3Facts } from './facts.ts';
import { brokenNamingRule, directoryBucket } from './names.ts';

/**
 * The document that makes a bucket. S3 forbids one that names us-east-1; 'auto' is a region to sign for, not a place.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html}
 */
export function newBucketDocument(bucket: string, region: string): string | object {
  const [, zone] = directoryBucket.exec(bucket) ?? [];
  if (zone !== undefined) {
    return {
      CreateBucketConfiguration: {
        Location: { Type: 'AvailabilityZone', Name: zone },
        Bucket: { Type: 'Directory', DataRedundancy: 'SingleAvailabilityZone' },
      },
    };
  }
  if (region === S3Facts.defaultRegion || region === 'auto') return '';
  return { CreateBucketConfiguration: { LocationConstraint: region } };
}

/**
 * Refuses a name that S3 would not give to a new bucket.
 *
 * @throws {TypeError} the rule that the name breaks
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html}
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/directory-bucket-naming-rules.html}
 */
export function checkNewBucketName(bucket: unknown): void {
  if (typeof bucket !== 'string')
    throw invalidArgument(`the bucket name must be a string, not ${typeof bucket}`);
  const broken = brokenNamingRule(bucket);
  if (broken !== undefined) throw invalidArgument(`invalid bucket name ${JSON.stringify(bucket)}: ${broken}`);
}
