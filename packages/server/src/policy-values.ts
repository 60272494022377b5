import { anonymous, arnOf, ownerOf } from './callers.ts';
import type { Context } from './context.ts';
import type { ObjectVersion } from './records.ts';
import { decode } from './request-target.ts';
import { tagsFromHeader } from './tags.ts';

type Value = string | readonly string[] | undefined;

/** Condition keys of one request, in lower case. */
const keys: Readonly<Record<string, (context: Context) => Value>> = {
  'aws:sourceip': ({ remoteAddress }) => remoteAddress,
  'aws:securetransport': () => 'false',
  'aws:currenttime': ({ now }) => now().toISOString(),
  'aws:epochtime': ({ now }) => String(Math.floor(now().getTime() / 1000)),
  'aws:referer': ({ headers }) => headers['referer'],
  'aws:useragent': ({ headers }) => headers['user-agent'],
  'aws:userid': ({ caller }) => (caller === anonymous ? undefined : ownerOf(caller).ID),
  'aws:username': ({ caller }) => (caller === anonymous ? undefined : caller),
  'aws:principaltype': ({ caller }) => (caller === anonymous ? 'Anonymous' : 'User'),
  'aws:principalaccount': ({ caller, accountOf }) => (caller === anonymous ? undefined : accountOf(caller)),
  'aws:principalarn': ({ caller, accountOf }) =>
    caller === anonymous ? undefined : arnOf(caller, accountOf(caller)),
  's3:prefix': ({ query }) => query.get('prefix'),
  's3:delimiter': ({ query }) => query.get('delimiter'),
  's3:max-keys': ({ query }) => query.get('max-keys'),
  's3:versionid': ({ query }) => query.get('versionId'),
  's3:signatureversion': ({ caller }) => (caller === anonymous ? undefined : 'AWS4-HMAC-SHA256'),
  's3:authtype': ({ caller, query }) =>
    caller === anonymous ? undefined : query.has('X-Amz-Signature') ? 'REST-QUERY-STRING' : 'REST-HEADER',
  's3:requestobjecttagkeys': ({ headers }) => Object.keys(tagsFromHeader(headers['x-amz-tagging'])),
  's3:object-lock-mode': ({ headers }) => headers['x-amz-object-lock-mode'],
  's3:object-lock-retain-until-date': ({ headers }) => headers['x-amz-object-lock-retain-until-date'],
  's3:object-lock-legal-hold': ({ headers }) => headers['x-amz-object-lock-legal-hold'],
  's3:if-match': ({ headers }) => headers['if-match'],
  's3:if-none-match': ({ headers }) => headers['if-none-match'],
  's3express:sessionmode': ({ session }) => session?.mode ?? 'ReadWrite',
  's3:x-amz-copy-source': ({ headers }) => {
    const source = headers['x-amz-copy-source'];
    return source === undefined ? undefined : decode(source.replace(/^\//, ''));
  },
};

/**
 * The values that a request has for a condition key.
 *
 * @see {@link https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html#amazons3-policy-keys}
 */
export function policyValue(
  context: Context,
  name: string,
  version: ObjectVersion | undefined,
): readonly string[] | undefined {
  const value = lookUp(context, name, version);
  return typeof value === 'string' ? [value] : value;
}

function lookUp(context: Context, name: string, version: ObjectVersion | undefined): Value {
  if (Object.hasOwn(keys, name)) return keys[name]?.(context);
  const [, kind, tag = ''] = /^s3:(existingobjecttag|requestobjecttag)\/(.+)$/.exec(name) ?? [];
  if (kind === 'existingobjecttag') return tagOf(version?.tags ?? {}, tag);
  if (kind === 'requestobjecttag') return tagOf(tagsFromHeader(context.headers['x-amz-tagging']), tag);
  // S3 names these keys after the headers that they compare.
  return name.startsWith('s3:x-amz-') ? context.headers[name.slice('s3:'.length)] : undefined;
}

/** Condition keys have no case, so the tag's name has none here either. */
function tagOf(tags: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.entries(tags).find(([key]) => key.toLowerCase() === name)?.[1];
}
