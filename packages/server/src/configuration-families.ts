import { checkAclDocument, defaultAcl, isPublicAcl } from './acl.ts';
import { checkLogging, checkWebsite, requesterPays, versioningStatus } from './bucket-checks.ts';
import { checkCors } from './cors-checks.ts';
import { isDirectoryBucketName } from './directory-buckets.ts';
import { type ErrorCode, s3Error } from './errors.ts';
import { checkLifecycle } from './lifecycle-checks.ts';
import { checkNotification } from './notification-configuration.ts';
import { checkActions } from './policy-actions.ts';
import { isPublicPolicy, readPolicy } from './policy-document.ts';
import { encryptionFacts, objectLockFacts, ownershipFacts, publicAccessFacts } from './protection-checks.ts';
import type { BucketFacts, BucketRecord } from './records.ts';
import {
  checkAccelerate,
  checkAnalytics,
  checkIntelligentTiering,
  checkInventory,
  checkMetrics,
  checkReplication,
} from './report-checks.ts';
import { tagsFromDocument } from './tags.ts';
import { document, s3Namespace } from './xml-documents.ts';

/** One kind of bucket configuration: what may be set, and what is told when nothing was. */
export interface ConfigurationFamily {
  /** The name of its operations, behind `Get`, `Put` and `Delete`. */
  operations: string;
  /** The name of its actions in policies, behind `s3:Get` and `s3:Put`. */
  actions: string;
  /** Throws what S3 refuses; gives the id of a document that is one of several. */
  check: (text: string, bucket: BucketRecord) => string | undefined;
  /** The error that means 'none set', or the document that stands for it. */
  none: ErrorCode | ((bucket: BucketRecord) => string);
  /** What other requests have to know of it; without a text: it was deleted. */
  facts?: (text: string | undefined, bucket: BucketRecord) => BucketFacts;
  deletable?: true;
  /** There are several, by id; the root of the document that lists them. */
  listRoot?: string;
  /** Status of a successful PUT. @default 200 */
  putStatus?: 200 | 204;
  /** @default 'application/xml' */
  contentType?: 'application/json';
}

/** A check of a document that has no id. */
function only(check: (text: string, bucket: BucketRecord) => unknown): ConfigurationFamily['check'] {
  return (text, bucket) => {
    check(text, bucket);
    return undefined;
  };
}

/** A family that is nothing but its facts: reading these is the check. */
function factsOf(
  read: (text: string, bucket: BucketRecord) => BucketFacts,
  none: BucketFacts = {},
): Pick<ConfigurationFamily, 'check' | 'facts'> {
  return {
    check: only(read),
    facts: (text, bucket) => (text === undefined ? none : read(text, bucket)),
  };
}

/** An empty document of a root. */
function empty(root: string): () => string {
  return () => document({ [`${root} ${s3Namespace}`]: '' });
}

function checkPolicy(text: string, { name, publicAccess }: BucketRecord): void {
  const statements = readPolicy(text, name);
  if (!isDirectoryBucketName(name)) checkActions(statements);
  if (publicAccess?.BlockPublicPolicy === true && isPublicPolicy(statements)) throw s3Error('AccessDenied');
}

function checkAcl(text: string, { ownership, publicAccess }: BucketRecord): void {
  if (ownership === 'BucketOwnerEnforced') throw s3Error('AccessControlListNotSupported');
  checkAclDocument(text);
  if (publicAccess?.BlockPublicAcls === true && isPublicAcl(text)) throw s3Error('AccessDenied');
}

/** The error of the families that have ids. */
const several = { none: 'NoSuchConfiguration', deletable: true } as const;

