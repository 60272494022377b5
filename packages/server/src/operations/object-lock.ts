import { changeVersion } from '../change-version.ts';
import { type Context, requestBucket } from '../context.ts';
import { s3Error } from '../errors.ts';
import { findVersion, versionHeader } from '../find-version.ts';
import { checkRetentionChange, legalHoldOf, retentionOf } from '../object-lock.ts';
import type { BucketRecord } from '../records.ts';
import { type Reply, xmlReply } from '../reply.ts';
import type { Routes } from '../router.ts';
import { document, readDocument, s3Namespace, textOf } from '../xml-documents.ts';

/** Bytes of a retention or legal hold document. */
const maximumDocument = 64 * 1024;

/** @throws {S3Error} `InvalidRequest` */
function lockableBucket(context: Context): BucketRecord {
  const bucket = requestBucket(context);
  if (bucket.objectLock) return bucket;
  throw s3Error('InvalidRequest', { message: 'Bucket is missing Object Lock Configuration' });
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectRetention.html} */
async function getRetention(context: Context): Promise<Reply> {
  const bucket = lockableBucket(context);
  const version = findVersion(context, bucket);
  const { retention } = version;
  if (!retention) throw s3Error('NoSuchObjectLockConfiguration');
  return xmlReply(
    document({
      [`Retention ${s3Namespace}`]: {
        Mode: retention.mode,
        RetainUntilDate: new Date(retention.until).toISOString(),
      },
    }),
    versionHeader(bucket, version),
  );
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectRetention.html} */
async function putRetention(context: Context): Promise<Reply> {
  const bucket = lockableBucket(context);
  const { Mode, RetainUntilDate } = readDocument(await context.body.text(maximumDocument), 'Retention');
  const mode = textOf(Mode)?.trim();
  const until = textOf(RetainUntilDate)?.trim();
  if ((mode === undefined) !== (until === undefined)) throw s3Error('MalformedXML');
  if (mode !== undefined && mode !== 'GOVERNANCE' && mode !== 'COMPLIANCE') throw s3Error('MalformedXML');
  const retention = mode === undefined ? undefined : retentionOf(mode, until, context.now().getTime());
  const headers = await changeVersion(context, bucket, (version) => {
    checkRetentionChange(context, bucket, version, retention);
    return { ...version, retention };
  });
  return { status: 200, headers };
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectLegalHold.html} */
async function getLegalHold(context: Context): Promise<Reply> {
  const bucket = lockableBucket(context);
  const version = findVersion(context, bucket);
  if (version.legalHold === undefined) throw s3Error('NoSuchObjectLockConfiguration');
  return xmlReply(
    document({ [`LegalHold ${s3Namespace}`]: { Status: version.legalHold ? 'ON' : 'OFF' } }),
    versionHeader(bucket, version),
  );
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectLegalHold.html} */
async function putLegalHold(context: Context): Promise<Reply> {
  const bucket = lockableBucket(context);
  const { Status } = readDocument(await context.body.text(maximumDocument), 'LegalHold');
  const status = textOf(Status)?.trim();
  if (status !== 'ON' && status !== 'OFF') throw s3Error('MalformedXML');
  const legalHold = legalHoldOf(status);
  return {
    status: 200,
    headers: await changeVersion(context, bucket, (version) => ({ ...version, legalHold })),
  };
}

export const objectLockRoutes: Routes = {
  'GET object ?retention': getRetention,
  'PUT object ?retention': putRetention,
  'GET object ?legal-hold': getLegalHold,
  'PUT object ?legal-hold': putLegalHold,
};
