import { ownerOf } from '../callers.ts';
import { type Context, requestBucket } from '../context.ts';
import { isDirectoryBucketName } from '../directory-buckets.ts';
import { invalidArgument, s3Error } from '../errors.ts';
import { walk } from '../list-walk.ts';
import { type ListingParameters, listingParameters } from '../listing-parameters.ts';
import { storageClassOf } from '../object-attributes.ts';
import { sequenceOf } from '../object-versions.ts';
import { afterPrefix, type BucketRecord, type KeyRecord, type ObjectVersion, tables } from '../records.ts';
import { type Reply, xmlReply } from '../reply.ts';
import type { Routes } from '../router.ts';
import { document, s3Namespace, type Tree } from '../xml-documents.ts';

/** One page of keys and common prefixes. */
interface Page {
  objects: { name: string; version: ObjectVersion }[];
  commonPrefixes: string[];
  truncated: boolean;
  /** The last key or common prefix on the page. */
  last: string;
}

/** The start of a page: behind a key, or behind all that a common prefix stands for. */
function startAfter(bucketId: string, name: string, { prefix, delimiter }: ListingParameters): Buffer {
  const range = tables.keys(bucketId, prefix);
  if (name === '') return range.from;
  const indexKey = tables.key(bucketId, name);
  const isCommonPrefix =
    delimiter !== '' && name.startsWith(prefix) && name.indexOf(delimiter, prefix.length) >= 0;
  const end = isCommonPrefix ? name.indexOf(delimiter, prefix.length) + delimiter.length : 0;
  const start = isCommonPrefix
    ? afterPrefix(tables.key(bucketId, name.slice(0, end)))
    : // No key lies between a key and itself with a NUL at its end.
      Buffer.concat([indexKey, Buffer.of(0)]);
  return start.compare(range.from) > 0 ? start : range.from;
}

async function readPage(
  context: Context,
  bucket: BucketRecord,
  parameters: ListingParameters,
  after: string,
): Promise<Page> {
  const page: Page = { objects: [], commonPrefixes: [], truncated: false, last: '' };
  if (parameters.maximum === 0) return page;
  const { prefix, delimiter } = parameters;
  const steps = walk({
    index: context.store.index,
    range: { from: startAfter(bucket.id, after, parameters), to: tables.keys(bucket.id, prefix).to },
    nameOf: ({ key }) => tables.keyOf(key),
    indexPrefix: (name) => tables.key(bucket.id, name),
    prefix,
    delimiter,
    isListed: ({ value }) => !(value as KeyRecord).current.deleteMarker,
  });
  for await (const step of steps) {
    page.truncated = page.objects.length + page.commonPrefixes.length === parameters.maximum;
    if (page.truncated) break;
    if ('commonPrefix' in step) {
      page.commonPrefixes.push(step.commonPrefix);
      page.last = step.commonPrefix;
    } else {
      page.objects.push({ name: step.name, version: (step.entry.value as KeyRecord).current });
      page.last = step.name;
    }
  }
  return page;
}

function contents({ objects }: Page, { encode }: ListingParameters, withOwner: boolean): Tree[] {
  return objects.map(({ name, version }) => ({
    Key: encode(name),
    LastModified: new Date(version.modifiedAt).toISOString(),
    ETag: `"${version.etag}"`,
    ...checksumNames(version),
    Size: version.size,
    Owner: withOwner ? ownerOf(version.owner) : undefined,
    StorageClass: storageClassOf(version),
  }));
}

/** Listings tell the algorithm of a checksum, not its value. */
function checksumNames({ checksums }: ObjectVersion): Tree {
  if (!checksums) return {};
  return {
    ChecksumAlgorithm: Object.keys(checksums.values).map((algorithm) => algorithm.toUpperCase()),
    ChecksumType: checksums.type,
  };
}

