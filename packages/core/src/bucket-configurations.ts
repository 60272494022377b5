import type { ConfigurationFamily } from './configuration-family.ts';
import { type FamilyDetails, withVerbs } from './configuration-family.ts';
import { bucketVerbs } from './configuration-verbs.ts';

const details: Readonly<Record<string, FamilyDetails>> = {
  acl: {
    subresource: 'acl',
    root: 'AccessControlPolicy',
    format: 'xml',
    lists: ['AccessControlList/Grant'],
  },
  cors: {
    subresource: 'cors',
    root: 'CORSConfiguration',
    format: 'xml',
    lists: [
      'CORSConfiguration/CORSRule',
      'CORSRule/AllowedHeader',
      'CORSRule/AllowedMethod',
      'CORSRule/AllowedOrigin',
      'CORSRule/ExposeHeader',
    ],
  },
  lifecycle: {
    subresource: 'lifecycle',
    root: 'LifecycleConfiguration',
    format: 'xml',
    lists: ['LifecycleConfiguration/Rule', 'And/Tag', 'Rule/Transition', 'Rule/NoncurrentVersionTransition'],
  },
  location: { subresource: 'location', root: 'LocationConstraint', format: 'xml' },
  logging: {
    subresource: 'logging',
    root: 'BucketLoggingStatus',
    format: 'xml',
    lists: ['TargetGrants/Grant'],
  },
  notification: {
    subresource: 'notification',
    root: 'NotificationConfiguration',
    format: 'xml',
    lists: [
      'NotificationConfiguration/TopicConfiguration',
      'NotificationConfiguration/QueueConfiguration',
      'NotificationConfiguration/CloudFunctionConfiguration',
      'TopicConfiguration/Event',
      'QueueConfiguration/Event',
      'CloudFunctionConfiguration/Event',
      'S3Key/FilterRule',
    ],
  },
  policy: { subresource: 'policy', format: 'json' },
  requestPayment: {
    subresource: 'requestPayment',
    root: 'RequestPaymentConfiguration',
    format: 'xml',
  },
  tagging: {
    subresource: 'tagging',
    root: 'Tagging',
    format: 'xml',
    lists: ['TagSet/Tag'],
  },
  versioning: {
    subresource: 'versioning',
    root: 'VersioningConfiguration',
    format: 'xml',
  },
  versions: {
    subresource: 'versions',
    root: 'ListVersionsResult',
    format: 'xml',
    lists: [
      'ListVersionsResult/Version',
      'ListVersionsResult/DeleteMarker',
      'ListVersionsResult/CommonPrefixes',
    ],
  },
  website: {
    subresource: 'website',
    root: 'WebsiteConfiguration',
    format: 'xml',
    lists: ['RoutingRules/RoutingRule'],
  },
  // What follows is younger, or Amazon's own.
  encryption: {
    subresource: 'encryption',
    root: 'ServerSideEncryptionConfiguration',
    format: 'xml',
    lists: ['ServerSideEncryptionConfiguration/Rule', 'BlockedEncryptionTypes/EncryptionType'],
    known: 'asked',
    none: ['ServerSideEncryptionConfigurationNotFoundError'],
  },
  publicAccessBlock: {
    subresource: 'publicAccessBlock',
    root: 'PublicAccessBlockConfiguration',
    // Ceph's name for it (seen with 16.2).
    alias: 'BlockPublicAccessBlockConfiguration',
    format: 'xml',
    known: 'asked',
    none: ['NoSuchPublicAccessBlockConfiguration'],
  },
  ownershipControls: {
    subresource: 'ownershipControls',
    root: 'OwnershipControls',
    format: 'xml',
    lists: ['OwnershipControls/Rule'],
    known: 'asked',
    none: ['OwnershipControlsNotFoundError'],
  },
  objectLock: {
    subresource: 'object-lock',
    root: 'ObjectLockConfiguration',
    format: 'xml',
    known: 'asked',
    none: ['ObjectLockConfigurationNotFoundError'],
  },
  replication: {
    subresource: 'replication',
    root: 'ReplicationConfiguration',
    format: 'xml',
    lists: ['ReplicationConfiguration/Rule', 'And/Tag'],
    known: 'asked',
    none: ['ReplicationConfigurationNotFoundError'],
  },
  accelerate: {
    subresource: 'accelerate',
    root: 'AccelerateConfiguration',
    format: 'xml',
    known: 'asked',
  },
  policyStatus: { subresource: 'policyStatus', root: 'PolicyStatus', format: 'xml' },
  abac: { subresource: 'abac', root: 'AbacStatus', format: 'xml', known: 'asked' },
  analytics: {
    subresource: 'analytics',
    root: 'AnalyticsConfiguration',
    format: 'xml',
    lists: ['And/Tag'],
    id: 'id',
    known: 'asked',
    none: ['NoSuchConfiguration'],
  },
  intelligentTiering: {
    subresource: 'intelligent-tiering',
    root: 'IntelligentTieringConfiguration',
    format: 'xml',
    lists: ['And/Tag', 'IntelligentTieringConfiguration/Tiering'],
    id: 'id',
    known: 'asked',
    none: ['NoSuchConfiguration'],
  },
  inventory: {
    subresource: 'inventory',
    root: 'InventoryConfiguration',
    format: 'xml',
    lists: ['OptionalFields/Field'],
    id: 'id',
    known: 'asked',
    none: ['NoSuchConfiguration'],
  },
  metrics: {
    subresource: 'metrics',
    root: 'MetricsConfiguration',
    format: 'xml',
    lists: ['And/Tag'],
    id: 'id',
    known: 'asked',
    none: ['NoSuchConfiguration'],
  },
  metadata: {
    subresource: 'metadataConfiguration',
    format: 'xml',
    setBy: 'POST',
    known: 'amazon',
  },
  metadataTable: {
    subresource: 'metadataTable',
    format: 'xml',
    setBy: 'POST',
    known: 'amazon',
  },
  metadataAnnotationTable: {
    subresource: 'metadataAnnotationTable',
    format: 'xml',
    known: 'amazon',
  },
  metadataInventoryTable: {
    subresource: 'metadataInventoryTable',
    format: 'xml',
    known: 'amazon',
  },
  metadataJournalTable: {
    subresource: 'metadataJournalTable',
    format: 'xml',
    known: 'amazon',
  },
};

/**
 * The families of bucket configuration. The methods of `Storage` that get, set and delete them come from this table.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html}
 */
export const bucketConfigurations: Readonly<Record<string, ConfigurationFamily>> = /* @__PURE__ */ withVerbs(
  details,
  bucketVerbs,
);
