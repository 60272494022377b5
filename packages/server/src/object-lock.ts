import { isAllowed } from './authorize.ts';
import type { Context, Headers } from './context.ts';
import { invalidArgument, s3Error } from './errors.ts';
import type { BucketRecord, ObjectAttributes, ObjectVersion, Retention } from './records.ts';

type Lock = Pick<ObjectAttributes, 'retention' | 'legalHold'>;

const day = 24 * 3600 * 1000;

/**
 * How the headers of an upload, or else the bucket's default, lock the object.
 *
 * @throws {S3Error} `InvalidRequest`, `InvalidArgument`
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html}
 */
export function lockFromHeaders(headers: Headers, { objectLock }: BucketRecord, now: number): Lock {
  const mode = headers['x-amz-object-lock-mode'];
  const until = headers['x-amz-object-lock-retain-until-date'];
  const hold = headers['x-amz-object-lock-legal-hold'];
  const asked = [mode, until, hold].some((value) => value !== undefined);
  if (asked && !objectLock)
    throw s3Error('InvalidRequest', { message: 'Bucket is missing Object Lock Configuration' });
  if ((mode === undefined) !== (until === undefined)) {
    throw invalidArgument(
      'x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied',
      mode === undefined ? 'x-amz-object-lock-mode' : 'x-amz-object-lock-retain-until-date',
      '',
    );
  }
  const lock: Lock = {};
  if (mode !== undefined) lock.retention = retentionOf(mode, until, now);
  else if (objectLock?.defaultRetention) {
    const { mode: standard, days } = objectLock.defaultRetention;
    lock.retention = { mode: standard, until: now + days * day };
  }
  if (hold !== undefined) lock.legalHold = legalHoldOf(hold);
  return lock;
}

/** @throws {S3Error} `InvalidArgument` for an unknown mode, or a date that is none or has passed */
export function retentionOf(mode: string, until: string | undefined, now: number): Retention {
  if (mode !== 'GOVERNANCE' && mode !== 'COMPLIANCE') {
    throw invalidArgument('Unknown wormMode directive.', 'x-amz-object-lock-mode', mode);
  }
  const time = Date.parse(until ?? '');
  if (Number.isNaN(time)) {
    throw invalidArgument(
      'The retain until date must be provided in ISO 8601 format',
      'RetainUntilDate',
      until ?? '',
    );
  }
  if (time <= now) {
    throw invalidArgument('The retain until date must be in the future!', 'RetainUntilDate', until ?? '');
  }
  return { mode, until: time };
}

/** @throws {S3Error} `InvalidArgument` */
export function legalHoldOf(value: string): boolean {
  if (value !== 'ON' && value !== 'OFF') {
    throw invalidArgument('Legal Hold must be either of ON or OFF', 'x-amz-object-lock-legal-hold', value);
  }
  return value === 'ON';
}

/** The headers that tell how a version is locked. */
export function lockHeaders({ retention, legalHold }: ObjectAttributes): Record<string, string> {
  const headers: Record<string, string> = {};
  if (retention) {
    headers['x-amz-object-lock-mode'] = retention.mode;
    headers['x-amz-object-lock-retain-until-date'] = new Date(retention.until).toISOString();
  }
  if (legalHold !== undefined) headers['x-amz-object-lock-legal-hold'] = legalHold ? 'ON' : 'OFF';
  return headers;
}

/**
 * Refuses to delete a version that is locked.
 *
 * @throws {S3Error} `AccessDenied`
 */
export function checkNotLocked(
  context: Context,
  bucket: BucketRecord,
  key: string,
  version: ObjectVersion,
): void {
  const { retention, legalHold } = version;
  const kept = legalHold === true || isKept(context, bucket, key, version, retention);
  if (kept)
    throw s3Error('AccessDenied', { message: 'Access Denied because object protected by object lock.' });
}

/**
 * Refuses to loosen a retention that is in force.
 *
 * @throws {S3Error} `AccessDenied`
 */
export function checkRetentionChange(
  context: Context,
  bucket: BucketRecord,
  version: ObjectVersion,
  next: Retention | undefined,
): void {
  const { retention } = version;
  if (!retention || !isKept(context, bucket, context.key, version, retention)) return;
  const stricter =
    next !== undefined &&
    next.until >= retention.until &&
    (next.mode === retention.mode || next.mode === 'COMPLIANCE');
  if (stricter) return;
  throw s3Error('AccessDenied', { message: 'Access Denied because object protected by object lock.' });
}

/** Whether a retention is in force for this caller: governance gives way to who may bypass it, and asks to. */
function isKept(
  context: Context,
  bucket: BucketRecord,
  key: string,
  { versionId }: ObjectVersion,
  retention: Retention | undefined,
): boolean {
  if (!retention || retention.until <= context.now().getTime()) return false;
  if (retention.mode === 'COMPLIANCE') return true;
  const asks = context.headers['x-amz-bypass-governance-retention']?.toLowerCase() === 'true';
  return !(
    asks && isAllowed(context, { action: 's3:BypassGovernanceRetention' }, { bucket, key, versionId })
  );
}
