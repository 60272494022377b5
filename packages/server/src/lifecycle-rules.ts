import type { XmlObject, XmlValue } from '@s3kit/xml';
import { type BucketRecord, type ObjectVersion, tables } from './records.ts';
import type { Store } from './store.ts';
import { listOf, objectOf, readDocument, textOf } from './xml-documents.ts';

const day = 24 * 3600 * 1000;

/** When so many days have passed, counted to the midnight behind them, as S3 counts. */
export function dueAt(since: number, days: number): number {
  return Math.ceil((since + days * day) / day) * day;
}

/** When a version is to have a storage class, in milliseconds since 1970. */
interface DueTransition {
  at: number;
  storageClass: string;
}

/** One rule, ready to be asked. */
export interface LifecycleRule {
  /** Empty: none was given. */
  id: string;
  enabled: boolean;
  keyPrefix: string;
  /** Whether the rule's filter takes a version. */
  isFor: (key: string, version: ObjectVersion) => boolean;
  /** When a current version is to go, in milliseconds since 1970; undefined: never. */
  expiryOf: (version: ObjectVersion) => number | undefined;
  expiresDeleteMarkers: boolean;
  noncurrentDays: number | undefined;
  newerNoncurrentVersions: number | undefined;
  /** Days after which an upload is forgotten. */
  uploadDays: number | undefined;
  /**
   * The transitions of a version, whether they are due or not.
   *
   * @param replacedAt - when the version stopped being the current one; undefined: it is
   */
  transitionsOf: (version: ObjectVersion, replacedAt: number | undefined) => DueTransition[];
}

/** The rules of a bucket that are in force. */
export function lifecycleRules({ index }: Store, { id }: BucketRecord): LifecycleRule[] {
  // Cast: only this server writes the index, and a document is checked before.
  const text = index.get(tables.configuration(id, 'lifecycle')) as string | undefined;
  return text === undefined ? [] : readLifecycle(text).filter(({ enabled }) => enabled);
}

function readLifecycle(text: string): LifecycleRule[] {
  const root = readDocument(text, 'LifecycleConfiguration', [
    'LifecycleConfiguration/Rule',
    'Rule/Transition',
    'Rule/NoncurrentVersionTransition',
    'And/Tag',
  ]);
  return listOf(root['Rule']).map(objectOf).map(readRule);
}

function number(value: XmlValue): number | undefined {
  const text = textOf(value)?.trim();
  return text === undefined || text === '' ? undefined : Number(text);
}

function readRule(rule: XmlObject): LifecycleRule {
  const filter = objectOf(rule['Filter']);
  const all = { ...filter, ...objectOf(filter['And']) };
  const keyPrefix = textOf(rule['Prefix']) ?? textOf(all['Prefix']) ?? '';
  const tags = [...listOf(all['Tag']), ...(Array.isArray(all['Tag']) ? [] : [all['Tag']])]
    .filter((tag) => tag !== undefined)
    .map(objectOf);
  const above = number(all['ObjectSizeGreaterThan']) ?? -1;
  const below = number(all['ObjectSizeLessThan']) ?? Number.POSITIVE_INFINITY;
  const expiration = objectOf(rule['Expiration']);
  const days = number(expiration['Days']);
  const date = Date.parse(textOf(expiration['Date']) ?? '');
  const noncurrent = objectOf(rule['NoncurrentVersionExpiration']);
  const transitions = listOf(rule['Transition']).map(objectOf);
  const noncurrentTransitions = listOf(rule['NoncurrentVersionTransition']).map(objectOf);
  return {
    id: textOf(rule['ID']) ?? '',
    enabled: textOf(rule['Status'])?.trim() === 'Enabled',
    keyPrefix,
    isFor: (key, version) =>
      key.startsWith(keyPrefix) &&
      version.size > above &&
      version.size < below &&
      tags.every((tag) => version.tags[textOf(tag['Key']) ?? ''] === textOf(tag['Value'])),
    expiryOf: ({ modifiedAt }) =>
      days === undefined ? (Number.isNaN(date) ? undefined : date) : dueAt(modifiedAt, days),
    expiresDeleteMarkers: textOf(expiration['ExpiredObjectDeleteMarker'])?.trim() === 'true',
    noncurrentDays: number(noncurrent['NoncurrentDays']),
    newerNoncurrentVersions: number(noncurrent['NewerNoncurrentVersions']),
    uploadDays: number(objectOf(rule['AbortIncompleteMultipartUpload'])['DaysAfterInitiation']),
    transitionsOf: (version, replacedAt) =>
      (replacedAt === undefined ? transitions : noncurrentTransitions).map((transition) => {
        const after = number(transition['Days'] ?? transition['NoncurrentDays']);
        return {
          at:
            after === undefined
              ? Date.parse(textOf(transition['Date']) ?? '')
              : dueAt(replacedAt ?? version.modifiedAt, after),
          storageClass: textOf(transition['StorageClass'])?.trim() ?? '',
        };
      }),
  };
}
