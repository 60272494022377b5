import type { XmlObject } from '@s3kit/xml';
import { demand, has, isOneOf, malformed } from './document-checks.ts';
import { s3Error } from './errors.ts';
import type { BucketRecord } from './records.ts';
import { listOf, objectOf, readDocument, textOf } from './xml-documents.ts';

/** @throws {S3Error} the document is none that S3 takes */
export function checkLogging(text: string): void {
  const { LoggingEnabled } = readDocument(text, 'BucketLoggingStatus');
  if (LoggingEnabled !== undefined) demand(has(objectOf(LoggingEnabled), 'TargetBucket', 'TargetPrefix'));
}

/** The bucket that a logging configuration names, if any. */
export function loggingTarget(text: string): string | undefined {
  return textOf(objectOf(readDocument(text, 'BucketLoggingStatus')['LoggingEnabled'])['TargetBucket']);
}

/** Whether a RequestPaymentConfiguration has the requester pay. */
export function requesterPays(text: string): boolean {
  const { Payer } = readDocument(text, 'RequestPaymentConfiguration');
  demand(isOneOf(Payer, 'Requester', 'BucketOwner'));
  return isOneOf(Payer, 'Requester');
}

/** What a VersioningConfiguration asks for. */
export function versioningStatus(text: string, { objectLock }: BucketRecord): 'Enabled' | 'Suspended' {
  const { Status, MfaDelete } = readDocument(text, 'VersioningConfiguration');
  if (isOneOf(MfaDelete, 'Enabled')) throw s3Error('NotImplemented', { members: { Header: 'MfaDelete' } });
  if (Status === undefined) throw s3Error('IllegalVersioningConfigurationException');
  demand(isOneOf(Status, 'Enabled', 'Suspended'));
  if (isOneOf(Status, 'Enabled')) return 'Enabled';
  if (objectLock) {
    throw s3Error('InvalidBucketState', {
      message:
        'An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.',
    });
  }
  return 'Suspended';
}

/** @throws {S3Error} the document is none that S3 takes */
export function checkWebsite(text: string): void {
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
    for (const rule of listOf(objectOf(RoutingRules)['RoutingRule']).map(objectOf)) checkRoutingRule(rule);
  }
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-to-page-redirect.html#advanced-conditional-redirects} */
function checkRoutingRule(rule: XmlObject): void {
  demand(has(rule, 'Redirect'));
  const redirect = textOf(objectOf(rule['Redirect'])['HttpRedirectCode'])?.trim() ?? '301';
  const error = textOf(objectOf(rule['Condition'])['HttpErrorCodeReturnedEquals'])?.trim() ?? '404';
  if (!/^3(?!00)\d\d$/.test(redirect)) {
    throw s3Error('InvalidRequest', {
      message: `The provided HTTP redirect code (${redirect}) is not valid. Valid codes are 3XX except 300.`,
    });
  }
  if (!/^[45]\d\d$/.test(error)) {
    throw s3Error('InvalidRequest', {
      message: `The provided HTTP error code (${error}) is not valid. Valid codes are 4XX or 5XX.`,
    });
  }
}
