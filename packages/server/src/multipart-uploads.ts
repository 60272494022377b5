import { createHash } from 'node:crypto';
import type { Context } from './context.ts';
import { s3Error } from './errors.ts';
import type { Transaction } from './index-store.ts';
import type { Garbage } from './object-versions.ts';
import { type BucketRecord, type PartRecord, tables, type UploadRecord } from './records.ts';

/**
 * The upload that a request names.
 *
 * @throws {S3Error} `NoSuchUpload`
 */
export function findUpload(
  store: Pick<Transaction, 'get'>,
  bucket: BucketRecord,
  { key, query }: Context,
): UploadRecord {
  const uploadId = query.get('uploadId') ?? '';
  // Cast: only this server writes the index.
  const upload = store.get(tables.upload(bucket.id, key, uploadId)) as UploadRecord | undefined;
  if (!upload) throw s3Error('NoSuchUpload', { members: { UploadId: uploadId } });
  return upload;
}

/** Takes the reference to a part's file out of the index. */
export function releasePart(transaction: Transaction, { fileId }: PartRecord): Garbage[] {
  if (fileId === undefined) return [];
  transaction.delete(tables.file(fileId));
  return [{ name: fileId, ids: [fileId] }];
}

/** Removes an upload and all of its parts. */
export async function dropUpload(
  transaction: Transaction,
  bucketId: string,
  { key, uploadId }: UploadRecord,
): Promise<Garbage[]> {
  const garbage: Garbage[] = [];
  for await (const entry of transaction.range(tables.parts(uploadId))) {
    transaction.delete(entry.key);
    garbage.push(...releasePart(transaction, entry.value as PartRecord));
  }
  transaction.delete(tables.upload(bucketId, key, uploadId));
  return garbage;
}

/** The ETag of an object of parts: the MD5 of the parts' MD5s, and how many. */
export function multipartETag(etags: readonly string[]): string {
  const hash = createHash('md5');
  for (const etag of etags) hash.update(etag, 'hex');
  return `${hash.digest('hex')}-${etags.length}`;
}
