import { randomBytes } from 'node:crypto';
import { type ChecksumAlgorithm, isChecksumAlgorithm, isCrcAlgorithm } from '@s3kit/checksums';
import { askedChecksumType, checksumHeaders, checksumMembers, Digester, type Digests } from '../checksums.ts';
import { type Context, requestBucket, sameBucket } from '../context.ts';
import { copySource } from '../copy-source.ts';
import { checkCustomerKey } from '../customer-key.ts';
import { invalidArgument, s3Error } from '../errors.ts';
import { abortHeaders } from '../lifecycle-headers.ts';
import { dropUpload, findUpload, releasePart } from '../multipart-uploads.ts';
import { attributesFromHeaders, encryptionHeaders, objectOwner } from '../object-attributes.ts';
import type { ByteRange } from '../ranges.ts';
import { type BucketRecord, type PartRecord, tables, type UploadRecord } from '../records.ts';
import { type Reply, xmlReply } from '../reply.ts';
import type { Routes } from '../router.ts';
import { document, s3Namespace } from '../xml-documents.ts';
import { completeUpload } from './multipart-complete.ts';
import { listParts, listUploads } from './multipart-listing.ts';

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html} */
async function createUpload(context: Context): Promise<Reply> {
  const bucket = requestBucket(context);
  const upload: UploadRecord = {
    ...attributesFromHeaders(context, bucket),
    ...checksumChoice(context),
    // The time comes first, so that the uploads of a key sort by their beginning.
    uploadId: context.now().getTime().toString(16).padStart(12, '0') + randomBytes(10).toString('hex'),
    key: context.key,
    owner: objectOwner(context, bucket),
    initiatedAt: context.now().getTime(),
  };
  await context.store.commit((transaction) => {
    sameBucket(transaction, bucket);
    transaction.put(tables.upload(bucket.id, upload.key, upload.uploadId), upload);
    return { value: undefined, garbage: [] };
  });
  const headers = { ...encryptionHeaders(upload), ...abortHeaders(context, bucket, upload) };
  if (upload.checksumAlgorithm !== undefined) {
    headers['x-amz-checksum-algorithm'] = upload.checksumAlgorithm.toUpperCase();
    headers['x-amz-checksum-type'] = upload.checksumType ?? 'COMPOSITE';
  }
  return xmlReply(
    document({
      [`InitiateMultipartUploadResult ${s3Namespace}`]: {
        Bucket: bucket.name,
        Key: context.key,
        UploadId: upload.uploadId,
      },
    }),
    headers,
  );
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html} */
function checksumChoice({ headers }: Context): Pick<UploadRecord, 'checksumAlgorithm' | 'checksumType'> {
  const algorithm = headers['x-amz-checksum-algorithm']?.toLowerCase();
  const type = askedChecksumType(headers);
  if (algorithm === undefined) {
    if (type === undefined) return {};
    throw s3Error('InvalidRequest', {
      message: 'The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.',
    });
  }
  if (!isChecksumAlgorithm(algorithm)) {
    throw s3Error('InvalidRequest', { message: 'Checksum algorithm provided is unsupported.' });
  }
  const chosen = type ?? (algorithm === 'crc64nvme' ? 'FULL_OBJECT' : 'COMPOSITE');
  const possible = chosen === 'COMPOSITE' ? algorithm !== 'crc64nvme' : isCrcAlgorithm(algorithm);
  if (!possible) {
    throw s3Error('InvalidRequest', {
      message: `The ${type} checksum type cannot be used with the ${algorithm} checksum algorithm.`,
    });
  }
  return { checksumAlgorithm: algorithm, checksumType: chosen };
}

