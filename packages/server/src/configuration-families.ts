import type { XmlObject, XmlValue } from '@s3kit/xml';
import { checkAclDocument, defaultAcl } from './acl.ts';
import type { ErrorCode } from './errors.ts';
import { s3Error } from './errors.ts';
import type { BucketRecord } from './records.ts';
import { tagsFromDocument } from './tags.ts';
import { document, listOf, objectOf, readDocument, s3Namespace, textOf } from './xml-documents.ts';

/** One kind of bucket configuration: what may be set, and what is told when nothing was. */
export interface ConfigurationFamily {
  /** Throws what S3 refuses. */
  check: (text: string) => void;
  /** The error that means 'none set', or the document that stands for it. */
  none: ErrorCode | ((bucket: BucketRecord) => string);
  deletable?: true;
  /** Status of a successful PUT. @default 200 */
  putStatus?: 200 | 204;
  /** @default 'application/xml' */
  contentType?: 'application/json';
}

const malformed = (): Error => s3Error('MalformedXML');

/** Refuses unless all hold. */
function demand(...conditions: readonly boolean[]): void {
  if (conditions.includes(false)) throw malformed();
}

function has(value: XmlObject, ...names: readonly string[]): boolean {
  return names.every((name) => value[name] !== undefined);
}

function isOneOf(value: XmlValue, ...allowed: readonly string[]): boolean {
  return allowed.includes(textOf(value)?.trim() ?? '');
}

function checkCors(text: string): void {
  const { CORSRule } = readDocument(text, 'CORSConfiguration', [
    'CORSConfiguration/CORSRule',
    'CORSRule/AllowedOrigin',
    'CORSRule/AllowedMethod',
  ]);
  const rules = listOf(CORSRule);
  demand(rules.length >= 1, rules.length <= 100);
  for (const rule of rules.map(objectOf)) {
    const methods = listOf(rule['AllowedMethod']);
    demand(listOf(rule['AllowedOrigin']).length >= 1, methods.length >= 1);
    for (const method of methods) {
      if (isOneOf(method, 'GET', 'PUT', 'POST', 'DELETE', 'HEAD')) continue;
      throw s3Error('InvalidRequest', {
        message: `Found unsupported HTTP method in CORS config. Unsupported method is ${textOf(method) ?? ''}`,
      });
    }
  }
}

function checkLifecycle(text: string): void {
  const actions = [
    'Expiration',
    'Transition',
    'NoncurrentVersionExpiration',
    'NoncurrentVersionTransition',
    'AbortIncompleteMultipartUpload',
  ];
  const { Rule } = readDocument(text, 'LifecycleConfiguration', [
    'LifecycleConfiguration/Rule',
    'Rule/Transition',
    'Rule/NoncurrentVersionTransition',
  ]);
  const rules = listOf(Rule).map(objectOf);
  demand(rules.length >= 1, rules.length <= 1000);
  for (const rule of rules) {
    demand(
      isOneOf(rule['Status'], 'Enabled', 'Disabled'),
      // The older form has the prefix in the rule, the newer one a filter; never both.
      has(rule, 'Filter') !== has(rule, 'Prefix'),
    );
    if (
      !actions.some(
        (action) =>
          listOf(rule[action]).length > 0 ||
          textOf(rule[action]) !== undefined ||
          Object.keys(objectOf(rule[action])).length > 0,
      )
    ) {
      throw s3Error('InvalidRequest', { message: 'At least one action needs to be specified in a rule' });
    }
  }
  const ids = rules.flatMap((rule) => textOf(rule['ID']) ?? []);
  if (new Set(ids).size < ids.length) {
    throw s3Error('InvalidArgument', {
      message: 'Rule ID must be unique. Found same ID for more than one rule',
    });
  }
}

function checkLogging(text: string): void {
  const { LoggingEnabled } = readDocument(text, 'BucketLoggingStatus');
  if (LoggingEnabled !== undefined) demand(has(objectOf(LoggingEnabled), 'TargetBucket', 'TargetPrefix'));
}

/** The bucket that a logging configuration names, if any. */
export function loggingTarget(text: string): string | undefined {
  return textOf(objectOf(readDocument(text, 'BucketLoggingStatus')['LoggingEnabled'])['TargetBucket']);
}

function checkNotification(text: string): void {
  const targets: Readonly<Record<string, string>> = {
    TopicConfiguration: 'Topic',
    QueueConfiguration: 'Queue',
    CloudFunctionConfiguration: 'CloudFunction',
  };
  const tags = Object.keys(targets);
  const root = readDocument(text, 'NotificationConfiguration', [
    ...tags.map((tag) => `NotificationConfiguration/${tag}`),
    ...tags.map((tag) => `${tag}/Event`),
  ]);
  demand(Object.keys(root).every((tag) => tags.includes(tag) || tag === 'EventBridgeConfiguration'));
  for (const [tag, target] of Object.entries(targets)) {
    for (const configuration of listOf(root[tag]).map(objectOf)) {
      demand(textOf(configuration[target]) !== undefined, listOf(configuration['Event']).length >= 1);
    }
  }
}

