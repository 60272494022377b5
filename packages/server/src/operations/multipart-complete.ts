import { randomBytes } from 'node:crypto';
import {
  type ChecksumAlgorithm,
  checksumLengths,
  isChecksumAlgorithm,
  multipartChecksum,
} from '@s3kit/checksums';
import { askedChecksumType, checksumMembers } from '../checksums.ts';
import { checkWriteConditions } from '../conditions.ts';
import { type Context, requestBucket, sameBucket } from '../context.ts';
import { etagIn } from '../directory-buckets.ts';
import { s3Error } from '../errors.ts';
import { versionHeader } from '../find-version.ts';
import type { Transaction } from '../index-store.ts';
import { expirationHeader } from '../lifecycle-headers.ts';
import { multipartETag, releasePart } from '../multipart-uploads.ts';
import { encryptionHeaders } from '../object-attributes.ts';
import { type Garbage, keyRecord, type NewVersion, putVersion, versionById } from '../object-versions.ts';
import {
  type BodyPart,
  type BucketRecord,
  type CompletedRecord,
  type ObjectVersion,
  type PartRecord,
  type StoredChecksums,
  tables,
  type UploadRecord,
} from '../records.ts';
import { type Reply, xmlReply } from '../reply.ts';
import { document, listOf, objectOf, readDocument, s3Namespace, textOf } from '../xml-documents.ts';

/** Bytes of the list of parts. */
const maximumDocument = 2 * 1024 ** 2;

/** For how long the same answer is given again, milliseconds. */
const remembered = 24 * 3600 * 1000;

/** A part as the client lists it. */
interface ListedPart {
  partNumber: number;
  etag: string;
  checksums: Record<string, string>;
}

/**
 * Makes the object out of its parts, without moving a byte: the index refers to the parts' files.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html}
 */
export async function completeUpload(context: Context): Promise<Reply> {
  const bucket = requestBucket(context);
  const uploadId = context.query.get('uploadId') ?? '';
  const listed = listedParts(
    await context.body.text(maximumDocument, 'object'),
    context.limits.maximumPartNumber,
  );
  const { version, isNew } = await context.store.commit(async (transaction) => {
    const target = sameBucket(transaction, bucket);
    // Casts: only this server writes the index.
    const upload = transaction.get(tables.upload(target.id, context.key, uploadId)) as
      | UploadRecord
      | undefined;
    if (!upload) {
      const before = completedBefore(transaction, target, context, uploadId, listed);
      return { value: { version: before, isNew: false }, garbage: [] };
    }
    checkWriteConditions(
      context.headers,
      context.key,
      keyRecord(transaction, target.id, context.key)?.current,
    );
    const { value, garbage } = await complete(transaction, target, context, upload, listed);
    return { value: { version: value, isNew: true }, garbage };
  });
  if (isNew) {
    context.notify({ name: 'ObjectCreated:CompleteMultipartUpload', bucket, ...version, key: context.key });
  }
  return xmlReply(
    document({
      [`CompleteMultipartUploadResult ${s3Namespace}`]: {
        Location: `${context.bucketUrl}/${encodeURIComponent(context.key)}`,
        Bucket: bucket.name,
        Key: context.key,
        ETag: `"${version.etag}"`,
        ...checksumMembers(version.checksums?.values ?? {}),
        ChecksumType: version.checksums?.type,
      },
    }),
    {
      ...versionHeader(bucket, version),
      ...expirationHeader(context, bucket, version),
      ...encryptionHeaders(version),
    },
  );
}

