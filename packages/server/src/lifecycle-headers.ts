import type { Context } from './context.ts';
import { isDirectoryBucketName } from './directory-buckets.ts';
import { dueAt, type LifecycleRule, lifecycleRules } from './lifecycle-rules.ts';
import { keyRecord } from './object-versions.ts';
import type { BucketRecord, ObjectVersion, UploadRecord } from './records.ts';

/** What is to happen, in milliseconds since 1970, and by which rule. */
interface Due {
  at: number;
  id: string;
}

/**
 * `x-amz-expiration`, where a lifecycle rule lets the current version of a key expire.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html#API_GetObject_ResponseSyntax}
 */
export function expirationHeader(
  { store, key }: Context,
  bucket: BucketRecord,
  version: ObjectVersion,
): Record<string, string> {
  const due = firstDue(rulesOf(store, bucket), (rule) =>
    rule.isFor(key, version) ? rule.expiryOf(version) : undefined,
  );
  if (!due || keyRecord(store.index, bucket.id, key)?.current.versionId !== version.versionId) return {};
  return { 'x-amz-expiration': `expiry-date="${dateOf(due)}", rule-id="${encodeURIComponent(due.id)}"` };
}

/**
 * `x-amz-abort-date` and `x-amz-abort-rule-id`, where a lifecycle rule forgets an upload.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html#API_CreateMultipartUpload_ResponseSyntax}
 */
export function abortHeaders(
  { store }: Context,
  bucket: BucketRecord,
  { key, initiatedAt }: UploadRecord,
): Record<string, string> {
  const due = firstDue(rulesOf(store, bucket), ({ keyPrefix, uploadDays }) =>
    uploadDays !== undefined && key.startsWith(keyPrefix) ? dueAt(initiatedAt, uploadDays) : undefined,
  );
  if (!due) return {};
  return { 'x-amz-abort-date': dateOf(due), 'x-amz-abort-rule-id': encodeURIComponent(due.id) };
}

/** Answers about directory buckets have no such headers. */
function rulesOf(store: Context['store'], bucket: BucketRecord): LifecycleRule[] {
  return isDirectoryBucketName(bucket.name) ? [] : lifecycleRules(store, bucket);
}

function firstDue(
  rules: readonly LifecycleRule[],
  timeOf: (rule: LifecycleRule) => number | undefined,
): Due | undefined {
  const [first] = rules
    .flatMap((rule): Due[] => {
      const at = timeOf(rule);
      return at === undefined ? [] : [{ at, id: rule.id }];
    })
    .sort((a, b) => a.at - b.at);
  return first;
}

function dateOf({ at }: Due): string {
  return new Date(at).toUTCString();
}
