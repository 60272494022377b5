import { findBucket, type Headers, noSuchBucket } from './context.ts';
import { s3Error } from './errors.ts';
import { tables } from './records.ts';
import type { Reply } from './reply.ts';
import type { Store } from './store.ts';
import { matchesPattern } from './wildcards.ts';
import { listOf, objectOf, readDocument, textOf } from './xml-documents.ts';

/** One rule of a CORS configuration. */
interface CorsRule {
  origins: readonly string[];
  methods: readonly string[];
  headers: readonly string[];
  exposed: readonly string[];
  maximumAge: string | undefined;
}

function rulesOf(store: Store, bucketName: string): CorsRule[] | undefined {
  const bucket = findBucket(store.index, bucketName);
  if (!bucket) throw noSuchBucket(bucketName);
  // Cast: only this server writes the index.
  const text = store.index.get(tables.configuration(bucket.id, 'cors')) as string | undefined;
  if (text === undefined) return undefined;
  const lists = ['AllowedOrigin', 'AllowedMethod', 'AllowedHeader', 'ExposeHeader'];
  const root = readDocument(text, 'CORSConfiguration', [
    'CORSConfiguration/CORSRule',
    ...lists.map((name) => `CORSRule/${name}`),
  ]);
  return listOf(root['CORSRule'])
    .map(objectOf)
    .map((rule) => {
      const [origins = [], methods = [], headers = [], exposed = []] = lists.map((name) =>
        listOf(rule[name]).flatMap((item) => textOf(item)?.trim() ?? []),
      );
      return { origins, methods, headers, exposed, maximumAge: textOf(rule['MaxAgeSeconds'])?.trim() };
    });
}

function allows(
  { origins, methods, headers }: CorsRule,
  origin: string,
  method: string,
  asked: readonly string[],
): boolean {
  return (
    origins.some((pattern) => matchesPattern(origin, pattern)) &&
    methods.includes(method) &&
    asked.every((name) => headers.some((pattern) => matchesPattern(name, pattern.toLowerCase())))
  );
}

function answerHeaders(rule: CorsRule, origin: string): Record<string, string> {
  const everybody = rule.origins.includes('*');
  const headers: Record<string, string> = {
    'access-control-allow-origin': everybody ? '*' : origin,
    'access-control-allow-methods': rule.methods.join(', '),
    vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
  };
  if (!everybody) headers['access-control-allow-credentials'] = 'true';
  if (rule.exposed.length > 0) headers['access-control-expose-headers'] = rule.exposed.join(', ');
  if (rule.maximumAge !== undefined) headers['access-control-max-age'] = rule.maximumAge;
  return headers;
}

/**
 * The headers that let a browser's script see an answer; none where no rule is for it.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html}
 */
export function corsHeaders(
  store: Store,
  bucketName: string,
  origin: string,
  method: string,
): Record<string, string> {
  if (!findBucket(store.index, bucketName)) return {};
  const rule = rulesOf(store, bucketName)?.find((candidate) => allows(candidate, origin, method, []));
  return rule ? answerHeaders(rule, origin) : {};
}

/**
 * Answers what a browser asks before it sends a request.
 *
 * @throws {S3Error} `AccessForbidden`, `BadRequest`, `NoSuchBucket`
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/RESTOPTIONSobject.html}
 */
export function preflight(store: Store, bucketName: string, headers: Headers): Reply {
  const { origin, 'access-control-request-method': method } = headers;
  if (origin === undefined || method === undefined) {
    throw s3Error('BadRequest', {
      message: 'Insufficient information. Origin request header needed.',
    });
  }
  const asked = (headers['access-control-request-headers'] ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  const members = { Method: method, ResourceType: 'OBJECT' };
  const rules = rulesOf(store, bucketName);
  if (!rules) {
    throw s3Error('AccessForbidden', {
      message: 'CORSResponse: CORS is not enabled for this bucket.',
      members,
    });
  }
  const rule = rules.find((candidate) => allows(candidate, origin, method, asked));
  if (!rule) {
    throw s3Error('AccessForbidden', {
      message:
        "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.",
      members,
    });
  }
  return {
    status: 200,
    headers: {
      ...answerHeaders(rule, origin),
      ...(asked.length > 0 ? { 'access-control-allow-headers': asked.join(', ') } : {}),
    },
  };
}
