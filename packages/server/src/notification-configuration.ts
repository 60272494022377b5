import type { XmlObject, XmlValue } from '@s3kit/xml';
import { demand } from './document-checks.ts';
import { invalidArgument, s3Error } from './errors.ts';
import { matchesPattern } from './wildcards.ts';
import { listOf, objectOf, readDocument, textOf } from './xml-documents.ts';

/** Who is told of which events of which keys. */
export interface NotificationRule {
  id: string;
  /** `s3:ObjectCreated:*` and the like. */
  events: readonly string[];
  /** Beginnings that keys must have. */
  prefixes: readonly string[];
  /** Ends that keys must have. */
  suffixes: readonly string[];
}

/** The tags of the rules: the tag with the ARN in each, and the service that the ARN is of. */
const targets = {
  TopicConfiguration: ['Topic', 'sns'],
  QueueConfiguration: ['Queue', 'sqs'],
  CloudFunctionConfiguration: ['CloudFunction', 'lambda'],
} as const;

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html} */
const eventNames = new Set([
  's3:ReducedRedundancyLostObject',
  's3:ObjectCreated:*',
  's3:ObjectCreated:Put',
  's3:ObjectCreated:Post',
  's3:ObjectCreated:Copy',
  's3:ObjectCreated:CompleteMultipartUpload',
  's3:ObjectRemoved:*',
  's3:ObjectRemoved:Delete',
  's3:ObjectRemoved:DeleteMarkerCreated',
  's3:ObjectRestore:*',
  's3:ObjectRestore:Post',
  's3:ObjectRestore:Completed',
  's3:ObjectRestore:Delete',
  's3:Replication:*',
  's3:Replication:OperationFailedReplication',
  's3:Replication:OperationNotTracked',
  's3:Replication:OperationMissedThreshold',
  's3:Replication:OperationReplicatedAfterThreshold',
  's3:LifecycleTransition',
  's3:IntelligentTiering',
  's3:ObjectAcl:Put',
  's3:LifecycleExpiration:*',
  's3:LifecycleExpiration:Delete',
  's3:LifecycleExpiration:DeleteMarkerCreated',
  's3:ObjectTagging:*',
  's3:ObjectTagging:Put',
  's3:ObjectTagging:Delete',
  's3:ObjectAnnotation:*',
  's3:ObjectAnnotation:Put',
  's3:ObjectAnnotation:Delete',
]);

/** The rules of a NotificationConfiguration. */
export function readNotification(text: string): NotificationRule[] {
  const root = readRoot(text);
  return Object.keys(targets).flatMap((tag) => listOf(root[tag]).map(objectOf).map(readRule));
}

/**
 * @throws {S3Error} the document is none that S3 takes
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html}
 */
export function checkNotification(text: string): void {
  const root = readRoot(text);
  demand(Object.keys(root).every((tag) => Object.hasOwn(targets, tag) || tag === 'EventBridgeConfiguration'));
  for (const [tag, [target, service]] of Object.entries(targets)) {
    for (const configuration of listOf(root[tag]).map(objectOf)) {
      demand(textOf(configuration[target]) !== undefined, listOf(configuration['Event']).length >= 1);
      checkArn(trimmed(configuration[target]), target, service);
      checkFilter(configuration);
    }
  }
  const rules = readNotification(text);
  for (const event of rules.flatMap(({ events }) => events)) {
    if (!eventNames.has(event))
      throw invalidArgument('The event is not supported for notifications', 'Event', event);
  }
  rules.forEach((rule, index) => {
    if (!rules.slice(index + 1).some((other) => overlap(rule, other))) return;
    throw s3Error('InvalidArgument', {
      message: 'Configurations overlap. Configurations on the same bucket cannot share a common event type.',
    });
  });
}

function readRoot(text: string): XmlObject {
  const tags = Object.keys(targets);
  return readDocument(text, 'NotificationConfiguration', [
    ...tags.map((tag) => `NotificationConfiguration/${tag}`),
    ...tags.map((tag) => `${tag}/Event`),
    'S3Key/FilterRule',
  ]);
}

function readRule(configuration: XmlObject): NotificationRule {
  const filters = filterRules(configuration);
  const valuesOf = (wanted: string): string[] =>
    filters.filter(({ name }) => name === wanted).map(({ value }) => value);
  return {
    id: textOf(configuration['Id']) ?? '',
    events: listOf(configuration['Event']).map((event) => trimmed(event)),
    prefixes: valuesOf('prefix'),
    suffixes: valuesOf('suffix'),
  };
}

function filterRules({ Filter }: XmlObject): { name: string; value: string }[] {
  return listOf(objectOf(objectOf(Filter)['S3Key'])['FilterRule'])
    .map(objectOf)
    .map(({ Name, Value }) => ({ name: trimmed(Name).toLowerCase(), value: textOf(Value) ?? '' }));
}

function trimmed(value: XmlValue): string {
  return textOf(value)?.trim() ?? '';
}

function checkArn(arn: string, name: string, service: string): void {
  const [start, , of, , , resource = ''] = arn.split(':');
  if (start === 'arn' && of === service && resource !== '') return;
  throw invalidArgument('The ARN is not well formed', name, arn);
}

function checkFilter(configuration: XmlObject): void {
  const names = filterRules(configuration).map(({ name }) => name);
  names.forEach((name, index) => {
    if (name !== 'prefix' && name !== 'suffix') {
      throw invalidArgument('filter rule name must be either prefix or suffix', 'FilterRule.Name', name);
    }
    if (names.indexOf(name) === index) return;
    throw invalidArgument(`Cannot specify more than one ${name} rule in a filter.`, 'FilterRule.Name', name);
  });
}

/** Whether there may be a key that both are told of at one event. */
function overlap(one: NotificationRule, other: NotificationRule): boolean {
  const [prefix = ''] = one.prefixes;
  const [otherPrefix = ''] = other.prefixes;
  const [suffix = ''] = one.suffixes;
  const [otherSuffix = ''] = other.suffixes;
  return (
    one.events.some((event) =>
      other.events.some((also) => matchesPattern(event, also) || matchesPattern(also, event)),
    ) &&
    (prefix.startsWith(otherPrefix) || otherPrefix.startsWith(prefix)) &&
    (suffix.endsWith(otherSuffix) || otherSuffix.endsWith(suffix))
  );
}
