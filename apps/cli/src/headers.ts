import { isStorageError } from '@s3kit/core';
import { UsageError } from 'clipanion';
import type { headerOptions } from './option-table.ts';
import type { Given } from './options.ts';
import { parseHeaders } from './s3-command.ts';

type HeaderGiven = Given<(typeof headerOptions)[number]>;

const plainHeaders = {
  'content-type': 'content-type',
  'cache-control': 'cache-control',
  'content-disposition': 'content-disposition',
  'content-encoding': 'content-encoding',
  'content-language': 'content-language',
  expires: 'expires',
  'website-redirect': 'x-amz-website-redirect-location',
  'storage-class': 'x-amz-storage-class',
  acl: 'x-amz-acl',
  sse: 'x-amz-server-side-encryption',
  'sse-kms-key-id': 'x-amz-server-side-encryption-aws-kms-key-id',
} as const;

/** The request headers that the options ask for. */
export function headersOf(given: HeaderGiven): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const [option, header] of Object.entries(plainHeaders)) {
    // The keys are those of the table.
    const value = given[option as keyof typeof plainHeaders];
    if (value !== undefined) headers[header] = value;
  }
  for (const [name, value] of pairsOf('--metadata', given.metadata))
    headers[`x-amz-meta-${name.toLowerCase()}`] = value;
  const tags = pairsOf('--tag', given.tag);
  if (tags.length > 0) headers['x-amz-tagging'] = new URLSearchParams([...tags]).toString();
  return { ...headers, ...grantHeaders(given.grant), ...parseHeaders(given.header) };
}

interface ConditionsGiven {
  readonly 'no-clobber': boolean;
  readonly 'if-match': string | undefined;
}

/** The conditions under which an object is written, by the options. */
export function conditionsOf({
  'no-clobber': keeps,
  'if-match': eTag,
}: ConditionsGiven): Readonly<Record<string, string>> {
  if (keeps && eTag !== undefined)
    throw new UsageError('--if-match replaces an object, and --no-clobber replaces none: give one of them');
  if (keeps) return { 'if-none-match': '*' };
  // S3 writes ETags in quotes, and people leave them out.
  return eTag === undefined ? {} : { 'if-match': /^"/.test(eTag) ? eTag : `"${eTag}"` };
}

/**
 * Whether an error says that `--no-clobber` has left an object, or a file, as it is; not where an answer was lost, and the object can be
 * ours.
 */
export function isKept(error: unknown, given: Pick<ConditionsGiven, 'no-clobber'>): boolean {
  if (!given['no-clobber'] || !isStorageError(error)) return false;
  return error.code === 'EEXIST' || (error.status === 412 && !error.mayBeDone);
}

// By the words of `aws s3`, and by S3's own.
const grantNames: Readonly<Record<string, string>> = {
  read: 'x-amz-grant-read',
  write: 'x-amz-grant-write',
  readacl: 'x-amz-grant-read-acp',
  'read-acp': 'x-amz-grant-read-acp',
  writeacl: 'x-amz-grant-write-acp',
  'write-acp': 'x-amz-grant-write-acp',
  full: 'x-amz-grant-full-control',
  'full-control': 'x-amz-grant-full-control',
};

/** The headers of rights such as `read=id=ID`: several with commas between them, as S3 takes them. */
export function grantHeaders(grants: readonly string[]): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const grant of grants) {
    const [, right = '', kind, whom] = /^([a-z-]+)=(id|uri|emailaddress)=([^",]+)$/i.exec(grant) ?? [];
    const header = grantNames[right.toLowerCase()];
    if (header === undefined || kind === undefined || whom === undefined)
      throw new UsageError(
        `--grant is a right (read, write, readacl, writeacl, full) and whose it is: read=id=ID, not ${JSON.stringify(grant)}`,
      );
    const before = headers[header];
    const one = `${kind === 'emailaddress' ? 'emailAddress' : kind}="${whom}"`;
    headers[header] = before === undefined ? one : `${before}, ${one}`;
  }
  return headers;
}

/** `NAME=VALUE`, also several with commas between them: a comma before another `NAME=` ends a value. */
export function pairsOf(option: string, texts: readonly string[]): readonly [string, string][] {
  return texts
    .flatMap((text) => text.split(/,(?=[^,=\s]+=)/))
    .map((pair) => {
      const equals = pair.indexOf('=');
      if (equals < 1) throw new UsageError(`${option} takes NAME=VALUE, not ${JSON.stringify(pair)}`);
      return [pair.slice(0, equals).trim(), pair.slice(equals + 1)];
    });
}
