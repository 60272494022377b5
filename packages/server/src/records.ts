import type { KeyRange } from './index-store.ts';

/** A bucket, as the index keeps it. */
export interface BucketRecord extends BucketFacts {
  /** Names this bucket among all that ever had its name; 16 hex digits. */
  id: string;
  name: string;
  /** Access key id of the user who made it. */
  owner: string;
  region: string;
  /** Milliseconds since 1970. */
  createdAt: number;
}

/** What of a bucket's configuration its other requests go by; each is read from the document that was set. */
export interface BucketFacts {
  /** Where a directory bucket is; absent: the bucket is no such bucket. */
  location?: { type: LocationType; name: string } | undefined;
  /** Absent: versioning was never set. */
  versioning?: 'Enabled' | 'Suspended' | undefined;
  /** Absent: as `ObjectWriter`, with ACLs. */
  ownership?: ObjectOwnership | undefined;
  publicAccess?: PublicAccessBlock | undefined;
  requesterPays?: boolean | undefined;
  /** Encryption headers that uploads without any get. */
  encryption?: Record<string, string> | undefined;
  /** Absent: objects of the bucket cannot be locked. */
  objectLock?: { defaultRetention?: { mode: RetentionMode; days: number } } | undefined;
}

/** What kind of zone a directory bucket is in. */
export type LocationType = 'AvailabilityZone' | 'LocalZone';

/** Who owns what others write into a bucket. */
export type ObjectOwnership = 'BucketOwnerEnforced' | 'BucketOwnerPreferred' | 'ObjectWriter';

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html} */
export interface PublicAccessBlock {
  BlockPublicAcls: boolean;
  IgnorePublicAcls: boolean;
  BlockPublicPolicy: boolean;
  RestrictPublicBuckets: boolean;
}

/** How firmly a version is kept until a date: governance can be bypassed by permission, compliance by nobody. */
type RetentionMode = 'GOVERNANCE' | 'COMPLIANCE';

/** Until when a version is kept. */
export interface Retention {
  mode: RetentionMode;
  /** Milliseconds since 1970. */
  until: number;
}

/** Checksums that S3 stores next to an object: the algorithm's lower-case name and the Base64 value. */
export interface StoredChecksums {
  values: Record<string, string>;
  type: 'FULL_OBJECT' | 'COMPOSITE';
}

/** What an object carries besides its bytes; a multipart upload keeps it until it is completed. */
export interface ObjectAttributes {
  /** Response headers by lower-case name: content-type, cache-control, x-amz-storage-class ... */
  headers: Record<string, string>;
  /** User metadata by lower-case header name, `x-amz-meta-` included. */
  metadata: Record<string, string>;
  tags: Record<string, string>;
  /** The ACL document; absent: the owner has full control. */
  acl?: string;
  retention?: Retention | undefined;
  legalHold?: boolean;
}

/** One version of an object, or a delete marker. */
export interface ObjectVersion extends ObjectAttributes {
  /** `null` for a version that was made while versioning was not enabled. */
  versionId: string;
  /** Grows with each version of a key. */
  sequence: number;
  deleteMarker?: true;
  /** Milliseconds since 1970. */
  modifiedAt: number;
  /** Bytes. */
  size: number;
  /** Without quotes. */
  etag: string;
  owner: string;
  /** Absent: no bytes. */
  body?: BodyReference;
  checksums?: StoredChecksums;
  /** Until when an archived object can be read, milliseconds since 1970. */
  restoredUntil?: number;
}

/** Where the bytes of a version are. */
export interface BodyReference {
  /** The file's id; with `parts`, the name of the list of part files. */
  id: string;
  /** How many part files the body is made of. */
  parts?: number;
}

/** One part file of a completed multipart upload. */
export interface BodyPart {
  /** Absent: a part with no bytes. */
  id?: string;
  size: number;
  /** Lower-case algorithm to Base64. */
  checksums?: Record<string, string>;
}

/** A key: its latest version, and whether older ones are kept. */
export interface KeyRecord {
  current: ObjectVersion;
  older?: true;
  /** The sequence of the `null` version, when that is an older one. */
  nullSequence?: number;
}

/** A multipart upload under way. */
export interface UploadRecord extends ObjectAttributes {
  uploadId: string;
  key: string;
  owner: string;
  /** Milliseconds since 1970. */
  initiatedAt: number;
  /** Lower-case name of the checksum algorithm that was asked for. */
  checksumAlgorithm?: string;
  checksumType?: 'FULL_OBJECT' | 'COMPOSITE';
}

/** An uploaded part. */
export interface PartRecord {
  partNumber: number;
  /** Bytes. */
  size: number;
  /** Without quotes; the MD5 in hex. */
  etag: string;
  modifiedAt: number;
  /** Absent: no bytes. */
  fileId?: string;
  checksums: Record<string, string>;
}

