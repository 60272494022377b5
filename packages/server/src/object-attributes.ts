import { aclFromHeaders } from './acl.ts';
import type { Context, Headers } from './context.ts';
import { invalidArgument, s3Error } from './errors.ts';
import { pick } from './pick.ts';
import type { BucketRecord, ObjectAttributes } from './records.ts';
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
    ...storageFrom(headers),
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
  };
  const acl = aclFromHeaders(headers, context.caller, bucket.owner);
  if (acl !== undefined) attributes.acl = acl;
  return attributes;
}

/** @throws {S3Error} a storage header has a value that S3 does not know */
function storageFrom(headers: Headers): Record<string, string> {
  const storageClass = headers['x-amz-storage-class'];
  if (storageClass !== undefined && !storageClasses.has(storageClass)) {
    throw s3Error('InvalidStorageClass', { members: { StorageClassRequested: storageClass } });
  }
  const encryption = headers['x-amz-server-side-encryption'];
  if (encryption !== undefined && !encryptions.has(encryption)) {
    throw invalidArgument(
      'The encryption method specified is not supported',
      'x-amz-server-side-encryption',
      encryption,
    );
  }
  const redirect = headers['x-amz-website-redirect-location'];
  if (redirect !== undefined && !/^(\/|https?:\/\/)/.test(redirect)) {
    throw s3Error('InvalidRedirectLocation', {
      message: "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.",
    });
  }
  return pick(headers, storageHeaders);
}

/** The headers that tell how an object is encrypted; answers to uploads carry them too. */
export function encryptionHeaders(attributes: ObjectAttributes): Record<string, string> {
  return pick(
    attributes.headers,
    storageHeaders.filter((name) => name.includes('encryption')),
  );
}

/** `STANDARD` has no header. */
export function storageClassOf({ headers }: ObjectAttributes): string {
  const { 'x-amz-storage-class': storageClass = 'STANDARD' } = headers;
  return storageClass;
}

const metadataPrefix = 'x-amz-meta-';

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
