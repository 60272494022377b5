import { aclFromHeaders, checkAclAllowed } from './acl.ts';
import type { Context, Headers } from './context.ts';
import { customerKeyEcho, customerKeyHeaders } from './customer-key.ts';
import { isDirectoryBucketName } from './directory-buckets.ts';
import { invalidArgument, s3Error } from './errors.ts';
import { lockFromHeaders } from './object-lock.ts';
import { pick } from './pick.ts';
import type { BucketRecord, ObjectAttributes, ObjectVersion } from './records.ts';
import { tagsFromHeader } from './tags.ts';

/** Headers that describe the content; a copy takes them along with the metadata. */
export const contentHeaders: readonly string[] = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
];

/** Headers that say how the object is kept; a copy takes them from the request alone. */
export const storageHeaders: readonly string[] = [
  'x-amz-server-side-encryption',
  'x-amz-server-side-encryption-aws-kms-key-id',
  'x-amz-server-side-encryption-bucket-key-enabled',
  'x-amz-storage-class',
  'x-amz-website-redirect-location',
];

const storageClasses = new Set([
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER',
  'DEEP_ARCHIVE',
  'GLACIER_IR',
]);

/** The one that directory buckets have. */
const directoryClass = 'EXPRESS_ONEZONE';

const encryptions = new Set(['AES256', 'aws:kms', 'aws:kms:dsse']);

/**
 * What the headers of an upload say of the object.
 *
 * @throws {S3Error} `MetadataTooLarge`, `InvalidStorageClass`, `InvalidArgument`, `InvalidRedirectLocation`, `InvalidTag`
 */
export function attributesFromHeaders(context: Context, bucket: BucketRecord): ObjectAttributes {
  const { headers, limits } = context;
  const kept: Record<string, string> = {
    'content-type': 'binary/octet-stream',
    ...pick(headers, contentHeaders),
    ...storageFrom(headers, bucket),
    ...encryptionFrom(headers, bucket),
  };
  const encoding = headers['content-encoding'];
  if (encoding !== undefined) {
    // The framing of the upload is no property of the object.
    const rest = encoding.split(',').filter((item) => item.trim() !== 'aws-chunked');
    if (rest.length > 0) kept['content-encoding'] = rest.join(',').trim();
    else delete kept['content-encoding'];
  }
  const attributes: ObjectAttributes = {
    headers: kept,
    metadata: metadataFrom(headers, limits.maximumMetadataSize),
    tags: tagsFromHeader(headers['x-amz-tagging']),
    ...lockFromHeaders(headers, bucket, context.now().getTime()),
  };
  const acl = aclFromHeaders(headers, objectOwner(context, bucket), bucket.owner);
  checkAclAllowed(acl, context, bucket);
  if (acl !== undefined && bucket.ownership !== 'BucketOwnerEnforced') attributes.acl = acl;
  return attributes;
}

/** @throws {S3Error} a storage header has a value that S3 does not know */
function storageFrom(headers: Headers, { name }: BucketRecord): Record<string, string> {
  const storageClass = headers['x-amz-storage-class'];
  const inDirectory = isDirectoryBucketName(name);
  const isKnown = (asked: string): boolean =>
    inDirectory ? asked === directoryClass : storageClasses.has(asked);
  if (storageClass !== undefined && !isKnown(storageClass)) {
    throw s3Error('InvalidStorageClass', { members: { StorageClassRequested: storageClass } });
  }
  const encryption = headers[encryptionHeader];
  if (encryption !== undefined && !encryptions.has(encryption)) {
    throw invalidArgument('The encryption method specified is not supported', encryptionHeader, encryption);
  }
  if (encryption === 'AES256' && headers[`${encryptionHeader}-aws-kms-key-id`] !== undefined) {
    throw invalidArgument(
      'Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms',
      encryptionHeader,
      encryption,
    );
  }
  const redirect = headers['x-amz-website-redirect-location'];
  if (redirect !== undefined && !/^(\/|https?:\/\/)/.test(redirect)) {
    throw s3Error('InvalidRedirectLocation', {
      message: "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.",
    });
  }
  return {
    ...pick(headers, storageHeaders),
    ...(inDirectory ? { 'x-amz-storage-class': directoryClass } : {}),
  };
}

const encryptionHeader = 'x-amz-server-side-encryption';

/** How the object is encrypted: by the customer's key, as the request says, or as the bucket's default is. */
function encryptionFrom(headers: Headers, { encryption }: BucketRecord): Record<string, string> {
  const customer = customerKeyHeaders(headers);
  const named = headers[encryptionHeader];
  if (Object.keys(customer).length === 0) return named === undefined ? { ...encryption } : {};
  if (named === undefined) return customer;
  throw invalidArgument(
    'Server Side Encryption with Customer provided key is incompatible with the encryption method specified',
    encryptionHeader,
    named,
  );
}

/** The headers that tell how an object is encrypted; answers to uploads carry them too. */
export function encryptionHeaders(attributes: ObjectAttributes): Record<string, string> {
  return {
    ...pick(
      attributes.headers,
      storageHeaders.filter((name) => name.includes('encryption')),
    ),
    ...customerKeyEcho(attributes),
  };
}

/**
 * Who owns an object that the caller writes.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html}
 */
export function objectOwner({ caller, headers }: Context, { ownership, owner }: BucketRecord): string {
  const given = ownership === 'BucketOwnerPreferred' && headers['x-amz-acl'] === 'bucket-owner-full-control';
  return given || ownership === 'BucketOwnerEnforced' ? owner : caller;
}

const archives = new Set(['GLACIER', 'DEEP_ARCHIVE']);

/** Whether an object has to be restored before it can be read. */
export function isArchived(attributes: ObjectAttributes): boolean {
  return archives.has(storageClassOf(attributes));
}

/**
 * Refuses to read an archived object that is not restored.
 *
 * @throws {S3Error} `InvalidObjectState`
 */
export function checkNotArchived(version: ObjectVersion, now: number): void {
  if (!isArchived(version) || (version.restoredUntil ?? 0) > now) return;
  throw s3Error('InvalidObjectState', { members: { StorageClass: storageClassOf(version) } });
}

/** `STANDARD` has no header. */
export function storageClassOf({ headers }: ObjectAttributes): string {
  const { 'x-amz-storage-class': storageClass = 'STANDARD' } = headers;
  return storageClass;
}

/** What the header of each metadata begins with. */
export const metadataPrefix = 'x-amz-meta-';

function metadataFrom(headers: Headers, maximumSize: number): Record<string, string> {
  const metadata: Record<string, string> = {};
  let size = 0;
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || !name.startsWith(metadataPrefix)) continue;
    metadata[name] = value;
    // One character is one byte: node reads headers as Latin-1.
    size += name.length - metadataPrefix.length + value.length;
  }
  if (size > maximumSize) {
    throw s3Error('MetadataTooLarge', {
      members: { Size: String(size), MaxSizeAllowed: String(maximumSize) },
    });
  }
  return metadata;
}

/** Tells until when a restored object can be read. */
export function restoreHeader({ restoredUntil }: ObjectVersion, now: number): Record<string, string> {
  if (restoredUntil === undefined || restoredUntil <= now) return {};
  const date = new Date(restoredUntil).toUTCString();
  return { 'x-amz-restore': `ongoing-request="false", expiry-date="${date}"` };
}
