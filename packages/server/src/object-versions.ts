import { randomBytes } from 'node:crypto';
import type { Transaction } from './index-store.ts';
import {
  type BodyPart,
  type BodyReference,
  type BucketRecord,
  type KeyRecord,
  type ObjectVersion,
  tables,
} from './records.ts';

/** Files that nothing refers to once the transaction is committed; `name` is what readers pin. */
export interface Garbage {
  name: string;
  ids: string[];
}

/** A version before its place in the history of the key is known. */
export type NewVersion = Omit<ObjectVersion, 'versionId' | 'sequence'>;

/** What became of a deletion, and what is left to be removed from the disk. */
export interface Deletion {
  versionId?: string;
  deleteMarker: boolean;
  garbage: Garbage[];
}

/** The record of a key. Casts here and below: only this server writes the index. */
export function keyRecord(
  store: Pick<Transaction, 'get'>,
  bucketId: string,
  key: string,
): KeyRecord | undefined {
  return store.get(tables.key(bucketId, key)) as KeyRecord | undefined;
}

/** A version of a key by its id. */
export function versionById(
  store: Pick<Transaction, 'get'>,
  bucketId: string,
  key: string,
  versionId: string,
): ObjectVersion | undefined {
  const record = keyRecord(store, bucketId, key);
  if (record?.current.versionId === versionId) return record.current;
  const sequence = sequenceOf(store, bucketId, key, versionId);
  if (sequence === undefined) return undefined;
  const older = store.get(tables.olderVersion(bucketId, key, sequence)) as ObjectVersion | undefined;
  return older?.versionId === versionId ? older : undefined;
}

/** Where in the history of a key a version is, or was; undefined for what is no version id. */
export function sequenceOf(
  store: Pick<Transaction, 'get'>,
  bucketId: string,
  key: string,
  versionId: string,
): number | undefined {
  if (versionId === 'null') {
    const record = keyRecord(store, bucketId, key);
    return record?.current.versionId === 'null' ? record.current.sequence : record?.nullSequence;
  }
  if (!/^[0-9a-z]{32}$/.test(versionId)) return undefined;
  const sequence = Number.parseInt(versionId.slice(0, sequenceDigits), 36);
  return Number.isSafeInteger(sequence) ? sequence : undefined;
}

/** Makes `version` the latest of its key, as the bucket's versioning state says. */
export function putVersion(
  transaction: Transaction,
  bucket: BucketRecord,
  key: string,
  version: NewVersion,
): { version: ObjectVersion; garbage: Garbage[] } {
  const garbage: Garbage[] = [];
  const record = keyRecord(transaction, bucket.id, key);
  const sequence = Math.max(version.modifiedAt * 1000, (record?.current.sequence ?? 0) + 1);
  const versionId = bucket.versioning === 'Enabled' ? newVersionId(sequence) : 'null';
  const next: KeyRecord = { current: { ...version, versionId, sequence } };

  if (record) {
    const { current } = record;
    if (record.older) next.older = true;
    if (record.nullSequence !== undefined) next.nullSequence = record.nullSequence;
    if (versionId === 'null' && record.nullSequence !== undefined) {
      const place = tables.olderVersion(bucket.id, key, record.nullSequence);
      garbage.push(...release(transaction, transaction.get(place) as ObjectVersion | undefined));
      transaction.delete(place);
      delete next.nullSequence;
    }
    if (versionId === 'null' && current.versionId === 'null') {
      garbage.push(...release(transaction, current));
    } else {
      transaction.put(tables.olderVersion(bucket.id, key, current.sequence), current);
      next.older = true;
      if (current.versionId === 'null') next.nullSequence = current.sequence;
    }
  }
  transaction.put(tables.key(bucket.id, key), next);
  return { version: next.current, garbage };
}

