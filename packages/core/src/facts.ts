const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;

/** The facts of `S3Facts`. */
export interface S3FactsTable {
  /** The host asked when a connection names none. */
  readonly defaultEndpoint: string;
  /** The region signed for when a connection names none. */
  readonly defaultRegion: string;
  /** The header prefix that makes a header part of an object's metadata. */
  readonly amzMetadataPrefix: string;
  /** Most bytes of one object: 10,000 parts of 5 GiB, 48.8 TiB (multipart limits, "Maximum object size"). */
  readonly maximumFileSize: number;
  /** Most parts of one multipart upload; part numbers run from 1 to this (multipart limits). */
  readonly maximumPartNumber: number;
  /** Most bytes of one part (multipart limits). */
  readonly maximumPartSize: number;
  /** Fewest bytes of one part, the last one excepted (multipart limits). */
  readonly minimumPartSize: number;
  /** Files of this many bytes or more go up in parts. s3kit's choice; S3 itself demands it above `maximumPutSize`. */
  readonly multipartThreshold: number;
  /** Most bytes that one PUT can carry ({@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html}). */
  readonly maximumPutSize: number;
  /** Most bytes that one CopyObject can copy ({@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html}). */
  readonly maximumCopySize: number;
  /** Bytes of each part of a copy that is made in parts. s3kit's choice: nothing of it passes through this machine. */
  readonly copyPartSize: number;
  /** Most keys of one DeleteObjects request ({@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html}). */
  readonly maximumDeleteKeys: number;
  /** Most keys of one page of a listing ({@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html}). */
  readonly maximumListKeys: number;
  /** Most bytes of a key in UTF-8 ({@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html}). */
  readonly maximumKeyLength: number;
  /** Most bytes of an object's metadata, names and values together. */
  readonly maximumMetadataSize: number;
  /** Fewest characters of a bucket name ({@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html}). */
  readonly minimumBucketNameLength: number;
  /** Most characters of a bucket name. */
  readonly maximumBucketNameLength: number;
}

/**
 * Facts about S3: its limits, in bytes and counts, and the values that a connection starts from.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html} for the multipart limits
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html} for keys and metadata
 */
export const S3Facts: S3FactsTable = {
  defaultEndpoint: 's3.amazonaws.com',
  defaultRegion: 'us-east-1',
  amzMetadataPrefix: 'x-amz-meta-',
  maximumFileSize: 10_000 * 5 * GiB,
  maximumPartNumber: 10_000,
  maximumPartSize: 5 * GiB,
  minimumPartSize: 5 * MiB,
  multipartThreshold: 16 * MiB,
  maximumPutSize: 5 * GiB,
  maximumCopySize: 5 * GiB,
  copyPartSize: 128 * MiB,
  maximumDeleteKeys: 1_000,
  maximumListKeys: 1_000,
  maximumKeyLength: 1_024,
  maximumMetadataSize: 2 * KiB,
  minimumBucketNameLength: 3,
  maximumBucketNameLength: 63,
};

/** S3's limits that a test may scale down, in bytes and counts. */
export type S3Limits = Pick<
  S3FactsTable,
  | 'copyPartSize'
  | 'maximumCopySize'
  | 'maximumFileSize'
  | 'maximumPartNumber'
  | 'maximumPartSize'
  | 'minimumPartSize'
  | 'multipartThreshold'
>;
