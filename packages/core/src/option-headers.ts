import { toBase64 } from '@s3kit/checksums';
import { encodeQuery } from '@s3kit/sigv4';
import { invalidArgument } from './errors.ts';
import type { RequestHeaders } from './headers.ts';
import { amzMetadataPrefix } from './limits.ts';
import type { HeaderOptions, ObjectReadOptions, ServerSideEncryption } from './option-types.ts';
import { checkedHeaders } from './plain-headers.ts';
import { type QueryParameters, queryPairs } from './query.ts';

const headerNames = {
  contentType: 'content-type',
  cacheControl: 'cache-control',
  contentDisposition: 'content-disposition',
  contentEncoding: 'content-encoding',
  contentLanguage: 'content-language',
  expires: 'expires',
  storageClass: 'x-amz-storage-class',
  acl: 'x-amz-acl',
  ifMatch: 'if-match',
  ifNoneMatch: 'if-none-match',
  ifModifiedSince: 'if-modified-since',
  ifUnmodifiedSince: 'if-unmodified-since',
  requestPayer: 'x-amz-request-payer',
  expectedBucketOwner: 'x-amz-expected-bucket-owner',
  websiteRedirect: 'x-amz-website-redirect-location',
  bypassGovernance: 'x-amz-bypass-governance-retention',
  mfa: 'x-amz-mfa',
  sourceIfMatch: 'x-amz-copy-source-if-match',
  sourceIfNoneMatch: 'x-amz-copy-source-if-none-match',
  sourceIfModifiedSince: 'x-amz-copy-source-if-modified-since',
  sourceIfUnmodifiedSince: 'x-amz-copy-source-if-unmodified-since',
  sourceExpectedBucketOwner: 'x-amz-source-expected-bucket-owner',
} as const satisfies Partial<Record<keyof HeaderOptions, string>>;

/**
 * What `headersOf` gives, which is loaded where there is a customer's key.
 *
 * @throws {TypeError} what `headersOf` throws
 */
export async function headersFor(options: HeaderOptions): Promise<RequestHeaders> {
  const { encryption = {}, sourceEncryption } = options;
  return 'customerKey' in encryption || sourceEncryption !== undefined
    ? (await import('./object-options.ts')).headersOf(options)
    : { ...optionHeaders(options), ...(await checkedHeaders(options.headers)) };
}

/** The headers that options stand for but for customers' keys, and for headers by their own names. */
export function optionHeaders(options: HeaderOptions): RequestHeaders {
  const headers: Record<string, RequestHeaders[string]> = {};
  // Mostly there are none, or few.
  for (const option of Object.keys(options)) {
    if (!isHeaderOption(option)) continue;
    const value = options[option];
    if (value !== undefined)
      headers[headerNames[option]] = value instanceof Date ? httpDate(value, option) : value;
  }
  for (const [name, value] of Object.entries(options.metadata ?? {})) {
    const lower = name.toLowerCase();
    headers[lower.startsWith(amzMetadataPrefix) ? lower : `${amzMetadataPrefix}${lower}`] = value;
  }
  if (options.tags !== undefined) headers['x-amz-tagging'] = encodeQuery(Object.entries(options.tags));
  const { mode, retainUntil, legalHold } = options.objectLock ?? {};
  if (mode !== undefined) headers['x-amz-object-lock-mode'] = mode;
  if (retainUntil !== undefined) {
    httpDate(retainUntil, 'objectLock.retainUntil');
    headers['x-amz-object-lock-retain-until-date'] = retainUntil.toISOString();
  }
  if (legalHold !== undefined) headers['x-amz-object-lock-legal-hold'] = legalHold ? 'ON' : 'OFF';
  return {
    ...headers,
    ...encryptionHeaders(options.encryption),
  };
}

function isHeaderOption(option: string): option is keyof typeof headerNames {
  return Object.hasOwn(headerNames, option);
}

/** The parameters of a request about an object, or about one of its versions. */
export function paramsOf({
  params = {},
  versionId,
}: Pick<ObjectReadOptions, 'params' | 'versionId'>): QueryParameters {
  return { ...(versionId === undefined ? {} : { versionId }), ...Object.fromEntries(queryPairs(params)) };
}

function httpDate(date: Date, option: string): string {
  if (!(date instanceof Date) || Number.isNaN(date.getTime()))
    throw invalidArgument(`${option} is no valid date`);
  return date.toUTCString();
}

function encryptionHeaders(encryption: HeaderOptions['encryption']): RequestHeaders {
  if (encryption === undefined || 'customerKey' in encryption) return {};
  const { type, keyId, context, bucketKey }: ServerSideEncryption = encryption;
  const name = 'x-amz-server-side-encryption';
  return {
    [name]: type,
    [`${name}-aws-kms-key-id`]: keyId,
    [`${name}-context`]:
      context === undefined ? undefined : toBase64(new TextEncoder().encode(JSON.stringify(context))),
    [`${name}-bucket-key-enabled`]: bucketKey,
  };
}
