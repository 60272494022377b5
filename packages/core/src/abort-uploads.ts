import { invalidArgument } from './errors.ts';
import { S3Name } from './s3-name.ts';
import type { AbortUploadsOptions, Storage } from './storage.ts';
import { isStorageError } from './storage-error.ts';
import type { S3Upload } from './values.ts';

/** What `Storage.abortUploads` gives. */
export async function* abortUploads(
  storage: Storage,
  bucket: string,
  { olderThan, ...others }: AbortUploadsOptions,
): AsyncGenerator<S3Upload, void, undefined> {
  if (!(olderThan instanceof Date) || Number.isNaN(olderThan.getTime()))
    throw invalidArgument('olderThan must be a valid Date');
  for await (const upload of storage.bucketListUploads(bucket, others)) {
    if (typeof upload === 'string' || !(upload.initiatedAt < olderThan)) continue;
    try {
      await storage.uploadAbort(new S3Name(upload.key, bucket), upload.uploadId, others);
    } catch (error) {
      // It ended by itself meanwhile.
      if (isStorageError(error) && error.code === 'NoSuchUpload') continue;
      throw error;
    }
    yield upload;
  }
}
