import { demandPermission } from '../authorize.ts';
import { checkWriteConditions } from '../conditions.ts';
import { type Context, requestBucket, sameBucket } from '../context.ts';
import { S3Error, s3Error } from '../errors.ts';
import { checkNotLocked } from '../object-lock.ts';
import { type Deletion, deleteLatest, deleteVersion, keyRecord, versionById } from '../object-versions.ts';
import { deletePermission } from '../permissions.ts';
import type { BucketRecord } from '../records.ts';
import { type Reply, xmlReply } from '../reply.ts';
import { checkKeyLength, checkVersionId } from '../request-target.ts';
import type { Routes } from '../router.ts';
import {
  document,
  listOf,
  objectOf,
  readDocument,
  s3Namespace,
  type Tree,
  textOf,
} from '../xml-documents.ts';

/** Bytes of a multi-delete document. */
const maximumDocument = 2 * 1024 ** 2;

/** What is to be deleted. */
interface Doomed {
  key: string;
  versionId: string | undefined;
  /** Only while the latest version has this ETag. */
  match: string | undefined;
}

/** Deletes a key, or one version of it. What is not there counts as deleted. */
async function remove(
  context: Context,
  bucket: BucketRecord,
  { key, versionId, match }: Doomed,
): Promise<Deletion> {
  if (match !== undefined && versionId !== undefined) {
    throw s3Error('NotImplemented', { members: { Header: 'If-Match' } });
  }
  const deletion = await context.store.commit(async (transaction) => {
    const target = sameBucket(transaction, bucket);
    if (match !== undefined) {
      checkWriteConditions({ 'if-match': match }, key, keyRecord(transaction, bucket.id, key)?.current);
    }
    const doomed = versionId === undefined ? undefined : versionById(transaction, target.id, key, versionId);
    if (doomed) checkNotLocked(context, target, key, doomed);
    const done =
      versionId === undefined
        ? deleteLatest(transaction, target, key, context.caller, context.now().getTime())
        : await deleteVersion(transaction, target, key, versionId);
    const value: Deletion = done ?? {
      deleteMarker: false,
      garbage: [],
      ...(versionId === undefined ? {} : { versionId }),
    };
    return { value, garbage: value.garbage };
  });
  const name = deletion.deleteMarker && versionId === undefined ? 'DeleteMarkerCreated' : 'Delete';
  context.notify({ name: `ObjectRemoved:${name}`, bucket, key, versionId: deletion.versionId });
  return deletion;
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html} */
async function deleteObject(context: Context): Promise<Reply> {
  const bucket = requestBucket(context);
  const deletion = await remove(context, bucket, {
    key: context.key,
    versionId: context.query.get('versionId'),
    match: context.headers['if-match'],
  });
  const headers: Record<string, string> = {};
  if (deletion.deleteMarker) headers['x-amz-delete-marker'] = 'true';
  if (deletion.versionId !== undefined) headers['x-amz-version-id'] = deletion.versionId;
  return { status: 204, headers };
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html} */
async function deleteObjects(context: Context): Promise<Reply> {
  const bucket = requestBucket(context);
  if (!context.body.hasDigest) {
    throw s3Error('InvalidRequest', { message: 'Missing required header for this request: Content-MD5' });
  }
  const text = await context.body.text(maximumDocument);
  const root = readDocument(text, 'Delete', ['Delete/Object']);
  const objects = listOf(root['Object']).map((item) => {
    const { Key, VersionId, ETag, LastModifiedTime, Size } = objectOf(item);
    const key = textOf(Key);
    if (key === undefined || key === '') throw s3Error('MalformedXML');
    // S3 has these two for directory buckets alone.
    if (LastModifiedTime !== undefined || Size !== undefined) throw s3Error('NotImplemented');
    return { key, versionId: textOf(VersionId) || undefined, match: textOf(ETag) };
  });
  if (objects.length === 0 || objects.length > context.limits.maximumDeleteKeys)
    throw s3Error('MalformedXML');

  const quiet = textOf(root['Quiet'])?.trim() === 'true';
  // All at once: they are committed in a few groups, and one sync to disk pays for a group.
  const results = await Promise.all(objects.map((object) => deleteOne(context, bucket, object)));
  return xmlReply(
    document({
      [`DeleteResult ${s3Namespace}`]: {
        Deleted: results.flatMap((result) => (result.deleted && !quiet ? [result.deleted] : [])),
        Error: results.flatMap((result) => (result.error ? [result.error] : [])),
      },
    }),
  );
}

async function deleteOne(
  context: Context,
  bucket: BucketRecord,
  doomed: Doomed,
): Promise<{ deleted?: Tree; error?: Tree }> {
  const { key, versionId } = doomed;
  try {
    checkKeyLength(key);
    if (versionId !== undefined) checkVersionId(versionId);
    demandPermission(context, deletePermission, { bucket, key, versionId });
    const deletion = await remove(context, bucket, doomed);
    return {
      deleted: {
        Key: key,
        VersionId: versionId,
        DeleteMarker: deletion.deleteMarker || undefined,
        DeleteMarkerVersionId: deletion.deleteMarker ? deletion.versionId : undefined,
      },
    };
  } catch (error) {
    const { code, message } = error instanceof S3Error ? error : s3Error('InternalError');
    return { error: { Key: key, VersionId: versionId, Code: code, Message: message } };
  }
}

export const objectDeleteRoutes: Routes = {
  'DELETE object': deleteObject,
  'POST bucket ?delete': deleteObjects,
};
