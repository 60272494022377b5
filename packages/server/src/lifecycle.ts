import { dueAt, type LifecycleRule, lifecycleRules } from './lifecycle-rules.ts';
import { dropUpload } from './multipart-uploads.ts';
import type { Notifier } from './notifications.ts';
import { deleteLatest, deleteVersion, keyRecord, replaceVersion, versionById } from './object-versions.ts';
import {
  type BucketRecord,
  type KeyRecord,
  type ObjectVersion,
  tables,
  type UploadRecord,
} from './records.ts';
import type { Store } from './store.ts';

/**
 * Does what the lifecycle rules of all buckets ask for at a time: expires and moves objects, removes old versions, lone
 * delete markers and forgotten uploads. Objects under a lock stay.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html}
 */
export async function runLifecycle(store: Store, now: Date, notifier: Notifier): Promise<void> {
  for await (const { value } of store.index.range(tables.buckets())) {
    // Casts here and below: only this server writes the index.
    const bucket = value as BucketRecord;
    const rules = lifecycleRules(store, bucket);
    if (rules.length === 0) continue;
    const run = { store, bucket, now: now.getTime(), notifier };
    for await (const entry of store.index.range(tables.keys(bucket.id))) {
      await visitKey(run, rules, tables.keyOf(entry.key), entry.value as KeyRecord);
    }
    for await (const entry of store.index.range(tables.uploads(bucket.id))) {
      await visitUpload(run, rules, entry.value as UploadRecord);
    }
  }
}

interface Run {
  store: Store;
  bucket: BucketRecord;
  /** Milliseconds since 1970. */
  now: number;
  notifier: Notifier;
}

function isDue(since: number, days: number, now: number): boolean {
  return now >= dueAt(since, days);
}

/** The costs fall from left to right, but for INTELLIGENT_TIERING, which goes before all that are no archives. */
const cheaper = ['STANDARD_IA', 'ONEZONE_IA', 'GLACIER_IR', 'INTELLIGENT_TIERING', 'GLACIER', 'DEEP_ARCHIVE'];

/**
 * The storage class that a version is to have: that of the last transition that is due, in whichever rule and place. Of
 * several at one time S3 takes the cheapest class.
 *
 * @returns undefined: the one that it has
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-conflicts.html}
 */
function storageClassOf(
  rules: readonly LifecycleRule[],
  version: ObjectVersion,
  replacedAt: number | undefined,
  now: number,
): string | undefined {
  if (version.deleteMarker) return undefined;
  const [last] = rules
    .flatMap((rule) => rule.transitionsOf(version, replacedAt))
    .filter(({ at }) => now >= at)
    .sort((a, b) => b.at - a.at || cheaper.indexOf(b.storageClass) - cheaper.indexOf(a.storageClass));
  const { 'x-amz-storage-class': present = 'STANDARD' } = version.headers;
  return last?.storageClass === present ? undefined : last?.storageClass;
}

async function visitKey(
  run: Run,
  rules: readonly LifecycleRule[],
  key: string,
  record: KeyRecord,
): Promise<void> {
  const { store, bucket, now } = run;
  const versions = [record.current];
  if (record.older) {
    for await (const { value } of store.index.range(tables.olderVersions(bucket.id, key))) {
      versions.push(value as ObjectVersion);
    }
  }
  for (const [index, version] of versions.entries()) {
    const newer = versions[index - 1];
    const matching = rules.filter((rule) => rule.isFor(key, version));
    const storageClass = storageClassOf(matching, version, newer?.modifiedAt, now);
    if (storageClass !== undefined) await move(run, key, version, storageClass);
    for (const rule of matching) {
      if (newer) {
        const { noncurrentDays, newerNoncurrentVersions = 0 } = rule;
        if (noncurrentDays === undefined || index <= newerNoncurrentVersions) continue;
        if (isDue(newer.modifiedAt, noncurrentDays, now)) await remove(run, key, version);
      } else if (version.deleteMarker) {
        const lone = versions.length === 1 && rule.expiresDeleteMarkers;
        if (lone) await remove(run, key, version);
      } else if (now >= (rule.expiryOf(version) ?? Number.POSITIVE_INFINITY)) {
        await expire(run, key, version);
      }
    }
  }
}

/** A current version goes for good, or under a delete marker. */
async function expire(
  { store, bucket, now, notifier }: Run,
  key: string,
  version: ObjectVersion,
): Promise<void> {
  const deletion = await store.commit((transaction) => {
    const current = keyRecord(transaction, bucket.id, key)?.current;
    if (current?.sequence !== version.sequence || isLocked(bucket, version, now)) {
      return { value: undefined, garbage: [] };
    }
    const done = deleteLatest(transaction, bucket, key, bucket.owner, now);
    return { value: done, garbage: done.garbage };
  });
  if (!deletion) return;
  const name = deletion.deleteMarker
    ? 'LifecycleExpiration:DeleteMarkerCreated'
    : 'LifecycleExpiration:Delete';
  notifier.notify({ name, bucket, key, versionId: deletion.versionId }, bucket.owner, '127.0.0.1');
}

/** One version goes for good. */
async function remove(
  { store, bucket, now, notifier }: Run,
  key: string,
  version: ObjectVersion,
): Promise<void> {
  if (isKept(version, now)) return;
  await store.commit(async (transaction) => {
    const deletion = await deleteVersion(transaction, bucket, key, version.versionId);
    return { value: undefined, garbage: deletion?.garbage ?? [] };
  });
  const { versionId } = version;
  notifier.notify({ name: 'LifecycleExpiration:Delete', bucket, key, versionId }, bucket.owner, '127.0.0.1');
}

async function move(
  { store, bucket }: Run,
  key: string,
  version: ObjectVersion,
  storageClass: string,
): Promise<void> {
  await store.commit((transaction) => {
    const now = versionById(transaction, bucket.id, key, version.versionId);
    if (now?.sequence === version.sequence) {
      const headers = { ...now.headers, 'x-amz-storage-class': storageClass };
      replaceVersion(transaction, bucket.id, key, { ...now, headers });
    }
    return { value: undefined, garbage: [] };
  });
}

async function visitUpload(
  { store, bucket, now }: Run,
  rules: readonly LifecycleRule[],
  upload: UploadRecord,
): Promise<void> {
  const due = rules.some(
    ({ uploadDays, keyPrefix }) =>
      uploadDays !== undefined &&
      upload.key.startsWith(keyPrefix) &&
      isDue(upload.initiatedAt, uploadDays, now),
  );
  if (!due) return;
  await store.commit(async (transaction) => ({
    value: undefined,
    garbage: await dropUpload(transaction, bucket.id, upload),
  }));
}

function isKept({ retention, legalHold }: ObjectVersion, now: number): boolean {
  return legalHold === true || (retention !== undefined && retention.until > now);
}

/** Under versioning a delete marker takes nothing away, so a lock does not stand against it. */
function isLocked({ versioning }: BucketRecord, version: ObjectVersion, now: number): boolean {
  return versioning !== 'Enabled' && isKept(version, now);
}
