const MiB = 1024 ** 2;
const GiB = 1024 ** 3;

/** S3's limits that a service may have others of, and a test may scale down, in bytes and counts. */
export interface S3Limits {
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
  /** Most bytes that one CopyObject can copy ({@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html}). */
  readonly maximumCopySize: number;
  /** Bytes of each part of a copy that is made in parts. s3kit's choice: nothing of it passes through this machine. */
  readonly copyPartSize: number;
}

export const s3Limits: S3Limits = {
  maximumFileSize: 10_000 * 5 * GiB,
  maximumPartNumber: 10_000,
  maximumPartSize: 5 * GiB,
  minimumPartSize: 5 * MiB,
  multipartThreshold: 16 * MiB,
  maximumCopySize: 5 * GiB,
  copyPartSize: 128 * MiB,
};

/** See `S3Facts`, which has them too. */
export const amzMetadataPrefix = 'x-amz-meta-';
export const maximumKeyLength = 1_024;
