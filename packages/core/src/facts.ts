import { amzMetadataPrefix, maximumKeyLength, type S3Limits, s3Limits } from './limits.ts';

/** The facts of `S3Facts`. */
export interface S3FactsTable extends S3Limits {
  /** The host asked when a connection names none. */
  readonly defaultEndpoint: string;
  /** The region signed for when a connection names none. */
  readonly defaultRegion: string;
  /** The header prefix that makes a header part of an object's metadata. */
  readonly amzMetadataPrefix: string;
  /** Most bytes that one PUT can carry ({@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html}). */
  readonly maximumPutSize: number;
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
  ...s3Limits,
  defaultEndpoint: 's3.amazonaws.com',
  defaultRegion: 'us-east-1',
  amzMetadataPrefix,
  maximumPutSize: s3Limits.maximumPartSize,
  maximumDeleteKeys: 1_000,
  maximumListKeys: 1_000,
  maximumKeyLength,
  maximumMetadataSize: 2 * 1024,
  minimumBucketNameLength: 3,
  maximumBucketNameLength: 63,
};