/** @throws {S3Error} `MalformedXML`, `InvalidPartOrder` */
function listedParts(text: string, maximum: number): ListedPart[] {
  const root = readDocument(text, 'CompleteMultipartUpload', ['CompleteMultipartUpload/Part']);
  const parts = listOf(root['Part']).map((item): ListedPart => {
    const part = objectOf(item);
    const number = textOf(part['PartNumber'])?.trim() ?? '';
    const etag = textOf(part['ETag'])
      ?.trim()
      .replace(/^"(.*)"$/, '$1');
    if (!/^\d{1,5}$/.test(number) || etag === undefined) throw s3Error('MalformedXML');
    const checksums: Record<string, string> = {};
    for (const algorithm of Object.keys(checksumLengths)) {
      const value = textOf(part[`Checksum${algorithm.toUpperCase()}`]);
      if (value !== undefined) checksums[algorithm] = value;
    }
    return { partNumber: Number(number), etag, checksums };
  });
  if (parts.length === 0 || parts.length > maximum) throw s3Error('MalformedXML');
  if (parts.some((part, index) => part.partNumber <= (parts[index - 1]?.partNumber ?? 0))) {
    throw s3Error('InvalidPartOrder');
  }
  return parts;
}

/** What says whether two lists ask for the same object. */
function partsText(parts: readonly ListedPart[]): string {
  return parts.map(({ partNumber, etag }) => `${partNumber}:${etag}`).join();
}

/** The answer to an upload that was completed already: a client that lost the first answer asks again. */
function completedBefore(
  transaction: Transaction,
  bucket: BucketRecord,
  { key }: Context,
  uploadId: string,
  listed: readonly ListedPart[],
): ObjectVersion {
  const record = transaction.get(tables.completed(bucket.id, uploadId)) as CompletedRecord | undefined;
  const version = record && versionById(transaction, bucket.id, key, record.versionId);
  if (record?.key === key && record.parts === partsText(listed) && version?.etag === record.etag)
    return version;
  throw s3Error('NoSuchUpload', { members: { UploadId: uploadId } });
}

async function complete(
  transaction: Transaction,
  bucket: BucketRecord,
  context: Context,
  upload: UploadRecord,
  listed: readonly ListedPart[],
): Promise<{ value: ObjectVersion; garbage: Garbage[] }> {
  const { key, uploadId } = upload;
  const stored = new Map<number, PartRecord>();
  for await (const entry of transaction.range(tables.parts(uploadId))) {
    const part = entry.value as PartRecord;
    stored.set(part.partNumber, part);
    transaction.delete(entry.key);
  }
  const parts = listed.map((part, index) =>
    checkedPart(context, upload, part, stored.get(part.partNumber), index === listed.length - 1),
  );
  const chosen = new Set(parts.map(({ partNumber }) => partNumber));
  const garbage = [...stored.values()]
    .filter(({ partNumber }) => !chosen.has(partNumber))
    .flatMap((part) => releasePart(transaction, part));

  const size = parts.reduce((sum, part) => sum + part.size, 0);
  const version: NewVersion = {
    headers: upload.headers,
    metadata: upload.metadata,
    tags: upload.tags,
    owner: bucket.ownership === 'BucketOwnerEnforced' ? bucket.owner : upload.owner,
    size,
    etag: etagIn(bucket, multipartETag(parts.map(({ etag }) => etag))),
    // S3 dates the object from the upload's beginning:
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html#SysMetadata
    modifiedAt: upload.initiatedAt,
    body: { id: randomBytes(16).toString('hex'), parts: parts.length },
  };
  if (upload.acl !== undefined) version.acl = upload.acl;
  if (upload.retention) version.retention = upload.retention;
  if (upload.legalHold !== undefined) version.legalHold = upload.legalHold;
  const checksums = objectChecksums(upload, parts);
  if (checksums) version.checksums = checksums;
  checkObject(context, size, checksums);

  const bodyParts = parts.map(
    ({ fileId, size: bytes, checksums: values }): BodyPart => ({
      size: bytes,
      ...(fileId === undefined ? {} : { id: fileId }),
      ...(upload.checksumAlgorithm === undefined ? {} : { checksums: values }),
    }),
  );
  if (version.body) transaction.put(tables.bodyParts(version.body.id), bodyParts);
  transaction.delete(tables.upload(bucket.id, key, uploadId));
  const put = putVersion(transaction, bucket, key, version);
  const record: CompletedRecord = {
    key,
    etag: put.version.etag,
    versionId: put.version.versionId,
    parts: partsText(listed),
    completedAt: context.now().getTime(),
  };
  await forgetOld(transaction, bucket.id, record.completedAt);
  transaction.put(tables.completed(bucket.id, uploadId), record);
  return { value: put.version, garbage: [...garbage, ...put.garbage] };
}

