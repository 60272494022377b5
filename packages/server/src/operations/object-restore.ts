import { changeVersion } from '../change-version.ts';
import { type Context, requestBucket } from '../context.ts';
import { s3Error } from '../errors.ts';
import { findVersion } from '../find-version.ts';
import { isArchived, storageClassOf } from '../object-attributes.ts';
import type { Reply } from '../reply.ts';
import type { Routes } from '../router.ts';
import { readDocument, textOf } from '../xml-documents.ts';

/** Bytes of a restore request. */
const maximumDocument = 64 * 1024;

const day = 24 * 3600 * 1000;

/**
 * Restores an archived object, at once.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_RestoreObject.html}
 */
async function restoreObject(context: Context): Promise<Reply> {
  const bucket = requestBucket(context);
  const request = readDocument(await context.body.text(maximumDocument), 'RestoreRequest');
  if (textOf(request['Type']) === 'SELECT' || request['SelectParameters'] !== undefined) {
    throw s3Error('NotImplemented', { message: 'S3 Select is not implemented' });
  }
  const days = Number(textOf(request['Days']));
  if (!(Number.isInteger(days) && days >= 1)) throw s3Error('MalformedXML');
  const found = findVersion(context, bucket);
  if (!isArchived(found)) {
    throw s3Error('InvalidObjectState', {
      message: "Restore is not allowed for the object's current storage class",
      members: { StorageClass: storageClassOf(found) },
    });
  }
  const now = context.now().getTime();
  // S3 lets a copy expire at the midnight after its days.
  const restoredUntil = Math.ceil((now + days * day) / day) * day;
  await changeVersion(context, bucket, (version) => ({ ...version, restoredUntil }));
  for (const step of ['Post', 'Completed']) {
    context.notify({ name: `ObjectRestore:${step}`, bucket, key: context.key });
  }
  return { status: (found.restoredUntil ?? 0) > now ? 200 : 202 };
}

export const objectRestoreRoutes: Routes = { 'POST object ?restore': restoreObject };
