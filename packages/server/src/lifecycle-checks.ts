import type { XmlObject, XmlValue } from '@s3kit/xml';
import { demand, has, isOneOf, malformed } from './document-checks.ts';
import { s3Error } from './errors.ts';
import { checkRuleIds } from './rule-ids.ts';
import { listOf, objectOf, readDocument, textOf } from './xml-documents.ts';

const actions = [
  'Expiration',
  'Transition',
  'NoncurrentVersionExpiration',
  'NoncurrentVersionTransition',
  'AbortIncompleteMultipartUpload',
];

/**
 * @throws {S3Error} the document is none that S3 takes
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html}
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList} for the limit of rules
 */
export function checkLifecycle(text: string): void {
  const { Rule } = readDocument(text, 'LifecycleConfiguration', [
    'LifecycleConfiguration/Rule',
    'Rule/Transition',
    'Rule/NoncurrentVersionTransition',
  ]);
  const rules = listOf(Rule).map(objectOf);
  demand(rules.length >= 1);
  if (rules.length > 1000) {
    throw s3Error('InvalidRequest', {
      message: 'The number of lifecycle rules must not exceed the allowed limit of 1000 rules.',
    });
  }
  checkRuleIds(rules, 'InvalidArgument');
  for (const rule of rules) checkRule(rule);
}

function checkRule(rule: XmlObject): void {
  const filter = objectOf(rule['Filter']);
  const predicates = ['Prefix', 'Tag', 'ObjectSizeGreaterThan', 'ObjectSizeLessThan', 'And'];
  demand(
    isOneOf(rule['Status'], 'Enabled', 'Disabled'),
    // The older form has the prefix in the rule, the newer one a filter; never both.
    has(rule, 'Filter') !== has(rule, 'Prefix'),
    predicates.filter((name) => has(filter, name)).length <= 1,
    !Array.isArray(filter['Tag']),
  );
  if (!actions.some((action) => has(rule, action) && !isEmptyList(rule[action]))) {
    throw s3Error('InvalidRequest', { message: 'At least one action needs to be specified in a rule' });
  }
  checkExpiration(rule);
  for (const transition of listOf(rule['Transition']).map(objectOf)) {
    checkTransition(transition);
    checkOrder(transition, objectOf(rule['Expiration']));
  }
  for (const transition of listOf(rule['NoncurrentVersionTransition']).map(objectOf)) {
    checkStorageClass(transition);
    checkNonnegative(transition['NoncurrentDays'], 'NoncurrentDays', 'NoncurrentVersionTransition');
    if (has(transition, 'NewerNoncurrentVersions')) checkNewer(transition);
  }
  if (has(rule, 'NoncurrentVersionExpiration')) {
    const expiration = objectOf(rule['NoncurrentVersionExpiration']);
    checkPositive(expiration['NoncurrentDays'], 'NoncurrentDays', 'NoncurrentVersionExpiration');
    if (has(expiration, 'NewerNoncurrentVersions')) checkNewer(expiration);
  }
  if (has(rule, 'AbortIncompleteMultipartUpload')) {
    const { DaysAfterInitiation } = objectOf(rule['AbortIncompleteMultipartUpload']);
    checkPositive(DaysAfterInitiation, 'DaysAfterInitiation', 'AbortIncompleteMultipartUpload');
    refuseFilter(filter, 'AbortIncompleteMultipartUpload');
  }
}

/** A tag that may be there several times is an empty list where it is missing. */
function isEmptyList(value: XmlValue): boolean {
  return Array.isArray(value) && value.length === 0;
}

