import { type ChecksumAlgorithm, isChecksumAlgorithm } from '@s3kit/checksums';
import { checksumHeaders, checksumMembers, Digester, type Digests } from '../checksums.ts';
import { checkWriteConditions } from '../conditions.ts';
import { type Context, requestBucket, sameBucket } from '../context.ts';
import { copySource } from '../copy-source.ts';
import { etagIn, isDirectoryBucketName } from '../directory-buckets.ts';
import { invalidArgument, s3Error } from '../errors.ts';
import { versionHeader } from '../find-version.ts';
import { expirationHeader } from '../lifecycle-headers.ts';
import {
  attributesFromHeaders,
  contentHeaders,
  encryptionHeaders,
  objectOwner,
  storageHeaders,
} from '../object-attributes.ts';
import { keyRecord, type NewVersion, putVersion } from '../object-versions.ts';
import { pick } from '../pick.ts';
import type { BucketRecord, ObjectAttributes, ObjectVersion } from '../records.ts';
import { type Reply, xmlReply } from '../reply.ts';
import type { Routes } from '../router.ts';
import { document, s3Namespace } from '../xml-documents.ts';

async function putOrCopy(context: Context): Promise<Reply> {
  // A part without its upload would otherwise become the object.
  for (const name of ['partNumber', 'versionId']) {
    const value = context.query.get(name);
    if (value !== undefined) throw invalidArgument(`This operation does not accept a ${name}`, name, value);
  }
  return context.headers['x-amz-copy-source'] === undefined ? putObject(context) : copyObject(context);
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html} */
async function putObject(context: Context): Promise<Reply> {
  const bucket = requestBucket(context);
  const version = await storeUpload(context, bucket, 'ObjectCreated:Put');
  return {
    status: 200,
    headers: {
      etag: `"${version.etag}"`,
      ...versionHeader(bucket, version),
      ...expirationHeader(context, bucket, version),
      ...encryptionHeaders(version),
      ...checksumReply(version),
    },
  };
}

/**
 * Stores the body of a request as an object.
 *
 * @param eventName - what notifications call it
 * @param watch - looks at the data on their way
 */