/** @throws {S3Error} `InvalidPart`, `EntityTooSmall`, `InvalidRequest` */
function checkedPart(
  { limits }: Context,
  { uploadId, checksumAlgorithm, checksumType }: UploadRecord,
  listed: ListedPart,
  stored: PartRecord | undefined,
  isLast: boolean,
): PartRecord {
  const PartNumber = String(listed.partNumber);
  const differs = Object.entries(listed.checksums).some(
    ([algorithm, value]) =>
      stored?.checksums[algorithm] !== undefined && stored.checksums[algorithm] !== value,
  );
  if (!stored || stored.etag !== listed.etag || differs) {
    throw s3Error('InvalidPart', { members: { UploadId: uploadId, PartNumber, ETag: listed.etag } });
  }
  if (checksumType === 'COMPOSITE' && listed.checksums[checksumAlgorithm ?? ''] === undefined) {
    throw s3Error('InvalidRequest', {
      message: `The upload was created using a ${checksumAlgorithm} checksum. The complete request must include the checksum for each part. It was missing for part ${PartNumber} in the request.`,
    });
  }
  if (!isLast && stored.size < limits.minimumPartSize) {
    throw s3Error('EntityTooSmall', {
      members: {
        ProposedSize: String(stored.size),
        MinSizeAllowed: String(limits.minimumPartSize),
        PartNumber,
        ETag: listed.etag,
      },
    });
  }
  return stored;
}

function objectChecksums(
  { checksumAlgorithm, checksumType = 'COMPOSITE' }: UploadRecord,
  parts: readonly PartRecord[],
): StoredChecksums | undefined {
  if (checksumAlgorithm === undefined) return undefined;
  const values = parts.map(({ checksums, size }) => ({ value: checksums[checksumAlgorithm] ?? '', size }));
  // Cast: the name was checked when the upload was made.
  const algorithm = checksumAlgorithm as ChecksumAlgorithm;
  return { values: { [algorithm]: multipartChecksum(algorithm, checksumType, values) }, type: checksumType };
}

/**
 * Compares the object with what the request says of it as a whole.
 *
 * @throws {S3Error} `InvalidRequest`, `BadDigest`
 */
function checkObject({ headers }: Context, size: number, checksums: StoredChecksums | undefined): void {
  // Without a checksum of its own, an upload has one of the whole object in S3.
  const type = checksums?.type ?? 'FULL_OBJECT';
  if ((askedChecksumType(headers) ?? type) !== type) {
    throw s3Error('BadDigest', {
      message: `The upload was created using the ${type} checksum mode. The complete request must use the same checksum mode.`,
    });
  }
  const expectedSize = headers['x-amz-mp-object-size'];
  if (expectedSize !== undefined && expectedSize !== String(size)) {
    throw s3Error('InvalidRequest', {
      message: `The provided 'x-amz-mp-object-size' header value ${expectedSize} does not match what was computed: ${size}`,
    });
  }
  for (const algorithm of Object.keys(checksumLengths).filter(isChecksumAlgorithm)) {
    const expected = headers[`x-amz-checksum-${algorithm}`];
    if (expected === undefined) continue;
    const actual = checksums?.values[algorithm];
    if (actual !== expected && actual?.replace(/-\d+$/, '') !== expected) {
      throw s3Error('BadDigest', {
        message: `The ${algorithm.toUpperCase()} you specified did not match the calculated checksum.`,
      });
    }
  }
}

/** Upload ids sort by time, so those to forget come first. */
async function forgetOld(transaction: Transaction, bucketId: string, now: number): Promise<void> {
  for await (const { key, value } of transaction.range(tables.allCompleted(bucketId))) {
    if ((value as CompletedRecord).completedAt > now - remembered) return;
    transaction.delete(key);
  }
}