/** The families by subresource. A new one is one more line. */
export const configurationFamilies: Readonly<Record<string, ConfigurationFamily>> = {
  accelerate: {
    operations: 'BucketAccelerateConfiguration',
    actions: 'AccelerateConfiguration',
    check: only(checkAccelerate),
    none: empty('AccelerateConfiguration'),
  },
  acl: {
    operations: 'BucketAcl',
    actions: 'BucketAcl',
    check: only(checkAcl),
    none: (bucket) => defaultAcl(bucket.owner),
  },
  analytics: {
    operations: 'BucketAnalyticsConfiguration',
    actions: 'AnalyticsConfiguration',
    check: checkAnalytics,
    listRoot: 'ListBucketAnalyticsConfigurationResult',
    ...several,
  },
  cors: {
    operations: 'BucketCors',
    actions: 'BucketCORS',
    check: only(checkCors),
    none: 'NoSuchCORSConfiguration',
    deletable: true,
  },
  encryption: {
    operations: 'BucketEncryption',
    actions: 'EncryptionConfiguration',
    ...factsOf(encryptionFacts, { encryption: undefined }),
    // S3 encrypts everything since 2023, and says so for a bucket where nothing was set.
    none: () =>
      document({
        [`ServerSideEncryptionConfiguration ${s3Namespace}`]: {
          Rule: {
            ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' },
            BucketKeyEnabled: false,
          },
        },
      }),
    deletable: true,
  },
  'intelligent-tiering': {
    operations: 'BucketIntelligentTieringConfiguration',
    actions: 'IntelligentTieringConfiguration',
    check: checkIntelligentTiering,
    listRoot: 'ListBucketIntelligentTieringConfigurationsOutput',
    ...several,
  },
  inventory: {
    operations: 'BucketInventoryConfiguration',
    actions: 'InventoryConfiguration',
    check: checkInventory,
    listRoot: 'ListInventoryConfigurationsResult',
    ...several,
  },
  lifecycle: {
    operations: 'BucketLifecycleConfiguration',
    actions: 'LifecycleConfiguration',
    check: only(checkLifecycle),
    none: 'NoSuchLifecycleConfiguration',
    deletable: true,
  },
  logging: {
    operations: 'BucketLogging',
    actions: 'BucketLogging',
    check: only(checkLogging),
    none: empty('BucketLoggingStatus'),
  },
  metrics: {
    operations: 'BucketMetricsConfiguration',
    actions: 'MetricsConfiguration',
    check: checkMetrics,
    listRoot: 'ListMetricsConfigurationsResult',
    ...several,
  },
  notification: {
    operations: 'BucketNotificationConfiguration',
    actions: 'BucketNotification',
    check: only(checkNotification),
    none: empty('NotificationConfiguration'),
  },
  'object-lock': {
    operations: 'ObjectLockConfiguration',
    actions: 'BucketObjectLockConfiguration',
    ...factsOf(objectLockFacts),
    none: 'ObjectLockConfigurationNotFoundError',
  },
  ownershipControls: {
    operations: 'BucketOwnershipControls',
    actions: 'BucketOwnershipControls',
    ...factsOf(ownershipFacts, { ownership: undefined }),
    none: 'OwnershipControlsNotFoundError',
    deletable: true,
  },
  policy: {
    operations: 'BucketPolicy',
    actions: 'BucketPolicy',
    check: only(checkPolicy),
    none: 'NoSuchBucketPolicy',
    deletable: true,
    putStatus: 204,
    contentType: 'application/json',
  },
  publicAccessBlock: {
    operations: 'PublicAccessBlock',
    actions: 'BucketPublicAccessBlock',
    ...factsOf(publicAccessFacts, { publicAccess: undefined }),
    none: 'NoSuchPublicAccessBlockConfiguration',
    deletable: true,
  },
  replication: {
    operations: 'BucketReplication',
    actions: 'ReplicationConfiguration',
    check: only(checkReplication),
    none: 'ReplicationConfigurationNotFoundError',
    deletable: true,
  },
  requestPayment: {
    operations: 'BucketRequestPayment',
    actions: 'BucketRequestPayment',
    ...factsOf((text) => ({ requesterPays: requesterPays(text) })),
    none: () => document({ [`RequestPaymentConfiguration ${s3Namespace}`]: { Payer: 'BucketOwner' } }),
  },
  tagging: {
    operations: 'BucketTagging',
    actions: 'BucketTagging',
    check: only((text) => tagsFromDocument(text, 50)),
    none: 'NoSuchTagSet',
    deletable: true,
    putStatus: 204,
  },
  versioning: {
    operations: 'BucketVersioning',
    actions: 'BucketVersioning',
    ...factsOf((text, bucket) => ({ versioning: versioningStatus(text, bucket) })),
    none: empty('VersioningConfiguration'),
  },
  website: {
    operations: 'BucketWebsite',
    actions: 'BucketWebsite',
    check: only(checkWebsite),
    none: 'NoSuchWebsiteConfiguration',
    deletable: true,
  },
};
