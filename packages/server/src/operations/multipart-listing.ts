import { ownerOf } from '../callers.ts';
import { checksumMembers } from '../checksums.ts';
import { type Context, requestBucket } from '../context.ts';
import { abortHeaders } from '../lifecycle-headers.ts';
import { walk } from '../list-walk.ts';
import { countParameter, listingParameters } from '../listing-parameters.ts';
import { findUpload } from '../multipart-uploads.ts';
import { storageClassOf } from '../object-attributes.ts';
import { afterPrefix, type PartRecord, tables, type UploadRecord } from '../records.ts';
import { type Reply, xmlReply } from '../reply.ts';
import { document, s3Namespace, type Tree } from '../xml-documents.ts';

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html} */
export async function listParts(context: Context): Promise<Reply> {
  const { query, store, limits } = context;
  const bucket = requestBucket(context);
  const upload = findUpload(store.index, bucket, context);
  const maximum = countParameter(query, 'max-parts', limits.maximumListKeys);
  const marker = countParameter(query, 'part-number-marker', limits.maximumPartNumber, 0);
  const parts: PartRecord[] = [];
  let truncated = false;
  const range = { ...tables.parts(upload.uploadId), from: tables.part(upload.uploadId, marker + 1) };
  for await (const { value } of store.index.range(range)) {
    if (parts.length === maximum) {
      truncated = maximum > 0;
      break;
    }
    parts.push(value as PartRecord);
  }
  return xmlReply(
    document({
      [`ListPartsResult ${s3Namespace}`]: {
        Bucket: bucket.name,
        Key: upload.key,
        UploadId: upload.uploadId,
        Initiator: ownerOf(upload.owner),
        Owner: ownerOf(upload.owner),
        StorageClass: storageClassOf(upload),
        PartNumberMarker: marker,
        NextPartNumberMarker: parts.at(-1)?.partNumber ?? 0,
        MaxParts: maximum,
        IsTruncated: truncated,
        ...checksumChoice(upload),
        Part: parts.map((part) => ({
          PartNumber: part.partNumber,
          LastModified: new Date(part.modifiedAt).toISOString(),
          ETag: `"${part.etag}"`,
          Size: part.size,
          ...checksumMembers(part.checksums),
        })),
      },
    }),
    abortHeaders(context, bucket, upload),
  );
}

function checksumChoice({ checksumAlgorithm, checksumType }: UploadRecord): Tree {
  return { ChecksumAlgorithm: checksumAlgorithm?.toUpperCase(), ChecksumType: checksumType };
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html} */
export async function listUploads(context: Context): Promise<Reply> {
  const { query, store } = context;
  const bucket = requestBucket(context);
  const { prefix, delimiter, maximum, encode, encodingType } = listingParameters(context, 'max-uploads');
  const keyMarker = query.get('key-marker') ?? '';
  // Without a key marker S3 ignores the other one.
  const uploadMarker = keyMarker === '' ? '' : (query.get('upload-id-marker') ?? '');
  const range = tables.uploads(bucket.id, prefix);
  const after = startAfter(bucket.id, keyMarker, uploadMarker, prefix, delimiter);
  const uploads: UploadRecord[] = [];
  const commonPrefixes: string[] = [];
  let last = { key: '', uploadId: '' };
  let truncated = false;
  const steps = walk({
    index: store.index,
    range: { from: after.compare(range.from) > 0 ? after : range.from, to: range.to },
    nameOf: ({ value }) => (value as UploadRecord).key,
    indexPrefix: (name) => tables.uploads(bucket.id, name).from,
    prefix,
    delimiter,
  });
  for await (const step of steps) {
    if (uploads.length + commonPrefixes.length === maximum) {
      truncated = maximum > 0;
      break;
    }
    if ('commonPrefix' in step) {
      commonPrefixes.push(step.commonPrefix);
      last = { key: step.commonPrefix, uploadId: '' };
    } else {
      const upload = step.entry.value as UploadRecord;
      uploads.push(upload);
      last = upload;
    }
  }
  return xmlReply(
    document({
      [`ListMultipartUploadsResult ${s3Namespace}`]: {
        Bucket: bucket.name,
        KeyMarker: encode(keyMarker),
        UploadIdMarker: uploadMarker,
        NextKeyMarker: truncated ? encode(last.key) : undefined,
        NextUploadIdMarker: truncated ? last.uploadId : undefined,
        Prefix: encode(prefix),
        Delimiter: delimiter === '' ? undefined : encode(delimiter),
        EncodingType: encodingType,
        MaxUploads: maximum,
        IsTruncated: truncated,
        Upload: uploads.map((upload) => ({
          Key: encode(upload.key),
          UploadId: upload.uploadId,
          Initiator: ownerOf(upload.owner),
          Owner: ownerOf(upload.owner),
          StorageClass: storageClassOf(upload),
          Initiated: new Date(upload.initiatedAt).toISOString(),
          ...checksumChoice(upload),
        })),
        CommonPrefixes: commonPrefixes.map((name) => ({ Prefix: encode(name) })),
      },
    }),
  );
}

/** Where the page begins: behind one upload, behind all of a key, or behind all of a common prefix. */
function startAfter(
  bucketId: string,
  key: string,
  uploadId: string,
  prefix: string,
  delimiter: string,
): Buffer {
  if (key === '') return Buffer.alloc(0);
  if (uploadId !== '') return Buffer.concat([tables.upload(bucketId, key, uploadId), Buffer.of(0)]);
  const end = delimiter === '' || !key.startsWith(prefix) ? -1 : key.indexOf(delimiter, prefix.length);
  return end < 0
    ? afterPrefix(tables.upload(bucketId, key, ''))
    : afterPrefix(tables.uploads(bucketId, key.slice(0, end + delimiter.length)).from);
}
