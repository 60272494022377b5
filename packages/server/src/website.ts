import { isAllowed } from './authorize.ts';
import { type Context, findBucket } from './context.ts';
import { S3Error, s3Error } from './errors.ts';
import { keyRecord } from './object-versions.ts';
import { readObject } from './operations/object-read.ts';
import { readPermission } from './permissions.ts';
import { type BucketRecord, tables } from './records.ts';
import type { Reply } from './reply.ts';
import { escapeXml, listOf, objectOf, readDocument, textOf } from './xml-documents.ts';

/** Where a rule or a configuration sends a browser. */
interface Redirect {
  protocol?: string | undefined;
  hostName?: string | undefined;
  replaceKeyPrefixWith?: string | undefined;
  replaceKeyWith?: string | undefined;
  status: number;
}

interface RoutingRule {
  keyPrefix: string;
  errorCode: number | undefined;
  redirect: Redirect;
}

interface Website {
  redirectAll: Redirect | undefined;
  suffix: string;
  errorKey: string | undefined;
  rules: readonly RoutingRule[];
}

/**
 * The bucket whose website a Host header names: `bucket.s3-website.localhost`, or with `s3-website-REGION` or
 * `s3-website.REGION`.
 */
export function websiteBucket(host: string, hostNames: readonly string[]): string | undefined {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  for (const hostName of hostNames) {
    if (!name.endsWith(`.${hostName}`)) continue;
    const [, bucket] =
      /^(.+)\.s3-website(?:[-.][a-z0-9-]+)?$/.exec(name.slice(0, -hostName.length - 1)) ?? [];
    if (bucket !== undefined) return bucket;
  }
  return undefined;
}

/**
 * Answers as a website does: index documents, redirects, and errors as HTML.
 *
 * @param context - a request of an anonymous caller
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteHosting.html}
 */
export async function serveWebsite(context: Context): Promise<Reply> {
  try {
    const bucket = findBucket(context.store.index, context.bucket);
    if (!bucket) throw s3Error('NoSuchBucket', { members: { BucketName: context.bucket } });
    const website = websiteOf(context, bucket);
    if (context.method !== 'GET' && context.method !== 'HEAD') throw s3Error('MethodNotAllowed');
    return await serve(context, bucket, website);
  } catch (error) {
    return errorPage(error instanceof S3Error ? error : s3Error('InternalError'));
  }
}

async function serve(context: Context, bucket: BucketRecord, website: Website): Promise<Reply> {
  const { key } = context;
  if (website.redirectAll) return redirected(context, website.redirectAll, '');
  const early = website.rules.find((rule) => rule.errorCode === undefined && key.startsWith(rule.keyPrefix));
  if (early) return redirected(context, early.redirect, early.keyPrefix);
  const isFolder = key === '' || key.endsWith('/');
  try {
    return await readPage(context, bucket, isFolder ? `${key}${website.suffix}` : key);
  } catch (error) {
    if (!(error instanceof S3Error) || error.status < 400) throw error;
    const index = `${key}/${website.suffix}`;
    // Whoever may not list the bucket is not told that a key is missing, but is led to the folder all the same.
    if (!isFolder && !exists(context, bucket, key) && isReadable(context, bucket, index)) {
      return { status: 302, headers: { location: `/${encodeURI(key)}/` } };
    }
    const late = website.rules.find(
      (rule) => rule.errorCode === error.status && key.startsWith(rule.keyPrefix),
    );
    if (late) return redirected(context, late.redirect, late.keyPrefix);
    if (website.errorKey === undefined) throw error;
    const page = await readPage({ ...context, headers: {} }, bucket, website.errorKey).catch(() => undefined);
    if (!page) throw error;
    return { ...page, status: error.status };
  }
}

/** An object as a page; where it says so, a redirect. */
async function readPage(context: Context, bucket: BucketRecord, key: string): Promise<Reply> {
  if (!isAllowed(context, readPermission, { bucket, key })) throw s3Error('AccessDenied');
  const reply = await readObject({ ...context, key, query: new Map() });
  const { 'x-amz-website-redirect-location': location, ...headers } = reply.headers ?? {};
  if (location === undefined) return reply;
  if (typeof reply.body === 'object') await reply.body.release();
  return { status: 301, headers: { location, 'x-amz-version-id': headers['x-amz-version-id'] ?? 'null' } };
}

function exists({ store }: Context, bucket: BucketRecord, key: string): boolean {
  const record = keyRecord(store.index, bucket.id, key);
  return record !== undefined && !record.current.deleteMarker;
}

function isReadable(context: Context, bucket: BucketRecord, key: string): boolean {
  return exists(context, bucket, key) && isAllowed(context, readPermission, { bucket, key });
}

function redirected({ key, headers }: Context, redirect: Redirect, prefix: string): Reply {
  const { protocol = 'http', hostName = headers['host'] ?? '', status } = redirect;
  const next =
    redirect.replaceKeyWith ??
    (redirect.replaceKeyPrefixWith === undefined
      ? key
      : redirect.replaceKeyPrefixWith + key.slice(prefix.length));
  return { status, headers: { location: `${protocol}://${hostName}/${encodeURI(next)}` } };
}

function websiteOf({ store }: Context, bucket: BucketRecord): Website {
  // Cast: only this server writes the index.
  const text = store.index.get(tables.configuration(bucket.id, 'website')) as string | undefined;
  if (text === undefined) {
    throw s3Error('NoSuchWebsiteConfiguration', { members: { BucketName: bucket.name } });
  }
  const root = readDocument(text, 'WebsiteConfiguration', ['RoutingRules/RoutingRule']);
  const all = root['RedirectAllRequestsTo'];
  return {
    redirectAll: all === undefined ? undefined : redirectOf(all),
    suffix: textOf(objectOf(root['IndexDocument'])['Suffix']) ?? '',
    errorKey: textOf(objectOf(root['ErrorDocument'])['Key']),
    rules: listOf(objectOf(root['RoutingRules'])['RoutingRule'])
      .map(objectOf)
      .map((rule) => {
        const { KeyPrefixEquals, HttpErrorCodeReturnedEquals } = objectOf(rule['Condition']);
        const code = textOf(HttpErrorCodeReturnedEquals);
        return {
          keyPrefix: textOf(KeyPrefixEquals) ?? '',
          errorCode: code === undefined ? undefined : Number(code),
          redirect: redirectOf(rule['Redirect']),
        };
      }),
  };
}

function redirectOf(value: Parameters<typeof objectOf>[0]): Redirect {
  const redirect = objectOf(value);
  return {
    protocol: textOf(redirect['Protocol']),
    hostName: textOf(redirect['HostName']),
    replaceKeyPrefixWith: textOf(redirect['ReplaceKeyPrefixWith']),
    replaceKeyWith: textOf(redirect['ReplaceKeyWith']),
    status: Number(textOf(redirect['HttpRedirectCode']) ?? 301),
  };
}

function errorPage({ status, code, message, members }: S3Error): Reply {
  const title = `${status} ${code}`;
  const items = Object.entries({ Code: code, Message: message, ...members })
    .map(([name, value]) => `<li>${name}: ${escapeXml(value ?? '')}</li>\n`)
    .join('');
  return {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8', 'x-amz-error-code': code },
    body: `<html>\n<head><title>${title}</title></head>\n<body>\n<h1>${title}</h1>\n<ul>\n${items}</ul>\n</body>\n</html>\n`,
  };
}