/** Members that all listings of keys have, in S3's order around the markers. */
function commonMembers(page: Page, parameters: ListingParameters): Tree {
  const { encode, delimiter, encodingType } = parameters;
  return {
    Delimiter: delimiter === '' ? undefined : encode(delimiter),
    EncodingType: encodingType,
    IsTruncated: page.truncated,
  };
}

function prefixMembers(page: Page, { encode }: ListingParameters): Tree {
  return { CommonPrefixes: page.commonPrefixes.map((prefix) => ({ Prefix: encode(prefix) })) };
}

/** A directory bucket has no order of keys that a listing could start in the middle of. */
function checkDirectoryListing(query: ReadonlyMap<string, string>): void {
  if (query.get('list-type') !== '2' || query.has('start-after')) throw s3Error('NotImplemented');
}

async function listObjects(context: Context): Promise<Reply> {
  const listType = context.query.get('list-type');
  if (isDirectoryBucketName(context.bucket)) checkDirectoryListing(context.query);
  if (listType === undefined) return listObjectsV1(context);
  if (listType === '2') return listObjectsV2(context);
  throw invalidArgument('Invalid List Type specified in Request', 'list-type', listType);
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html} */
async function listObjectsV1(context: Context): Promise<Reply> {
  const bucket = requestBucket(context);
  const parameters = listingParameters(context, 'max-keys');
  const marker = context.query.get('marker') ?? '';
  const page = await readPage(context, bucket, parameters, marker);
  const { encode, prefix, delimiter, maximum } = parameters;
  return xmlReply(
    document({
      [`ListBucketResult ${s3Namespace}`]: {
        Name: bucket.name,
        Prefix: encode(prefix),
        Marker: encode(marker),
        // Without a delimiter the last key is the next marker, and S3 leaves it out.
        NextMarker: page.truncated && delimiter !== '' ? encode(page.last) : undefined,
        MaxKeys: maximum,
        ...commonMembers(page, parameters),
        Contents: contents(page, parameters, true),
        ...prefixMembers(page, parameters),
      },
    }),
    { 'x-amz-bucket-region': bucket.region },
  );
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html} */
async function listObjectsV2(context: Context): Promise<Reply> {
  const { query } = context;
  const bucket = requestBucket(context);
  const parameters = listingParameters(context, 'max-keys');
  const token = query.get('continuation-token');
  const startAfter = query.get('start-after');
  const after = token === undefined ? (startAfter ?? '') : nameOfToken(token);
  const page = await readPage(context, bucket, parameters, after);
  const { encode, prefix, maximum } = parameters;
  return xmlReply(
    document({
      [`ListBucketResult ${s3Namespace}`]: {
        Name: bucket.name,
        Prefix: encode(prefix),
        ContinuationToken: token,
        NextContinuationToken: page.truncated ? tokenOf(page.last) : undefined,
        StartAfter: startAfter === undefined || token !== undefined ? undefined : encode(startAfter),
        KeyCount: page.objects.length + page.commonPrefixes.length,
        MaxKeys: maximum,
        ...commonMembers(page, parameters),
        Contents: contents(page, parameters, query.get('fetch-owner') === 'true'),
        ...prefixMembers(page, parameters),
      },
    }),
    { 'x-amz-bucket-region': bucket.region },
  );
}

function tokenOf(name: string): string {
  return Buffer.from(`1${name}`).toString('base64url');
}