async function putPart(context: Context): Promise<Reply> {
  const text = context.query.get('partNumber') ?? '';
  const { maximumPartNumber } = context.limits;
  if (!/^\d{1,5}$/.test(text) || Number(text) < 1 || Number(text) > maximumPartNumber) {
    throw invalidArgument(
      `Part number must be an integer between 1 and ${maximumPartNumber}, inclusive`,
      'partNumber',
      text,
    );
  }
  const partNumber = Number(text);
  return context.headers['x-amz-copy-source'] === undefined
    ? uploadPart(context, partNumber)
    : uploadPartCopy(context, partNumber);
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html} */
async function uploadPart(context: Context, partNumber: number): Promise<Reply> {
  const bucket = requestBucket(context);
  const upload = findUpload(context.store.index, bucket, context);
  checkCustomerKey(context.headers, upload);
  const { source, digests } = context.body.open(context.limits.maximumPartSize, checksumOf(upload));
  const part = await storePart(context, bucket, partNumber, source, digests);
  return {
    status: 200,
    headers: { etag: `"${part.etag}"`, ...encryptionHeaders(upload), ...checksumHeaders(part.checksums) },
  };
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html} */
async function uploadPartCopy(context: Context, partNumber: number): Promise<Reply> {
  const bucket = requestBucket(context);
  const upload = findUpload(context.store.index, bucket, context);
  checkCustomerKey(context.headers, upload);
  const { version, bucket: sourceBucket } = copySource(context);
  const { start, end } = copiedRange(context.headers['x-amz-copy-source-range'], version.size);
  if (end - start + 1 > context.limits.maximumCopySize) {
    throw s3Error('InvalidRequest', {
      message: `The specified copy source is larger than the maximum allowable size for a copy source: ${context.limits.maximumCopySize}`,
    });
  }
  const body = context.store.openBody(version, start, end);
  try {
    const digester = new Digester(checksumOf(upload));
    const part = await storePart(context, bucket, partNumber, digester.watch(body.source), () =>
      digester.finish(),
    );
    return xmlReply(
      document({
        [`CopyPartResult ${s3Namespace}`]: {
          ETag: `"${part.etag}"`,
          LastModified: new Date(part.modifiedAt).toISOString(),
          ...checksumMembers(part.checksums),
        },
      }),
      {
        ...encryptionHeaders(upload),
        ...(sourceBucket.versioning ? { 'x-amz-copy-source-version-id': version.versionId } : {}),
      },
    );
  } finally {
    await body.release();
  }
}

/**
 * The bytes that a part is copied from. Unlike the Range of a read, this one must lie within the object.
 *
 * @throws {S3Error} `InvalidArgument`
 */
function copiedRange(header: string | undefined, size: number): ByteRange {
  if (header === undefined) return { start: 0, end: size - 1 };
  const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(header) ?? [];
  if (start === undefined || end === undefined || Number(start) > Number(end)) {
    throw invalidArgument(
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
      'x-amz-copy-source-range',
      header,
    );
  }
  if (Number(end) >= size) {
    throw invalidArgument(
      `Range specified is not valid for source object of size: ${size}`,
      'x-amz-copy-source-range',
      header,
    );
  }
  return { start: Number(start), end: Number(end) };
}

/** What the parts of an upload are to have. Cast: the name was checked when the upload was made. */
function checksumOf({ checksumAlgorithm }: UploadRecord): ChecksumAlgorithm[] {
  return checksumAlgorithm === undefined ? [] : [checksumAlgorithm as ChecksumAlgorithm];
}

/** Stores a part in place of an earlier one with its number. */
async function storePart(
  context: Context,
  bucket: BucketRecord,
  partNumber: number,
  source: AsyncIterable<Uint8Array>,
  digests: () => Digests,
): Promise<PartRecord> {
  return context.store.commitBody(source, (transaction, file) => {
    const { uploadId } = findUpload(transaction, sameBucket(transaction, bucket), context);
    const { size, md5, checksums } = digests();
    const place = tables.part(uploadId, partNumber);
    const replaced = transaction.get(place) as PartRecord | undefined;
    const part: PartRecord = {
      partNumber,
      size,
      etag: md5.toString('hex'),
      modifiedAt: context.now().getTime(),
      checksums,
    };
    if (file) part.fileId = file.id;
    transaction.put(place, part);
    return { value: part, garbage: replaced ? releasePart(transaction, replaced) : [] };
  });
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html} */
async function abortUpload(context: Context): Promise<Reply> {
  const bucket = requestBucket(context);
  await context.store.commit(async (transaction) => {
    const upload = findUpload(transaction, sameBucket(transaction, bucket), context);
    return { value: undefined, garbage: await dropUpload(transaction, bucket.id, upload) };
  });
  return { status: 204 };
}

export const multipartRoutes: Routes = {
  'POST object ?uploads': createUpload,
  'PUT object ?uploadId': putPart,
  'POST object ?uploadId': completeUpload,
  'DELETE object ?uploadId': abortUpload,
  'GET object ?uploadId': listParts,
  'GET bucket ?uploads': listUploads,
};