/** Deletes a key without naming a version: for good, or by a delete marker where versioning was set. */
export function deleteLatest(
  transaction: Transaction,
  bucket: BucketRecord,
  key: string,
  owner: string,
  modifiedAt: number,
): Deletion {
  if (bucket.versioning) {
    const marker: NewVersion = {
      deleteMarker: true,
      modifiedAt,
      size: 0,
      etag: '',
      owner,
      headers: {},
      metadata: {},
      tags: {},
    };
    const { version, garbage } = putVersion(transaction, bucket, key, marker);
    return { versionId: version.versionId, deleteMarker: true, garbage };
  }
  const record = keyRecord(transaction, bucket.id, key);
  if (record) transaction.delete(tables.key(bucket.id, key));
  return { deleteMarker: false, garbage: release(transaction, record?.current) };
}

/** Deletes one version for good; the one before it becomes the latest. Undefined: there is no such version. */
export async function deleteVersion(
  transaction: Transaction,
  bucket: BucketRecord,
  key: string,
  versionId: string,
): Promise<Deletion | undefined> {
  const record = keyRecord(transaction, bucket.id, key);
  const version = versionById(transaction, bucket.id, key, versionId);
  if (!record || !version) return undefined;

  const garbage = release(transaction, version);
  const remaining: ObjectVersion[] = [];
  if (record.current.versionId !== versionId) {
    remaining.push(record.current);
    transaction.delete(tables.olderVersion(bucket.id, key, version.sequence));
  }
  // The two newest that are left tell what is the latest now, and whether others stay behind it.
  for await (const { value } of transaction.range(tables.olderVersions(bucket.id, key))) {
    remaining.push(value as ObjectVersion);
    if (remaining.length >= 2) break;
  }
  const [latest, second] = remaining;
  if (!latest) {
    transaction.delete(tables.key(bucket.id, key));
  } else {
    if (latest !== record.current) transaction.delete(tables.olderVersion(bucket.id, key, latest.sequence));
    const next: KeyRecord = { current: latest };
    if (second) next.older = true;
    const { nullSequence } = record;
    if (nullSequence !== undefined && nullSequence !== version.sequence && nullSequence !== latest.sequence) {
      next.nullSequence = nullSequence;
    }
    transaction.put(tables.key(bucket.id, key), next);
  }
  return { versionId, deleteMarker: version.deleteMarker === true, garbage };
}

/** Gives a version another key, in the place of what is there; where no versions are kept. */
export function moveVersion(
  transaction: Transaction,
  bucketId: string,
  { from, to }: { from: string; to: string },
  version: ObjectVersion,
): Garbage[] {
  const garbage = release(transaction, keyRecord(transaction, bucketId, to)?.current);
  const next: KeyRecord = { current: version };
  transaction.put(tables.key(bucketId, to), next);
  transaction.delete(tables.key(bucketId, from));
  return garbage;
}

/** Stores a version again with other attributes (tags, ACL); its bytes, date and place stay. */
export function replaceVersion(
  transaction: Transaction,
  bucketId: string,
  key: string,
  version: ObjectVersion,
): void {
  const record = keyRecord(transaction, bucketId, key);
  if (record?.current.versionId === version.versionId) {
    transaction.put(tables.key(bucketId, key), { ...record, current: version });
  } else {
    transaction.put(tables.olderVersion(bucketId, key, version.sequence), version);
  }
}

/** The part files of a body that is made of several. */
export function bodyParts(store: Pick<Transaction, 'get'>, body: BodyReference): BodyPart[] {
  return store.get(tables.bodyParts(body.id)) as BodyPart[];
}

/** Takes the references to a version's files out of the index. */
function release(transaction: Transaction, version: ObjectVersion | undefined): Garbage[] {
  const body = version?.body;
  if (!body) return [];
  const ids =
    body.parts === undefined ? [body.id] : bodyParts(transaction, body).flatMap(({ id }) => id ?? []);
  if (body.parts !== undefined) transaction.delete(tables.bodyParts(body.id));
  for (const id of ids) transaction.delete(tables.file(id));
  return [{ name: body.id, ids }];
}

const sequenceDigits = 11;

/** 32 characters: the sequence in base 36, then chance, so that an id cannot be guessed. */
function newVersionId(sequence: number): string {
  return (
    sequence.toString(36).padStart(sequenceDigits, '0') +
    randomBytes(16).toString('hex').slice(sequenceDigits)
  );
}