function nameOfToken(token: string): string {
  const text = Buffer.from(token, 'base64url').toString();
  if (!text.startsWith('1') || tokenOf(text.slice(1)) !== token) {
    throw invalidArgument('The continuation token provided is incorrect', 'continuation-token', token);
  }
  return text.slice(1);
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html} */
async function listObjectVersions(context: Context): Promise<Reply> {
  const { query, store } = context;
  const bucket = requestBucket(context);
  const parameters = listingParameters(context, 'max-keys');
  const { encode, prefix, delimiter, maximum } = parameters;
  const keyMarker = query.get('key-marker') ?? '';
  const versionMarker = query.get('version-id-marker') ?? '';
  if (versionMarker !== '' && keyMarker === '') {
    throw invalidArgument(
      'A version-id marker cannot be specified without a key marker.',
      'version-id-marker',
      versionMarker,
    );
  }
  // The marked version itself may be gone by now: whoever empties a bucket deletes what was listed.
  const behind =
    versionMarker === ''
      ? Number.POSITIVE_INFINITY
      : (sequenceOf(store.index, bucket.id, keyMarker, versionMarker) ?? Number.POSITIVE_INFINITY);
  const range = tables.keys(bucket.id, prefix);
  const marked =
    versionMarker === '' ? startAfter(bucket.id, keyMarker, parameters) : tables.key(bucket.id, keyMarker);
  const from = marked.compare(range.from) > 0 ? marked : range.from;
  const versions: Tree[] = [];
  const commonPrefixes: Tree[] = [];
  const isFull = (): boolean => versions.length + commonPrefixes.length === maximum;
  let last = { key: '', versionId: '' };
  let truncated = false;

  const steps = walk({
    index: store.index,
    range: { from, to: range.to },
    nameOf: ({ key }) => tables.keyOf(key),
    indexPrefix: (name) => tables.key(bucket.id, name),
    prefix,
    delimiter,
  });
  pages: for await (const step of steps) {
    if (maximum === 0) break;
    if ('commonPrefix' in step) {
      truncated = isFull();
      if (truncated) break;
      commonPrefixes.push({ Prefix: encode(step.commonPrefix) });
      last = { key: step.commonPrefix, versionId: '' };
      continue;
    }
    for await (const { version, isLatest } of versionsOf(
      context,
      bucket,
      step.name,
      step.entry.value as KeyRecord,
    )) {
      if (step.name === keyMarker && version.sequence >= behind) continue;
      truncated = isFull();
      if (truncated) break pages;
      versions.push(versionRow(encode(step.name), version, isLatest));
      last = { key: step.name, versionId: version.versionId };
    }
  }
  return xmlReply(
    document({
      [`ListVersionsResult ${s3Namespace}`]: {
        Name: bucket.name,
        Prefix: encode(prefix),
        KeyMarker: encode(keyMarker),
        VersionIdMarker: versionMarker,
        NextKeyMarker: truncated ? encode(last.key) : undefined,
        NextVersionIdMarker: truncated && last.versionId !== '' ? last.versionId : undefined,
        MaxKeys: maximum,
        Delimiter: delimiter === '' ? undefined : encode(delimiter),
        EncodingType: parameters.encodingType,
        IsTruncated: truncated,
        // By key, the newest first, whichever kind it is.
        '': versions,
        CommonPrefixes: commonPrefixes,
      },
    }),
  );
}

async function* versionsOf(
  { store }: Context,
  bucket: BucketRecord,
  key: string,
  record: KeyRecord,
): AsyncGenerator<{ version: ObjectVersion; isLatest: boolean }> {
  yield { version: record.current, isLatest: true };
  if (!record.older) return;
  for await (const { value } of store.index.range(tables.olderVersions(bucket.id, key))) {
    yield { version: value as ObjectVersion, isLatest: false };
  }
}

function versionRow(key: string, version: ObjectVersion, isLatest: boolean): Tree {
  const place = {
    Key: key,
    VersionId: version.versionId,
    IsLatest: isLatest,
    LastModified: new Date(version.modifiedAt).toISOString(),
  };
  const Owner = ownerOf(version.owner);
  if (version.deleteMarker) return { DeleteMarker: { ...place, Owner } };
  return {
    Version: {
      ...place,
      ETag: `"${version.etag}"`,
      ...checksumNames(version),
      Size: version.size,
      Owner,
      StorageClass: storageClassOf(version),
    },
  };
}

export const listingRoutes: Routes = {
  'GET bucket': listObjects,
  'GET bucket ?versions': listObjectVersions,
};
