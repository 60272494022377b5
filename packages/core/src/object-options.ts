import { encodeQuery } from '@s3kit/sigv4';
import { getContentMd5 } from './content-md5.ts';
import { invalidArgument } from './errors.ts';
import { S3Facts } from './facts.ts';
import { normalizeHeaders, type RequestHeaders } from './headers.ts';
import { type QueryParameters, queryPairs } from './query.ts';

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

const headerNames = {
  contentType: 'content-type',
  cacheControl: 'cache-control',
  contentDisposition: 'content-disposition',
  contentEncoding: 'content-encoding',
  contentLanguage: 'content-language',
  expires: 'expires',
  storageClass: 'x-amz-storage-class',
  acl: 'x-amz-acl',
  ifMatch: 'if-match',
  ifNoneMatch: 'if-none-match',
  ifModifiedSince: 'if-modified-since',
  ifUnmodifiedSince: 'if-unmodified-since',
  requestPayer: 'x-amz-request-payer',
  expectedBucketOwner: 'x-amz-expected-bucket-owner',
  websiteRedirect: 'x-amz-website-redirect-location',
  bypassGovernance: 'x-amz-bypass-governance-retention',
  mfa: 'x-amz-mfa',
  sourceIfMatch: 'x-amz-copy-source-if-match',
  sourceIfNoneMatch: 'x-amz-copy-source-if-none-match',
  sourceIfModifiedSince: 'x-amz-copy-source-if-modified-since',
  sourceIfUnmodifiedSince: 'x-amz-copy-source-if-unmodified-since',
  sourceExpectedBucketOwner: 'x-amz-source-expected-bucket-owner',
} as const satisfies Partial<Record<keyof HeaderOptions, string>>;

function isHeaderOption(option: string): option is keyof typeof headerNames {
  return Object.hasOwn(headerNames, option);
}

/**
 * The headers that options stand for, in lower case; those that are given by their own names win.
 *
 * @throws {TypeError} a customer's key that is not of 32 bytes, an invalid date, or headers that HTTP cannot carry
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html}
 */
export function headersOf(options: HeaderOptions): RequestHeaders {
  const headers: Record<string, RequestHeaders[string]> = {};
  // Mostly there are none, or few.
  for (const option of Object.keys(options)) {
    if (!isHeaderOption(option)) continue;
    const value = options[option];
    if (value !== undefined)
      headers[headerNames[option]] = value instanceof Date ? httpDate(value, option) : value;
  }
  for (const [name, value] of Object.entries(options.metadata ?? {})) {
    const lower = name.toLowerCase();
    const { amzMetadataPrefix } = S3Facts;
    headers[lower.startsWith(amzMetadataPrefix) ? lower : `${amzMetadataPrefix}${lower}`] = value;
  }
  if (options.tags !== undefined) headers['x-amz-tagging'] = encodeQuery(Object.entries(options.tags));
  const { mode, retainUntil, legalHold } = options.objectLock ?? {};
  if (mode !== undefined) headers['x-amz-object-lock-mode'] = mode;
  if (retainUntil !== undefined) {
    httpDate(retainUntil, 'objectLock.retainUntil');
    headers['x-amz-object-lock-retain-until-date'] = retainUntil.toISOString();
  }
  if (legalHold !== undefined) headers['x-amz-object-lock-legal-hold'] = legalHold ? 'ON' : 'OFF';
  return {
    ...headers,
    ...encryptionHeaders('', options.encryption),
    ...encryptionHeaders('copy-source-', options.sourceEncryption),
    ...normalizeHeaders(options.headers ?? {}),
  };
}

/** The parameters of a request about an object, or about one of its versions. */
export function paramsOf({
  params = {},
  versionId,
}: Pick<ObjectReadOptions, 'params' | 'versionId'>): QueryParameters {
  return { ...(versionId === undefined ? {} : { versionId }), ...Object.fromEntries(queryPairs(params)) };
}

function httpDate(date: Date, option: string): string {
  if (!(date instanceof Date) || Number.isNaN(date.getTime()))
    throw invalidArgument(`${option} is no valid date`);
  return date.toUTCString();
}

function encryptionHeaders(
  prefix: '' | 'copy-source-',
  encryption: ServerSideEncryption | CustomerEncryption | undefined,
): RequestHeaders {
  if (encryption === undefined) return {};
  const name = `x-amz-${prefix}server-side-encryption`;
  if ('customerKey' in encryption) {
    const { customerKey } = encryption;
    if (!(customerKey instanceof Uint8Array) || customerKey.byteLength !== 32) {
      throw invalidArgument('the customerKey of an encryption must have 32 bytes, as AES-256 has it');
    }
    return {
      [`${name}-customer-algorithm`]: 'AES256',
      [`${name}-customer-key`]: base64(customerKey),
      [`${name}-customer-key-md5`]: getContentMd5(customerKey),
    };
  }
  const { type, keyId, context, bucketKey } = encryption;
  return {
    [name]: type,
    [`${name}-aws-kms-key-id`]: keyId,
    [`${name}-context`]:
      context === undefined ? undefined : base64(new TextEncoder().encode(JSON.stringify(context))),
    [`${name}-bucket-key-enabled`]: bucketKey,
  };
}

function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}
