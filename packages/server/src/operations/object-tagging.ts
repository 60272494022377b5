import { aclFromHeaders, checkAclAllowed, checkAclDocument, defaultAcl } from '../acl.ts';
import { changeVersion } from '../change-version.ts';
import { type Context, requestBucket } from '../context.ts';
import { s3Error } from '../errors.ts';
import { findVersion, versionHeader } from '../find-version.ts';
import { type Reply, xmlReply } from '../reply.ts';
import type { Routes } from '../router.ts';
import { tagDocument, tagsFromDocument } from '../tags.ts';

/** Bytes of a tagging or ACL document. */
const maximumDocument = 1024 ** 2;

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectTagging.html} */
async function getTagging(context: Context): Promise<Reply> {
  const bucket = requestBucket(context);
  const version = findVersion(context, bucket);
  return xmlReply(tagDocument(version.tags), versionHeader(bucket, version));
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectTagging.html} */
async function putTagging(context: Context): Promise<Reply> {
  const bucket = requestBucket(context);
  const tags = tagsFromDocument(await context.body.text(maximumDocument), 10);
  const headers = await changeVersion(context, bucket, (version) => ({ ...version, tags }));
  context.notify({ name: 'ObjectTagging:Put', bucket, key: context.key });
  return { status: 200, headers };
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjectTagging.html} */
async function deleteTagging(context: Context): Promise<Reply> {
  const bucket = requestBucket(context);
  const headers = await changeVersion(context, bucket, (version) => ({ ...version, tags: {} }));
  context.notify({ name: 'ObjectTagging:Delete', bucket, key: context.key });
  return { status: 204, headers };
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAcl.html} */
async function getAcl(context: Context): Promise<Reply> {
  const bucket = requestBucket(context);
  const version = findVersion(context, bucket);
  return xmlReply(version.acl ?? defaultAcl(version.owner), versionHeader(bucket, version));
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectAcl.html} */
async function putAcl(context: Context): Promise<Reply> {
  const bucket = requestBucket(context);
  const text = await context.body.text(maximumDocument);
  const { owner } = findVersion(context, bucket);
  const fromHeaders = aclFromHeaders(context.headers, owner, bucket.owner);
  if (bucket.ownership === 'BucketOwnerEnforced') throw s3Error('AccessControlListNotSupported');
  if (fromHeaders === undefined) checkAclDocument(text);
  else if (text !== '') throw s3Error('UnexpectedContent');
  const acl = fromHeaders ?? text;
  checkAclAllowed(acl, context, bucket);
  const headers = await changeVersion(context, bucket, (version) => ({ ...version, acl }));
  context.notify({ name: 'ObjectAcl:Put', bucket, key: context.key });
  return { status: 200, headers };
}

export const objectTaggingRoutes: Routes = {
  'GET object ?tagging': getTagging,
  'PUT object ?tagging': putTagging,
  'DELETE object ?tagging': deleteTagging,
  'GET object ?acl': getAcl,
  'PUT object ?acl': putAcl,
};
