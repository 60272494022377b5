import type { Headers } from './context.ts';
import { s3Error } from './errors.ts';
import type { ObjectVersion } from './records.ts';

/** What conditional headers come to: go on, or the condition that did not hold and the status for it. */
export type ConditionResult = { status: 200 } | { status: 304 | 412; condition: string };

/**
 * Decides the conditions of a read. An ETag condition outweighs a date condition of the same direction.
 *
 * @param prefix - `x-amz-copy-source-` for the conditions on a copy's source
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-reads.html}
 */
export function readConditions(headers: Headers, version: ObjectVersion, prefix = ''): ConditionResult {
  const match = headers[`${prefix}if-match`];
  const noneMatch = headers[`${prefix}if-none-match`];
  const unmodifiedSince = httpDate(headers[`${prefix}if-unmodified-since`]);
  const modifiedSince = httpDate(headers[`${prefix}if-modified-since`]);
  // HTTP dates have no fractions of a second.
  const modified = Math.floor(version.modifiedAt / 1000) * 1000;

  if (match !== undefined) {
    if (!matches(match, version.etag)) return { status: 412, condition: `${prefix}If-Match` };
  } else if (unmodifiedSince !== undefined && modified > unmodifiedSince) {
    return { status: 412, condition: `${prefix}If-Unmodified-Since` };
  }
  if (noneMatch !== undefined) {
    if (matches(noneMatch, version.etag)) return { status: 304, condition: `${prefix}If-None-Match` };
  } else if (modifiedSince !== undefined && modified <= modifiedSince) {
    return { status: 304, condition: `${prefix}If-Modified-Since` };
  }
  return { status: 200 };
}

/**
 * Whether a Range is to be obeyed: a part of another object than the one that If-Range names must not be put to what the client
 * has of that one. A weak ETag, and a date that is not the object's own to the letter, name no object.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-13.1.5}
 */
export function ifRangeHolds(headers: Headers, version: ObjectVersion): boolean {
  const validator = headers['if-range'];
  return (
    validator === undefined ||
    validator === `"${version.etag}"` ||
    validator === new Date(version.modifiedAt).toUTCString()
  );
}

/**
 * Checks the conditions of a write against the key as it is, inside the transaction that writes.
 *
 * @throws {S3Error} `PreconditionFailed`, `NoSuchKey`, `NotImplemented`
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html}
 */
export function checkWriteConditions(
  headers: Headers,
  key: string,
  current: ObjectVersion | undefined,
): void {
  const exists = current !== undefined && !current.deleteMarker;
  const noneMatch = headers['if-none-match'];
  if (noneMatch !== undefined) {
    if (noneMatch !== '*') throw s3Error('NotImplemented', { members: { Header: 'If-None-Match' } });
    if (exists) throw s3Error('PreconditionFailed', { members: { Condition: 'If-None-Match' } });
  }
  const match = headers['if-match'];
  if (match === undefined) return;
  if (!exists) throw s3Error('NoSuchKey', { members: { Key: key } });
  if (!matches(match, current.etag)) {
    throw s3Error('PreconditionFailed', { members: { Condition: 'If-Match' } });
  }
}

/**
 * Checks the conditions of a rename, inside the transaction that renames.
 *
 * @param destination - what is there already
 * @throws {S3Error} `PreconditionFailed`, `NotImplemented`
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_RenameObject.html}
 */
export function checkRenameConditions(
  headers: Headers,
  source: ObjectVersion,
  destination: ObjectVersion | undefined,
): void {
  const prefix = 'x-amz-rename-source-';
  const noneMatch = headers['if-none-match'];
  if (noneMatch !== undefined && noneMatch !== '*')
    throw s3Error('NotImplemented', { members: { Header: 'If-None-Match' } });
  const results = [readConditions(headers, source, prefix)];
  if (destination) results.push(readConditions(headers, destination));
  else {
    // What is not there has no ETag, and was modified at no time.
    const unmet = ['If-Match', 'If-Modified-Since'].find((name) => headers[name.toLowerCase()] !== undefined);
    if (unmet !== undefined) results.push({ status: 412, condition: unmet });
  }
  for (const result of results) {
    // S3 tells a condition of the source by the same name as one of the destination.
    if (result.status !== 200)
      throw s3Error('PreconditionFailed', { members: { Condition: result.condition.replace(prefix, '') } });
  }
}

/** Whether a list of ETags, quoted or not, or `*`, names this one. */
function matches(list: string, etag: string): boolean {
  return list.split(',').some((item) => {
    const text = item.trim();
    return text === '*' || text.replace(/^W\//, '').replace(/^"(.*)"$/, '$1') === etag;
  });
}

function httpDate(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}