function checkExpiration(rule: XmlObject): void {
  if (!has(rule, 'Expiration')) return;
  demand(!Array.isArray(rule['Expiration']));
  const expiration = objectOf(rule['Expiration']);
  demandOne(expiration, 'Date', 'Days', 'ExpiredObjectDeleteMarker');
  if (has(expiration, 'Days')) checkPositive(expiration['Days'], 'Days', 'Expiration');
  if (has(expiration, 'Date')) checkDate(expiration['Date']);
  if (has(expiration, 'ExpiredObjectDeleteMarker')) {
    demand(isOneOf(expiration['ExpiredObjectDeleteMarker'], 'true', 'false'));
    refuseFilter(objectOf(rule['Filter']), 'ExpiredObjectDeleteMarker');
  }
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_Transition.html} */
function checkTransition(transition: XmlObject): void {
  const { Date: date, Days, StorageClass } = transition;
  demandOne(transition, 'Date', 'Days');
  checkStorageClass(transition);
  if (date !== undefined) checkDate(date);
  if (Days === undefined) return;
  checkNonnegative(Days, 'Days', 'Transition');
  if (!isOneOf(StorageClass, 'STANDARD_IA', 'ONEZONE_IA') || integer(Days) >= 30) return;
  throw s3Error('InvalidArgument', {
    message: `'Days' in Transition action must be greater than or equal to 30 for storageClass '${textOf(StorageClass)?.trim()}'`,
  });
}

/** What has gone cannot be moved. @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html} */
function checkOrder(transition: XmlObject, expiration: XmlObject): void {
  if (has(transition, 'Days') && has(expiration, 'Days')) {
    if (integer(expiration['Days']) > integer(transition['Days'])) return;
    throw s3Error('InvalidArgument', {
      message: "'Days' in the Expiration action must be greater than 'Days' in the Transition action",
    });
  }
  if (has(transition, 'Date') && has(expiration, 'Date')) {
    if (timeOf(expiration['Date']) > timeOf(transition['Date'])) return;
    throw s3Error('InvalidArgument', {
      message: "'Date' in the Expiration action must be later than 'Date' in the Transition action",
    });
  }
}

function checkStorageClass(transition: XmlObject): void {
  demand(
    isOneOf(
      transition['StorageClass'],
      'GLACIER',
      'STANDARD_IA',
      'ONEZONE_IA',
      'INTELLIGENT_TIERING',
      'DEEP_ARCHIVE',
      'GLACIER_IR',
    ),
  );
}

/** What is not about whole objects, present ones, cannot go by their tags or sizes. */
function refuseFilter(filter: XmlObject, action: string): void {
  const all = { ...filter, ...objectOf(filter['And']) };
  const refused = has(all, 'Tag')
    ? 'Tags'
    : has(all, 'ObjectSizeGreaterThan') || has(all, 'ObjectSizeLessThan')
      ? 'Object Size'
      : undefined;
  if (refused === undefined) return;
  throw s3Error('InvalidRequest', { message: `${action} cannot be specified with ${refused}.` });
}

function demandOne(value: XmlObject, ...names: readonly string[]): void {
  demand(names.filter((name) => has(value, name)).length === 1);
}

/** A number as the schema wants it: whole, and of 32 bits. */
function integer(value: XmlValue): number {
  const text = textOf(value)?.trim() ?? '';
  const number = Number(text);
  if (!/^[+-]?\d+$/.test(text) || Math.abs(number) >= 2 ** 31) throw malformed();
  return number;
}

function checkPositive(value: XmlValue, name: string, action: string): void {
  if (integer(value) > 0) return;
  throw s3Error('InvalidArgument', {
    message: `'${name}' for ${action} action must be a positive integer`,
  });
}

function checkNonnegative(value: XmlValue, name: string, action: string): void {
  if (integer(value) >= 0) return;
  throw s3Error('InvalidArgument', { message: `'${name}' in ${action} action must be nonnegative` });
}

/** The reference says 100 at most, but others have seen S3 take 500. */
function checkNewer({ NewerNoncurrentVersions }: XmlObject): void {
  if (integer(NewerNoncurrentVersions) > 0) return;
  throw s3Error('InvalidArgument', { message: "'NewerNoncurrentVersions' must be a positive integer" });
}

/** Milliseconds since 1970 of a date, in the form that the schema wants. */
function timeOf(value: XmlValue): number {
  const text = textOf(value)?.trim() ?? '';
  const time = Date.parse(/^\d{4}-\d\d-\d\d$/.test(text) ? text : text.replace(/(T[\d:.]+)$/, '$1Z'));
  demand(/^\d{4}-\d\d-\d\d(T|$)/.test(text), !Number.isNaN(time));
  return time;
}

function checkDate(value: XmlValue): void {
  const time = timeOf(value);
  if (time % (24 * 3600 * 1000) !== 0) {
    throw s3Error('InvalidArgument', { message: "'Date' must be at midnight GMT" });
  }
}