/** What a completed upload came to, so that completing it once more gives the same answer. */
export interface CompletedRecord {
  key: string;
  etag: string;
  versionId: string;
  /** The parts that were asked for, as part numbers and ETags. */
  parts: string;
  /** Milliseconds since 1970. */
  completedAt: number;
}

/** A rename that was done, so that it is not done again for the same token. */
export interface RenameRecord {
  /** What was asked for. */
  request: string;
}

const end = Buffer.from([0, 1]);

/**
 * Text that sorts as its UTF-8 bytes do and ends below every continuation, so that fields can follow it.
 * A NUL in it becomes 00 C3 BF and so stays above the end mark 00 01.
 */
function terminated(text: string): Buffer {
  return Buffer.concat([Buffer.from(text.replaceAll('\0', '\0\u00ff'), 'utf8'), end]);
}

function fixed(table: string, ...fields: string[]): Buffer {
  return Buffer.from(table + fields.join(''), 'utf8');
}

/** Newest first: the higher the sequence, the lower the bytes. */
function descending(sequence: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(0xffff_ffff_ffff_ffffn - BigInt(sequence));
  return bytes;
}

/** The first key above all that begin with `prefix`. */
export function afterPrefix(prefix: Buffer): Buffer {
  let length = prefix.length;
  while (length > 0 && prefix[length - 1] === 0xff) length -= 1;
  const bytes = Buffer.from(prefix.subarray(0, length));
  const last = bytes[length - 1];
  if (last !== undefined) bytes[length - 1] = last + 1;
  return bytes;
}

function withPrefix(prefix: Buffer): KeyRange {
  return { from: prefix, to: afterPrefix(prefix) };
}

/**
 * The tables of the index: each gives the keys of its records. The first byte names the table, a bucket
 * is meant by its id, and an object's key is its UTF-8 bytes, last in the index key, so that the order of
 * the index is the order of S3's listings.
 */
export const tables = {
  bucket: (name: string): Buffer => fixed('b', name),
  buckets: (): KeyRange => withPrefix(fixed('b')),

  /** The document of a configuration family. */
  configuration: (bucketId: string, family: string): Buffer => fixed('c', bucketId, family),
  configurations: (bucketId: string, family: string = ''): KeyRange =>
    withPrefix(fixed('c', bucketId, family)),

  key: (bucketId: string, key: string): Buffer => fixed('o', bucketId, key),
  keys: (bucketId: string, prefix: string = ''): KeyRange => withPrefix(fixed('o', bucketId, prefix)),
  /** The object's key in a record's key of {@link tables.key}. */
  keyOf: (indexKey: Buffer): string => indexKey.toString('utf8', 17),

  olderVersion: (bucketId: string, key: string, sequence: number): Buffer =>
    Buffer.concat([fixed('v', bucketId), terminated(key), descending(sequence)]),
  olderVersions: (bucketId: string, key: string): KeyRange =>
    withPrefix(Buffer.concat([fixed('v', bucketId), terminated(key)])),

  upload: (bucketId: string, key: string, uploadId: string): Buffer =>
    Buffer.concat([fixed('u', bucketId), terminated(key), Buffer.from(uploadId)]),
  uploads: (bucketId: string, prefix: string = ''): KeyRange => {
    const whole = terminated(prefix);
    return withPrefix(Buffer.concat([fixed('u', bucketId), whole.subarray(0, whole.length - end.length)]));
  },
  /** Upload ids have one length, 32 characters. */
  part: (uploadId: string, partNumber: number): Buffer =>
    fixed('p', uploadId, String(partNumber).padStart(5, '0')),
  parts: (uploadId: string): KeyRange => withPrefix(fixed('p', uploadId)),
  completed: (bucketId: string, uploadId: string): Buffer => fixed('d', bucketId, uploadId),
  allCompleted: (bucketId: string): KeyRange => withPrefix(fixed('d', bucketId)),

  rename: (bucketId: string, token: string): Buffer => fixed('n', bucketId, token),
  renames: (bucketId: string): KeyRange => withPrefix(fixed('n', bucketId)),
  /** The same in the order of time, in milliseconds since 1970; the value is the token. */
  renameAt: (bucketId: string, time: number, token: string): Buffer =>
    fixed('m', bucketId, String(time).padStart(16, '0'), token),
  /** Those before a time. */
  renamesByTime: (bucketId: string, end: number = Number.MAX_SAFE_INTEGER): KeyRange => ({
    from: fixed('m', bucketId),
    to: tables.renameAt(bucketId, end, ''),
  }),

  /** The part files of a body that is made of several. */
  bodyParts: (bodyId: string): Buffer => fixed('s', bodyId),
  /** Exists while the index refers to the file. */
  file: (fileId: string): Buffer => fixed('r', fileId),
  files: (idPrefix: string): KeyRange => withPrefix(fixed('r', idPrefix)),
  fileOf: (indexKey: Buffer): string => indexKey.toString('utf8', 1),
} as const;
