import type { RequestHeaders } from './headers.ts';
import type { QueryParameters } from './query.ts';

/** An object is encrypted by S3's own keys, or by one of KMS. */
export interface ServerSideEncryption {
  readonly type: 'AES256' | 'aws:kms' | 'aws:kms:dsse';
  /** The KMS key: its id, its ARN or an alias. @default AWS's own key for S3 */
  readonly keyId?: string | undefined;
  /** The encryption context of KMS. */
  readonly context?: Readonly<Record<string, string>> | undefined;
  /** Whether an S3 bucket key saves calls of KMS. @default as the bucket says */
  readonly bucketKey?: boolean | undefined;
}

/** An object is encrypted by a key that the caller keeps, and has to give with each request about it; over HTTPS only. */
export interface CustomerEncryption {
  /** 32 bytes, for AES-256. */
  readonly customerKey: Uint8Array;
}

/** What every request can say. */
export interface RequestOptions {
  /** Any request headers of S3's, by their own names. They win over what the other options say. */
  readonly headers?: RequestHeaders | undefined;
  /** That the caller pays, in a bucket whose owner wants that. */
  readonly requestPayer?: 'requester' | undefined;
  /** The account that must own the bucket; S3 refuses with 403 where it is another's. */
  readonly expectedBucketOwner?: string | undefined;
}

/** On what a request about an object depends: S3 refuses with 412, or 304, where it is otherwise. */
export interface ReadConditions {
  /** Only where the object has this ETag. */
  readonly ifMatch?: string | undefined;
  /** Only where the object has another ETag. */
  readonly ifNoneMatch?: string | undefined;
  readonly ifModifiedSince?: Date | undefined;
  readonly ifUnmodifiedSince?: Date | undefined;
}

/** How an object, or one of its versions, is read or asked about. */
export interface ObjectReadOptions extends RequestOptions, ReadConditions {
  /** Any parameters of S3's. */
  readonly params?: QueryParameters | undefined;
  /** @default the latest version */
  readonly versionId?: string | undefined;
  /** The key of an object that its owner's key encrypts. */
  readonly encryption?: CustomerEncryption | undefined;
}

/** How an object is deleted. */
export interface ObjectDeleteOptions extends RequestOptions {
  /** Any parameters of S3's. */
  readonly params?: QueryParameters | undefined;
  /** Deletes this version for good. @default the latest becomes an older one, in a bucket that keeps versions */
  readonly versionId?: string | undefined;
  /** Only where the object has this ETag. */
  readonly ifMatch?: string | undefined;
  /** Deletes a version in spite of its retention in governance mode, where the caller may. */
  readonly bypassGovernance?: boolean | undefined;
  /** The serial number of the MFA device, a space, and its code. */
  readonly mfa?: string | undefined;
}

/** How an object is kept from being deleted. */
export interface ObjectLock {
  readonly mode?: 'GOVERNANCE' | 'COMPLIANCE' | undefined;
  readonly retainUntil?: Date | undefined;
  readonly legalHold?: boolean | undefined;
}

/** What an object is written with. */
export interface ObjectWriteOptions extends RequestOptions {
  readonly contentType?: string | undefined;
  readonly cacheControl?: string | undefined;
  readonly contentDisposition?: string | undefined;
  readonly contentEncoding?: string | undefined;
  readonly contentLanguage?: string | undefined;
  readonly expires?: Date | undefined;
  /** The object's metadata; names stand with or without `x-amz-meta-`. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Such as `STANDARD_IA`, `INTELLIGENT_TIERING`, `GLACIER`. @default STANDARD */
  readonly storageClass?: string | undefined;
  /** A canned ACL, such as `public-read`. */
  readonly acl?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** @default as the bucket says */
  readonly encryption?: ServerSideEncryption | CustomerEncryption | undefined;
  /** Only over an object that has this ETag. */
  readonly ifMatch?: string | undefined;
  /** `*`: only where there is no object of that name. */
  readonly ifNoneMatch?: string | undefined;
  /** Where the bucket's website sends who asks for the object. */
  readonly websiteRedirect?: string | undefined;
  readonly objectLock?: ObjectLock | undefined;
}

/** Of what a copy is made, beside the name of its source. */
export interface CopySourceOptions {
  /** The version that is copied. @default the latest */
  readonly sourceVersionId?: string | undefined;
  /** The key of a source that its owner's key encrypts. */
  readonly sourceEncryption?: CustomerEncryption | undefined;
  /** Only while the source has this ETag. */
  readonly sourceIfMatch?: string | undefined;
  readonly sourceIfNoneMatch?: string | undefined;
  readonly sourceIfModifiedSince?: Date | undefined;
  readonly sourceIfUnmodifiedSince?: Date | undefined;
  /** The account that must own the source's bucket. */
  readonly sourceExpectedBucketOwner?: string | undefined;
}

/** All that `headersOf` turns into headers. */
export type HeaderOptions = Partial<
  ObjectWriteOptions &
    Omit<ReadConditions, 'ifMatch' | 'ifNoneMatch'> &
    ObjectDeleteOptions &
    CopySourceOptions
>;