function checkPolicy(text: string): void {
  const refuse = (message?: string): never => {
    throw s3Error('MalformedPolicy', message === undefined ? {} : { message });
  };
  let policy: unknown;
  try {
    policy = text.startsWith('{') ? JSON.parse(text) : refuse();
  } catch {
    refuse();
  }
  const { Statement } = policy as Record<string, unknown>;
  const statements: unknown[] = Array.isArray(Statement) ? Statement : [Statement];
  if (statements.length === 0) refuse('Could not parse the policy: Statement is empty!');
  for (const statement of statements) {
    if (typeof statement !== 'object' || statement === null) refuse('Missing required field Statement');
    const fields = Object.keys(statement as object);
    const { Effect } = statement as Record<string, unknown>;
    if (Effect !== 'Allow' && Effect !== 'Deny') refuse('Invalid effect');
    for (const field of ['Principal', 'Action', 'Resource']) {
      if (!fields.includes(field) && !fields.includes(`Not${field}`))
        refuse(`Missing required field ${field}`);
    }
  }
}

function checkRequestPayment(text: string): void {
  const { Payer } = readDocument(text, 'RequestPaymentConfiguration');
  demand(isOneOf(Payer, 'Requester', 'BucketOwner'));
}

/** What a VersioningConfiguration asks for. */
export function versioningStatus(text: string): 'Enabled' | 'Suspended' {
  const { Status, MfaDelete } = readDocument(text, 'VersioningConfiguration');
  if (isOneOf(MfaDelete, 'Enabled')) throw s3Error('NotImplemented', { members: { Header: 'MfaDelete' } });
  if (Status === undefined) throw s3Error('IllegalVersioningConfigurationException');
  demand(isOneOf(Status, 'Enabled', 'Suspended'));
  return isOneOf(Status, 'Enabled') ? 'Enabled' : 'Suspended';
}

function checkWebsite(text: string): void {
  const root = readDocument(text, 'WebsiteConfiguration', ['RoutingRules/RoutingRule']);
  const { IndexDocument, RedirectAllRequestsTo, RoutingRules } = root;
  if (RedirectAllRequestsTo !== undefined) {
    demand(
      textOf(objectOf(RedirectAllRequestsTo)['HostName']) !== undefined,
      !has(root, 'IndexDocument') && !has(root, 'ErrorDocument') && !has(root, 'RoutingRules'),
    );
    return;
  }
  const suffix = textOf(objectOf(IndexDocument)['Suffix']);
  if (suffix === undefined) throw malformed();
  if (suffix === '' || suffix.includes('/')) {
    throw s3Error('InvalidArgument', { message: 'The IndexDocument Suffix is not well formed' });
  }
  if (RoutingRules !== undefined) {
    demand(listOf(objectOf(RoutingRules)['RoutingRule']).every((rule) => has(objectOf(rule), 'Redirect')));
  }
}

/** An empty document of a root. */
function empty(root: string): () => string {
  return () => document({ [`${root} ${s3Namespace}`]: '' });
}

/** The families by subresource. A new one is one more line. */
export const configurationFamilies: Readonly<Record<string, ConfigurationFamily>> = {
  acl: { check: checkAclDocument, none: (bucket) => defaultAcl(bucket.owner) },
  cors: { check: checkCors, none: 'NoSuchCORSConfiguration', deletable: true },
  lifecycle: { check: checkLifecycle, none: 'NoSuchLifecycleConfiguration', deletable: true },
  logging: { check: checkLogging, none: empty('BucketLoggingStatus') },
  notification: { check: checkNotification, none: empty('NotificationConfiguration') },
  policy: {
    check: checkPolicy,
    none: 'NoSuchBucketPolicy',
    deletable: true,
    putStatus: 204,
    contentType: 'application/json',
  },
  requestPayment: {
    check: checkRequestPayment,
    none: () => document({ [`RequestPaymentConfiguration ${s3Namespace}`]: { Payer: 'BucketOwner' } }),
  },
  tagging: {
    check: (text) => void tagsFromDocument(text, 50),
    none: 'NoSuchTagSet',
    deletable: true,
    putStatus: 204,
  },
  versioning: { check: (text) => void versioningStatus(text), none: empty('VersioningConfiguration') },
  website: { check: checkWebsite, none: 'NoSuchWebsiteConfiguration', deletable: true },
};
