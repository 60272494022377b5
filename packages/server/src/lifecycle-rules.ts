import type { XmlObject, XmlValue } from '@s3kit/xml';
import type { ObjectVersion } from './records.ts';
import { listOf, objectOf, readDocument, textOf } from './xml-documents.ts';

/** Whether so many days behind a moment have passed. */
type IsDue = (since: number, days: number, now: number) => boolean;

/** When a version is to have a storage class, in milliseconds since 1970. */
interface DueTransition {
  at: number;
  storageClass: string;
}

/** One rule, ready to be asked. */
export interface LifecycleRule {
  enabled: boolean;
  keyPrefix: string;
  /** Whether the rule's filter takes a version. */
  isFor: (key: string, version: ObjectVersion) => boolean;
  /** Whether a current version is to go. */
  expiresAt: (version: ObjectVersion, now: number, isDue: IsDue) => boolean;
  expiresDeleteMarkers: boolean;
  noncurrentDays: number | undefined;
  newerNoncurrentVersions: number | undefined;
  /** Days after which an upload is forgotten. */
  uploadDays: number | undefined;
  /**
   * The transitions of a version, whether they are due or not.
   *
   * @param replacedAt - when the version stopped being the current one; undefined: it is
   * @param dueAt - when so many days behind a moment have passed
   */
  transitionsOf: (
    version: ObjectVersion,
    replacedAt: number | undefined,
    dueAt: (since: number, days: number) => number,
  ) => DueTransition[];
}

/** The rules of a LifecycleConfiguration that was checked when it was set. */
export function readLifecycle(text: string): LifecycleRule[] {
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
    enabled: textOf(rule['Status'])?.trim() === 'Enabled',
    keyPrefix,
    isFor: (key, version) =>
      key.startsWith(keyPrefix) &&
      version.size > above &&
      version.size < below &&
      tags.every((tag) => version.tags[textOf(tag['Key']) ?? ''] === textOf(tag['Value'])),
    expiresAt: ({ modifiedAt }, now, isDue) =>
      (days !== undefined && isDue(modifiedAt, days, now)) || (!Number.isNaN(date) && now >= date),
    expiresDeleteMarkers: textOf(expiration['ExpiredObjectDeleteMarker'])?.trim() === 'true',
    noncurrentDays: number(noncurrent['NoncurrentDays']),
    newerNoncurrentVersions: number(noncurrent['NewerNoncurrentVersions']),
    uploadDays: number(objectOf(rule['AbortIncompleteMultipartUpload'])['DaysAfterInitiation']),
    transitionsOf: (version, replacedAt, dueAt) =>
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
