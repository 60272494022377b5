import { aclFromHeaders, checkAclDocument, defaultAcl } from '../acl.ts';
import { type Context, ownBucket, sameBucket } from '../context.ts';
import { s3Error } from '../errors.ts';
import { findVersion, versionHeader } from '../find-version.ts';
import { replaceVersion, versionById } from '../object-versions.ts';
import type { BucketRecord, ObjectVersion } from '../records.ts';
import { type Reply, xmlReply } from '../reply.ts';
import type { Routes } from '../router.ts';
import { tagDocument, tagsFromDocument } from '../tags.ts';

/** Bytes of a tagging or ACL document. */
const maximumDocument = 1024 ** 2;

/** Changes what a version carries besides its bytes. */
async function change(
  context: Context,
  bucket: BucketRecord,
  edit: (version: ObjectVersion) => ObjectVersion,
): Promise<Record<string, string>> {
  const { versionId } = findVersion(context, bucket);
  await context.store.commit((transaction) => {
    sameBucket(transaction, bucket);
    const version = versionById(transaction, bucket.id, context.key, versionId);
    if (!version || version.deleteMarker) throw s3Error('NoSuchKey', { members: { Key: context.key } });
    replaceVersion(transaction, bucket.id, context.key, edit(version));
    return { value: undefined, garbage: [] };
  });
  return versionHeader(bucket, { versionId });
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectTagging.html} */
async function getTagging(context: Context): Promise<Reply> {
  const bucket = ownBucket(context);
  const version = findVersion(context, bucket);
  return xmlReply(tagDocument(version.tags), versionHeader(bucket, version));
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectTagging.html} */
async function putTagging(context: Context): Promise<Reply> {
  const bucket = ownBucket(context);
  const tags = tagsFromDocument(await context.body.text(maximumDocument), 10);
  return { status: 200, headers: await change(context, bucket, (version) => ({ ...version, tags })) };
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjectTagging.html} */
async function deleteTagging(context: Context): Promise<Reply> {
  const bucket = ownBucket(context);
  return { status: 204, headers: await change(context, bucket, (version) => ({ ...version, tags: {} })) };
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAcl.html} */
async function getAcl(context: Context): Promise<Reply> {
  const bucket = ownBucket(context);
  const version = findVersion(context, bucket);
  return xmlReply(version.acl ?? defaultAcl(version.owner), versionHeader(bucket, version));
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectAcl.html} */
async function putAcl(context: Context): Promise<Reply> {
  const bucket = ownBucket(context);
  const text = await context.body.text(maximumDocument);
  const { owner } = findVersion(context, bucket);
  const fromHeaders = aclFromHeaders(context.headers, owner, bucket.owner);
  if (fromHeaders === undefined) checkAclDocument(text);
  else if (text !== '') throw s3Error('UnexpectedContent');
  const acl = fromHeaders ?? text;
  return { status: 200, headers: await change(context, bucket, (version) => ({ ...version, acl })) };
}

export const objectTaggingRoutes: Routes = {
  'GET object ?tagging': getTagging,
  'PUT object ?tagging': putTagging,
  'DELETE object ?tagging': deleteTagging,
  'GET object ?acl': getAcl,
  'PUT object ?acl': putAcl,
};