export async function storeUpload(
  context: Context,
  bucket: BucketRecord,
  eventName: string,
  watch: (data: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array> = (data) => data,
): Promise<ObjectVersion> {
  const attributes = attributesFromHeaders(context, bucket);
  const current = keyRecord(context.store.index, bucket.id, context.key)?.current;
  // Once before the body, to spare the client the way; once more in the transaction, where it counts.
  checkWriteConditions(context.headers, context.key, current);
  checkLockedUpload(context, attributes);
  const { source, digests } = context.body.open(context.limits.maximumPutSize);
  const version = await storeObject(context, bucket, attributes, watch(source), digests);
  context.notify({ name: eventName, bucket, ...version, key: context.key });
  return version;
}

/** @throws {S3Error} `InvalidRequest`: what is to be kept unchanged must come with a digest */
function checkLockedUpload({ body }: Context, { retention, legalHold }: ObjectAttributes): void {
  if ((retention === undefined && legalHold === undefined) || body.hasDigest) return;
  throw s3Error('InvalidRequest', {
    message:
      'Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters',
  });
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html} */
async function copyObject(context: Context): Promise<Reply> {
  const { headers, limits } = context;
  const bucket = requestBucket(context);
  const source = copySource(context);
  const { version: from } = source;
  if (from.size > limits.maximumCopySize) {
    throw s3Error('InvalidRequest', {
      message: `The specified copy source is larger than the maximum allowable size for a copy source: ${limits.maximumCopySize}`,
    });
  }
  const replaceMetadata = directive(headers['x-amz-metadata-directive'], 'x-amz-metadata-directive');
  const replaceTags = directive(headers['x-amz-tagging-directive'], 'x-amz-tagging-directive');
  const changed =
    replaceMetadata ||
    [...storageHeaders, 'x-amz-server-side-encryption-customer-algorithm'].some(
      (name) => headers[name] !== undefined,
    );
  const ontoItself = source.bucket.id === bucket.id && source.key === context.key;
  const current = keyRecord(context.store.index, bucket.id, context.key)?.current;
  if (ontoItself && !changed && current?.versionId === from.versionId) {
    throw s3Error('InvalidRequest', {
      message:
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    });
  }

  const attributes = attributesFromHeaders(context, bucket);
  if (!replaceMetadata) {
    attributes.headers = {
      ...pick(from.headers, contentHeaders),
      ...pick(attributes.headers, storageHeaders),
      ...encryptionHeaders(attributes),
    };
    attributes.metadata = from.metadata;
  }
  if (!replaceTags) attributes.tags = from.tags;
  if (isDirectoryBucketName(bucket.name) && Object.keys(attributes.tags).length > 0) {
    throw s3Error('NotImplemented', { members: { Header: 'x-amz-tagging-directive' } });
  }
  const body = context.store.openBody(from, 0, from.size - 1);
  try {
    const digester = new Digester(copiedAlgorithms(headers['x-amz-checksum-algorithm'], from));
    const version = await storeObject(context, bucket, attributes, digester.watch(body.source), () =>
      digester.finish(),
    );
    context.notify({ name: 'ObjectCreated:Copy', bucket, ...version, key: context.key });
    return xmlReply(
      document({
        [`CopyObjectResult ${s3Namespace}`]: {
          ETag: `"${version.etag}"`,
          LastModified: new Date(version.modifiedAt).toISOString(),
          ...checksumMembers(version.checksums?.values ?? {}),
          ChecksumType: version.checksums?.type,
        },
      }),
      {
        ...versionHeader(bucket, version),
        ...expirationHeader(context, bucket, version),
        ...encryptionHeaders(version),
        ...(source.bucket.versioning ? { 'x-amz-copy-source-version-id': from.versionId } : {}),
      },
    );
  } finally {
    await body.release();
  }
}

/** Whether a directive says to replace; COPY is the default. */
function directive(value: string | undefined, name: string): boolean {
  if (value === undefined || value === 'COPY') return false;
  if (value === 'REPLACE') return true;
  throw invalidArgument(
    `Unknown ${name === 'x-amz-metadata-directive' ? 'metadata' : 'tagging'} directive.`,
    name,
    value,
  );
}

/** The checksum of a copy is the one that was asked for, else of the algorithm that the source has one of. */
function copiedAlgorithms(asked: string | undefined, from: ObjectVersion): ChecksumAlgorithm[] {
  const names = asked === undefined ? Object.keys(from.checksums?.values ?? {}) : [asked.toLowerCase()];
  return names.map((name) => {
    if (isChecksumAlgorithm(name)) return name;
    throw invalidArgument('Checksum algorithm provided is unsupported.', 'x-amz-checksum-algorithm', name);
  });
}

/** Stores the bytes as the next version of the key, if the request's conditions hold at that moment. */
async function storeObject(
  context: Context,
  bucket: BucketRecord,
  attributes: ObjectAttributes,
  source: AsyncIterable<Uint8Array>,
  digests: () => Digests,
): Promise<ObjectVersion> {
  const { key } = context;
  return context.store.commitBody(source, (transaction, file) => {
    const target = sameBucket(transaction, bucket);
    checkWriteConditions(context.headers, key, keyRecord(transaction, bucket.id, key)?.current);
    const { size, md5, checksums } = digests();
    const version: NewVersion = {
      ...attributes,
      size,
      etag: etagIn(target, md5.toString('hex')),
      modifiedAt: context.now().getTime(),
      owner: objectOwner(context, target),
    };
    if (file) version.body = { id: file.id };
    if (Object.keys(checksums).length > 0) version.checksums = { values: checksums, type: 'FULL_OBJECT' };
    const put = putVersion(transaction, target, key, version);
    return { value: put.version, garbage: put.garbage };
  });
}

function checksumReply({ checksums }: ObjectVersion): Record<string, string> {
  return checksums ? { ...checksumHeaders(checksums.values), 'x-amz-checksum-type': checksums.type } : {};
}

export const objectWriteRoutes: Routes = { 'PUT object': putOrCopy };
