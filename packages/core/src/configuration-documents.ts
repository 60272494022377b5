// The documents of the common families, as `Storage` gives and takes them: all values are texts, and what is empty is one too.

/** Which web pages may use a bucket. */
export interface CorsDocument {
  readonly CORSConfiguration: {
    readonly CORSRule: readonly {
      readonly ID?: string;
      readonly AllowedOrigin: readonly string[];
      readonly AllowedMethod: readonly string[];
      readonly AllowedHeader?: readonly string[];
      readonly ExposeHeader?: readonly string[];
      readonly MaxAgeSeconds?: string;
    }[];
  };
}

/** A tag. */
export interface TagElement {
  readonly Key: string;
  readonly Value: string;
}

/** The tags of a bucket or an object. */
export interface TaggingDocument {
  readonly Tagging: { readonly TagSet: { readonly Tag: readonly TagElement[] } };
}

/** To which objects a lifecycle rule applies; at most one of these, `And` for several. */
export interface LifecycleFilter {
  readonly Prefix?: string;
  readonly Tag?: TagElement;
  readonly ObjectSizeGreaterThan?: string;
  readonly ObjectSizeLessThan?: string;
  readonly And?: {
    readonly Prefix?: string;
    readonly Tag?: readonly TagElement[];
    readonly ObjectSizeGreaterThan?: string;
    readonly ObjectSizeLessThan?: string;
  };
}

/** What happens to objects in time. */
export interface LifecycleDocument {
  readonly LifecycleConfiguration: {
    readonly Rule: readonly {
      readonly ID?: string;
      readonly Status: 'Enabled' | 'Disabled';
      readonly Filter?: '' | LifecycleFilter;
      /** The older form of `Filter`. */
      readonly Prefix?: string;
      readonly Expiration?: {
        readonly Days?: string;
        readonly Date?: string;
        readonly ExpiredObjectDeleteMarker?: string;
      };
      readonly Transition?: readonly {
        readonly Days?: string;
        readonly Date?: string;
        readonly StorageClass: string;
      }[];
      readonly NoncurrentVersionExpiration?: {
        readonly NoncurrentDays?: string;
        readonly NewerNoncurrentVersions?: string;
      };
      readonly NoncurrentVersionTransition?: readonly {
        readonly NoncurrentDays?: string;
        readonly NewerNoncurrentVersions?: string;
        readonly StorageClass: string;
      }[];
      readonly AbortIncompleteMultipartUpload?: { readonly DaysAfterInitiation: string };
    }[];
  };
}

/** How new objects are encrypted that do not say so themselves. */
export interface EncryptionDocument {
  readonly ServerSideEncryptionConfiguration: {
    readonly Rule: readonly {
      readonly ApplyServerSideEncryptionByDefault?: {
        readonly SSEAlgorithm: string;
        readonly KMSMasterKeyID?: string;
      };
      readonly BucketKeyEnabled?: string;
      readonly BlockedEncryptionTypes?: { readonly EncryptionType: readonly string[] };
    }[];
  };
}

/** Whether versions are kept; empty where that was never said. */
export interface VersioningDocument {
  readonly VersioningConfiguration:
    | ''
    | { readonly Status?: 'Enabled' | 'Suspended'; readonly MfaDelete?: string };
}

/** What the public can be given at all; each `true` or `false`. */
export interface PublicAccessBlockDocument {
  readonly PublicAccessBlockConfiguration: {
    readonly BlockPublicAcls?: string;
    readonly IgnorePublicAcls?: string;
    readonly BlockPublicPolicy?: string;
    readonly RestrictPublicBuckets?: string;
  };
}

/** Who owns what others write. */
export interface OwnershipControlsDocument {
  readonly OwnershipControls: {
    readonly Rule: readonly {
      readonly ObjectOwnership: 'BucketOwnerEnforced' | 'BucketOwnerPreferred' | 'ObjectWriter';
    }[];
  };
}

/** Of which events somebody is told. */
export interface NotificationTarget {
  readonly Id?: string;
  readonly Event: readonly string[];
  readonly Filter?: {
    readonly S3Key: { readonly FilterRule: readonly { readonly Name: string; readonly Value: string }[] };
  };
}

/** Who is told of events. */
export interface NotificationDocument {
  readonly NotificationConfiguration:
    | ''
    | {
        readonly TopicConfiguration?: readonly (NotificationTarget & { readonly Topic: string })[];
        readonly QueueConfiguration?: readonly (NotificationTarget & { readonly Queue: string })[];
        readonly CloudFunctionConfiguration?: readonly (NotificationTarget & {
          readonly CloudFunction: string;
        })[];
        readonly EventBridgeConfiguration?: '';
      };
}

/** How a bucket is served as a website. */
export interface WebsiteDocument {
  readonly WebsiteConfiguration: {
    readonly IndexDocument?: { readonly Suffix: string };
    readonly ErrorDocument?: { readonly Key: string };
    readonly RedirectAllRequestsTo?: { readonly HostName: string; readonly Protocol?: string };
    readonly RoutingRules?: {
      readonly RoutingRule: readonly {
        readonly Condition?: {
          readonly KeyPrefixEquals?: string;
          readonly HttpErrorCodeReturnedEquals?: string;
        };
        readonly Redirect: {
          readonly HostName?: string;
          readonly HttpRedirectCode?: string;
          readonly Protocol?: string;
          readonly ReplaceKeyPrefixWith?: string;
          readonly ReplaceKeyWith?: string;
        };
      }[];
    };
  };
}

/** Where objects are copied to as they come. */
export interface ReplicationDocument {
  readonly ReplicationConfiguration: {
    readonly Role: string;
    readonly Rule: readonly {
      readonly ID?: string;
      readonly Priority?: string;
      readonly Status: 'Enabled' | 'Disabled';
      readonly Filter?:
        | ''
        | {
            readonly Prefix?: string;
            readonly Tag?: TagElement;
            readonly And?: { readonly Prefix?: string; readonly Tag?: readonly TagElement[] };
          };
      /** The older form of `Filter`. */
      readonly Prefix?: string;
      readonly Destination: {
        readonly Bucket: string;
        readonly Account?: string;
        readonly StorageClass?: string;
        readonly AccessControlTranslation?: { readonly Owner: string };
        readonly EncryptionConfiguration?: { readonly ReplicaKmsKeyID: string };
        readonly ReplicationTime?: { readonly Status: string; readonly Time: { readonly Minutes: string } };
        readonly Metrics?: {
          readonly Status: string;
          readonly EventThreshold?: { readonly Minutes: string };
        };
      };
      readonly DeleteMarkerReplication?: { readonly Status: string };
      readonly ExistingObjectReplication?: { readonly Status: string };
      readonly SourceSelectionCriteria?: {
        readonly SseKmsEncryptedObjects?: { readonly Status: string };
        readonly ReplicaModifications?: { readonly Status: string };
      };
    }[];
  };
}

/** How long a version of an object cannot be deleted. */
export interface RetentionDocument {
  readonly Retention: '' | { readonly Mode?: 'GOVERNANCE' | 'COMPLIANCE'; readonly RetainUntilDate?: string };
}

/** Whether a version of an object is held, without a term. */
export interface LegalHoldDocument {
  readonly LegalHold: { readonly Status: 'ON' | 'OFF' };
}
