import type { XmlObject } from '@s3kit/xml';
import { demand, has, isOneOf } from './document-checks.ts';
import { s3Error } from './errors.ts';
import type { BucketRecord } from './records.ts';
import { listOf, objectOf, readDocument, textOf } from './xml-documents.ts';

/** @throws {S3Error} `MalformedXML` */
export function checkAccelerate(text: string): void {
  demand(isOneOf(readDocument(text, 'AccelerateConfiguration')['Status'], 'Enabled', 'Suspended'));
}

/**
 * Checks a ReplicationConfiguration; nothing is replicated.
 *
 * @throws {S3Error} `MalformedXML`, `InvalidRequest`
 */
export function checkReplication(text: string, { versioning }: BucketRecord): void {
  const { Role, Rule } = readDocument(text, 'ReplicationConfiguration', ['ReplicationConfiguration/Rule']);
  const rules = listOf(Rule).map(objectOf);
  demand(textOf(Role) !== undefined, rules.length >= 1, rules.length <= 1000);
  for (const rule of rules) {
    demand(
      isOneOf(rule['Status'], 'Enabled', 'Disabled'),
      textOf(objectOf(rule['Destination'])['Bucket']) !== undefined,
    );
  }
  if (versioning === 'Enabled') return;
  throw s3Error('InvalidRequest', {
    message: "Versioning must be 'Enabled' on the bucket to apply a replication configuration",
  });
}

/** A document that is one of several of its bucket, each with an id. */
function readWithId(text: string, root: string, lists: readonly string[] = []): XmlObject {
  const document = readDocument(text, root, lists);
  demand(/^[\w.-]{1,64}$/.test(idOf(document)));
  return document;
}

function idOf({ Id }: XmlObject): string {
  return textOf(Id)?.trim() ?? '';
}

/** @throws {S3Error} `MalformedXML` */
export function checkMetrics(text: string): string {
  return idOf(readWithId(text, 'MetricsConfiguration'));
}

/** @throws {S3Error} `MalformedXML` */
export function checkAnalytics(text: string): string {
  const root = readWithId(text, 'AnalyticsConfiguration');
  demand(has(root, 'StorageClassAnalysis'));
  return idOf(root);
}

/** @throws {S3Error} `MalformedXML` */
export function checkIntelligentTiering(text: string): string {
  const root = readWithId(text, 'IntelligentTieringConfiguration', [
    'IntelligentTieringConfiguration/Tiering',
  ]);
  const tierings = listOf(root['Tiering']).map(objectOf);
  demand(isOneOf(root['Status'], 'Enabled', 'Disabled'), tierings.length >= 1);
  for (const { AccessTier, Days } of tierings) {
    demand(isOneOf(AccessTier, 'ARCHIVE_ACCESS', 'DEEP_ARCHIVE_ACCESS'), /^\d+$/.test(textOf(Days) ?? ''));
  }
  return idOf(root);
}

/** @throws {S3Error} `MalformedXML` */
export function checkInventory(text: string): string {
  const root = readWithId(text, 'InventoryConfiguration');
  const { Bucket, Format } = objectOf(objectOf(root['Destination'])['S3BucketDestination']);
  demand(
    isOneOf(root['IsEnabled'], 'true', 'false'),
    isOneOf(root['IncludedObjectVersions'], 'All', 'Current'),
    isOneOf(objectOf(root['Schedule'])['Frequency'], 'Daily', 'Weekly'),
    isOneOf(Format, 'CSV', 'ORC', 'Parquet'),
    textOf(Bucket) !== undefined,
  );
  return idOf(root);
}
