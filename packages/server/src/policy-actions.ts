import { s3Error } from './errors.ts';
import type { PolicyStatement } from './policy-document.ts';
import { matchesPattern } from './wildcards.ts';

/** The actions that are about objects, and those about buckets. */
const objectActions = actionsIn(`
  AbortMultipartUpload BypassGovernanceRetention DeleteObject DeleteObjectAnnotation DeleteObjectTagging
  DeleteObjectVersion DeleteObjectVersionAnnotation DeleteObjectVersionTagging GetObject GetObjectAcl
  GetObjectAnnotation GetObjectAttributes GetObjectLegalHold GetObjectRetention GetObjectTagging
  GetObjectTorrent GetObjectVersion GetObjectVersionAcl GetObjectVersionAnnotation
  GetObjectVersionAnnotationForReplication GetObjectVersionAttributes GetObjectVersionForReplication
  GetObjectVersionTagging GetObjectVersionTorrent InitiateReplication ListMultipartUploadParts
  ListObjectAnnotations ListObjectVersionAnnotations ObjectOwnerOverrideToBucketOwner PutObject PutObjectAcl
  PutObjectAnnotation PutObjectLegalHold PutObjectRetention PutObjectTagging PutObjectVersionAcl
  PutObjectVersionAnnotation PutObjectVersionTagging ReplicateDelete ReplicateObject ReplicateObjectAnnotation
  ReplicateTags RestoreObject UpdateObjectEncryption
`);
const bucketActions = actionsIn(`
  CreateBucket CreateBucketMetadataTableConfiguration DeleteBucket DeleteBucketMetadataTableConfiguration
  DeleteBucketPolicy DeleteBucketWebsite GetAccelerateConfiguration GetAnalyticsConfiguration GetBucketAbac
  GetBucketAcl GetBucketCORS GetBucketLocation GetBucketLogging GetBucketMetadataTableConfiguration
  GetBucketNotification GetBucketObjectLockConfiguration GetBucketOwnershipControls GetBucketPolicy
  GetBucketPolicyStatus GetBucketPublicAccessBlock GetBucketRequestPayment GetBucketTagging
  GetBucketVersioning GetBucketWebsite GetEncryptionConfiguration GetIntelligentTieringConfiguration
  GetInventoryConfiguration GetLifecycleConfiguration GetMetricsConfiguration GetReplicationConfiguration
  ListBucket ListBucketMultipartUploads ListBucketVersions PauseReplication PutAccelerateConfiguration
  PutAnalyticsConfiguration PutBucketAbac PutBucketAcl PutBucketCORS PutBucketLogging PutBucketNotification
  PutBucketObjectLockConfiguration PutBucketOwnershipControls PutBucketPolicy PutBucketPublicAccessBlock
  PutBucketRequestPayment PutBucketTagging PutBucketVersioning PutBucketWebsite PutEncryptionConfiguration
  PutIntelligentTieringConfiguration PutInventoryConfiguration PutLifecycleConfiguration
  PutMetricsConfiguration PutReplicationConfiguration UpdateBucketMetadataAnnotationTableConfiguration
  UpdateBucketMetadataInventoryTableConfiguration UpdateBucketMetadataJournalTableConfiguration
`);

/** Actions that are about neither; which of them S3 takes in the policy of a bucket is not documented. */
const otherActions =
  /AccessPoint|AccessGrant|StorageLens|Job|s3:(?:TagResource|UntagResource|ListTagsForResource|ListAllMyBuckets|AllowVendedLogDelivery|GetDataAccess|(?:Get|Put)AccountPublicAccessBlock)/i;

function actionsIn(text: string): readonly string[] {
  return text
    .trim()
    .split(/\s+/)
    .map((name) => `s3:${name.toLowerCase()}`);
}

/**
 * Checks the actions of a policy of a general purpose bucket.
 *
 * @throws {S3Error} `MalformedPolicy`: there is no such action, or it has nothing to do with the resources of its statement
 * @see {@link https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html}
 */
export function checkActions(statements: readonly PolicyStatement[]): void {
  for (const { actions, notAction, resources, notResource } of statements) {
    const ofObjects = resources.some((name) => /[/*]/.test(name.replace(/^.*?:::/, '')));
    const ofBuckets = resources.some((name) => !name.includes('/'));
    for (const action of actions) {
      if (otherActions.test(action)) continue;
      const fits = (name: string): boolean => matchesPattern(name, action.toLowerCase());
      const isOfObject = objectActions.some(fits);
      const isOfBucket = bucketActions.some(fits);
      if (!isOfObject && !isOfBucket) {
        throw s3Error('MalformedPolicy', { message: 'Policy has invalid action' });
      }
      // What all but some actions or resources are is not spelled out.
      if (notAction || notResource || (isOfObject && ofObjects) || (isOfBucket && ofBuckets)) continue;
      throw s3Error('MalformedPolicy', {
        message: 'Action does not apply to any resource(s) in statement',
      });
    }
  }
}
