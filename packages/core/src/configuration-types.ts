import type { XmlObject } from '@s3kit/xml/light';
import type {
  CorsDocument,
  EncryptionDocument,
  LegalHoldDocument,
  LifecycleDocument,
  NotificationDocument,
  OwnershipControlsDocument,
  PublicAccessBlockDocument,
  ReplicationDocument,
  RetentionDocument,
  TaggingDocument,
  VersioningDocument,
  WebsiteDocument,
} from './configuration-documents.ts';
import type { RequestOptions } from './option-types.ts';
import type { QueryParameters } from './query.ts';
import type { RemoteName } from './s3-name.ts';
import type { StorageCall } from './storage-calls.ts';

/** What the methods that get a configuration take. */
export interface GetOptions extends RequestOptions {
  readonly params?: QueryParameters | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What the methods that set a configuration take. */
export interface SetOptions extends RequestOptions {
  /** The document: text, which is sent as it is, or an object, which is turned into XML (a policy: into JSON). */
  readonly data?: string | object | undefined;
  readonly params?: QueryParameters | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What the methods that delete a configuration take. */
export interface DeleteOptions extends RequestOptions {
  readonly params?: QueryParameters | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Which version of an object is meant. */
export interface OfVersion {
  /** @default the latest */
  readonly versionId?: string | undefined;
}

type Get<T = XmlObject> = (bucket: string, options?: GetOptions) => StorageCall<T>;
type Set = (bucket: string, options: SetOptions) => StorageCall<void>;
type Delete = (bucket: string, options?: DeleteOptions) => StorageCall<void>;

type GetById = (bucket: string, id: string, options?: GetOptions) => StorageCall<XmlObject>;
type SetById = (bucket: string, id: string, options: SetOptions) => StorageCall<void>;
type DeleteById = (bucket: string, id: string, options?: DeleteOptions) => StorageCall<void>;
type ListAll = (bucket: string, options?: GetOptions) => AsyncGenerator<XmlObject, void, undefined>;

/**
 * The methods of `Storage` for bucket configuration.
 *
 * Those that get resolve to the document as an object, under its root tag; tags that can stand there several times are
 * lists, also for one and for none. What they give can be given to the ones that set. Where nothing is set, S3 refuses
 * with a code such as `NoSuchCORSConfiguration`, or gives an empty document; those of versioning and of acceleration can be set
 * only with a status.
 *
 * Where a service does not know what is asked for, the call fails with the code `NotImplemented`, and changes nothing.
 */
export interface BucketConfigurationMethods {
  /** Who may do what: `AccessControlPolicy`. */
  bucketGetAcl: Get;
  /** Sets the ACL, by a document or by headers (`x-amz-acl`, `x-amz-grant-read`, ...). */
  bucketSetAcl: Set;
  /** Which web pages may use the bucket: `CORSConfiguration`. */
  bucketGetCors: Get<CorsDocument>;
  bucketSetCors: Set;
  bucketDeleteCors: Delete;
  /** What happens to objects in time: `LifecycleConfiguration`. */
  bucketGetLifecycle: Get<LifecycleDocument>;
  bucketSetLifecycle: Set;
  bucketDeleteLifecycle: Delete;
  /** The region: `LocationConstraint`, an empty text for us-east-1. */
  bucketGetLocation: Get;
  /** Where accesses are written down: `BucketLoggingStatus`. */
  bucketGetLogging: Get;
  bucketSetLogging: Set;
  /** Who is told of events: `NotificationConfiguration`. */
  bucketGetNotification: Get<NotificationDocument>;
  bucketSetNotification: Set;
  /** The bucket policy, an object from JSON. */
  bucketGetPolicy: Get<Readonly<Record<string, unknown>>>;
  /** Sets the policy, by JSON text or an object. */
  bucketSetPolicy: Set;
  bucketDeletePolicy: Delete;
  /** Who pays for requests: `RequestPaymentConfiguration`. */
  bucketGetRequestPayment: Get;
  bucketSetRequestPayment: Set;
  /** The bucket's tags: `Tagging`. */
  bucketGetTagging: Get<TaggingDocument>;
  bucketSetTagging: Set;
  bucketDeleteTagging: Delete;
  /** Whether versions are kept: `VersioningConfiguration`. */
  bucketGetVersioning: Get<VersioningDocument>;
  /** Sets versioning, by a document and, for MFA delete, the header `x-amz-mfa`. */
  bucketSetVersioning: Set;
  /** One page of the versions of the bucket's objects, by `params`: `ListVersionsResult`. */
  bucketGetVersions: Get;
  /** How the bucket is served as a website: `WebsiteConfiguration`. */
  bucketGetWebsite: Get<WebsiteDocument>;
  bucketSetWebsite: Set;
  bucketDeleteWebsite: Delete;
  /** How new objects are encrypted: `ServerSideEncryptionConfiguration`. */
  bucketGetEncryption: Get<EncryptionDocument>;
  bucketSetEncryption: Set;
  bucketDeleteEncryption: Delete;
  /** What the public can be given at all: `PublicAccessBlockConfiguration`. */
  bucketGetPublicAccessBlock: Get<PublicAccessBlockDocument>;
  bucketSetPublicAccessBlock: Set;
  bucketDeletePublicAccessBlock: Delete;
  /** Who owns what others write: `OwnershipControls`. */
  bucketGetOwnershipControls: Get<OwnershipControlsDocument>;
  bucketSetOwnershipControls: Set;
  bucketDeleteOwnershipControls: Delete;
  /** How long new objects cannot be deleted: `ObjectLockConfiguration`. */
  bucketGetObjectLock: Get;
  bucketSetObjectLock: Set;
  /** Where objects are copied to as they come: `ReplicationConfiguration`. */
  bucketGetReplication: Get<ReplicationDocument>;
  bucketSetReplication: Set;
  bucketDeleteReplication: Delete;
  /** Whether transfers can be accelerated: `AccelerateConfiguration`. */
  bucketGetAccelerate: Get;
  bucketSetAccelerate: Set;
  /** Whether the policy makes the bucket public: `PolicyStatus`. */
  bucketGetPolicyStatus: Get;
  /** Whether tags say who may do what: `AbacStatus`. */
  bucketGetAbac: Get;
  bucketSetAbac: Set;
  /** An analysis of storage classes, by its id: `AnalyticsConfiguration`. */
  bucketGetAnalytics: GetById;
  bucketSetAnalytics: SetById;
  bucketDeleteAnalytics: DeleteById;
  bucketListAnalytics: ListAll;
  /** What goes to the archive tiers, by its id: `IntelligentTieringConfiguration`. */
  bucketGetIntelligentTiering: GetById;
  bucketSetIntelligentTiering: SetById;
  bucketDeleteIntelligentTiering: DeleteById;
  bucketListIntelligentTiering: ListAll;
  /** A regular list of the objects, by its id: `InventoryConfiguration`. */
  bucketGetInventory: GetById;
  bucketSetInventory: SetById;
  bucketDeleteInventory: DeleteById;
  bucketListInventory: ListAll;
  /** What is counted, by its id: `MetricsConfiguration`. */
  bucketGetMetrics: GetById;
  bucketSetMetrics: SetById;
  bucketDeleteMetrics: DeleteById;
  bucketListMetrics: ListAll;
  /** Tables of the objects' metadata; set by a `MetadataConfiguration`. Amazon S3 only. */
  bucketGetMetadata: Get;
  bucketSetMetadata: Set;
  bucketDeleteMetadata: Delete;
  /** The older form of these tables; set by a `MetadataTableConfiguration`. Amazon S3 only. */
  bucketGetMetadataTable: Get;
  bucketSetMetadataTable: Set;
  bucketDeleteMetadataTable: Delete;
  /** Changes one of these tables. Amazon S3 only. */
  bucketSetMetadataAnnotationTable: Set;
  bucketSetMetadataInventoryTable: Set;
  bucketSetMetadataJournalTable: Set;
}

type ObjectGet<T = XmlObject> = (remoteName: RemoteName, options?: GetOptions & OfVersion) => StorageCall<T>;
type ObjectSet<More = unknown> = (
  remoteName: RemoteName,
  options: SetOptions & OfVersion & More,
) => StorageCall<void>;

/**
 * The methods of `Storage` for what belongs to an object beside its content and headers. Documents are as those of buckets are.
 */
export interface ObjectConfigurationMethods {
  /** Who may do what: `AccessControlPolicy`. */
  objectGetAcl: ObjectGet;
  /** Sets the ACL, by a document, a canned ACL or headers. */
  objectSetAcl: (
    remoteName: RemoteName,
    options: SetOptions & OfVersion & { readonly acl?: string | undefined },
  ) => StorageCall<void>;
  /** The tags: `Tagging`. */
  objectGetTagging: ObjectGet<TaggingDocument>;
  objectSetTagging: ObjectSet;
  objectDeleteTagging: (remoteName: RemoteName, options?: DeleteOptions & OfVersion) => StorageCall<void>;
  /** How long a version cannot be deleted: `Retention`. */
  objectGetRetention: ObjectGet<RetentionDocument>;
  objectSetRetention: ObjectSet<{
    /** Shortens a retention in governance mode, where the caller may. */
    readonly bypassGovernance?: boolean | undefined;
  }>;
  /** Whether a version is held: `LegalHold`. */
  objectGetLegalHold: ObjectGet<LegalHoldDocument>;
  objectSetLegalHold: ObjectSet;
  /** ETag, checksums, parts, storage class and size, all of them unless named: `GetObjectAttributesResponse`. */
  objectGetAttributes: (
    remoteName: RemoteName,
    options?: GetOptions &
      OfVersion & {
        readonly attributes?:
          | readonly ('ETag' | 'Checksum' | 'ObjectParts' | 'StorageClass' | 'ObjectSize')[]
          | undefined;
      },
  ) => StorageCall<XmlObject>;
  /** Changes the key of an encrypted object, without copying it, by an `ObjectEncryption`. Amazon S3 only. */
  objectSetEncryption: ObjectSet;
  /** A text that was put beside an object, by its name. Amazon S3 only. */
  objectGetAnnotation: (
    remoteName: RemoteName,
    annotationName: string,
    options?: GetOptions & OfVersion,
  ) => StorageCall<string>;
  objectSetAnnotation: (
    remoteName: RemoteName,
    annotationName: string,
    options: SetOptions & OfVersion,
  ) => StorageCall<void>;
  objectDeleteAnnotation: (
    remoteName: RemoteName,
    annotationName: string,
    options?: DeleteOptions & OfVersion,
  ) => StorageCall<void>;
  objectListAnnotation: (
    remoteName: RemoteName,
    options?: GetOptions & OfVersion,
  ) => AsyncGenerator<XmlObject, void, undefined>;
}
