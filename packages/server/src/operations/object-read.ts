import { checksumHeaders } from '../checksums.ts';
import { ifRangeHolds, readConditions } from '../conditions.ts';
import { type Context, requestBucket } from '../context.ts';
import { checkCustomerKey } from '../customer-key.ts';
import { invalidArgument, s3Error } from '../errors.ts';
import { findVersion, versionHeader } from '../find-version.ts';
import { headerValue } from '../header-value.ts';
import { expirationHeader } from '../lifecycle-headers.ts';
import { checkNotArchived, restoreHeader } from '../object-attributes.ts';
import { lockHeaders } from '../object-lock.ts';
import { bodyParts } from '../object-versions.ts';
import { pick } from '../pick.ts';
import { type ByteRange, byteRange } from '../ranges.ts';
import type { BodyPart, ObjectVersion } from '../records.ts';
import type { Reply } from '../reply.ts';
import type { Routes } from '../router.ts';

/** Query parameters that replace a header of the answer. */
const overrides: Readonly<Record<string, string>> = {
  'response-cache-control': 'cache-control',
  'response-content-disposition': 'content-disposition',
  'response-content-encoding': 'content-encoding',
  'response-content-language': 'content-language',
  'response-content-type': 'content-type',
  'response-expires': 'expires',
};

/**
 * GET and HEAD.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html}
 */
export async function readObject(context: Context): Promise<Reply> {
  const { query, headers: asked } = context;
  const bucket = requestBucket(context);
  const version = findVersion(context, bucket);
  checkCustomerKey(asked, version);
  const now = context.now().getTime();
  if (context.method === 'GET') checkNotArchived(version, now);
  const headers: Record<string, string> = {
    'last-modified': new Date(version.modifiedAt).toUTCString(),
    etag: `"${version.etag}"`,
    ...versionHeader(bucket, version),
    ...pick(version.headers, ['cache-control', 'expires']),
  };
  const result = readConditions(asked, version);
  if (result.status === 304) return { status: 304, headers };
  if (result.status === 412) {
    throw s3Error('PreconditionFailed', { members: { Condition: result.condition } });
  }

  const partNumber = query.get('partNumber');
  if (partNumber !== undefined && asked['range'] !== undefined) {
    throw s3Error('InvalidRequest', {
      message: 'Cannot specify both Range header and partNumber query parameter',
    });
  }
  const part = partNumber === undefined ? undefined : onePart(context, version, partNumber, headers);
  const askedRange = ifRangeHolds(asked, version) ? asked['range'] : undefined;
  const range = part ? part.range : byteRange(askedRange, version.size);
  // An empty part has no range, and no bytes.
  const { start, end } = range ?? { start: 0, end: part ? -1 : version.size - 1 };

  Object.assign(headers, version.headers, version.metadata, {
    'accept-ranges': 'bytes',
    'content-length': String(end - start + 1),
  });
  Object.assign(headers, lockHeaders(version), restoreHeader(version, now));
  Object.assign(headers, expirationHeader(context, bucket, version));
  if (headers['x-amz-storage-class'] === 'STANDARD') delete headers['x-amz-storage-class'];
  const tagCount = Object.keys(version.tags).length;
  if (tagCount > 0) headers['x-amz-tagging-count'] = String(tagCount);
  if (version.checksums && asked['x-amz-checksum-mode']?.toUpperCase() === 'ENABLED') {
    // S3 knows the checksums of the whole and of its parts, not those of any other range:
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
    const whole = range ? undefined : version.checksums.values;
    const values = part?.checksums ?? whole;
    if (values) {
      Object.assign(headers, checksumHeaders(values), { 'x-amz-checksum-type': version.checksums.type });
    }
  }
  if (range) headers['content-range'] = `bytes ${start}-${end}/${version.size}`;
  for (const [parameter, name] of Object.entries(overrides)) {
    const value = query.get(parameter);
    if (value !== undefined) headers[name] = headerValue(parameter, value);
  }

  const status = range ? 206 : 200;
  return context.method === 'HEAD'
    ? { status, headers }
    : { status, headers, body: context.store.openBody(version, start, end) };
}

/** One part: its bytes, with none for an empty one, and what is known of them. */
function onePart(
  context: Context,
  version: ObjectVersion,
  text: string,
  headers: Record<string, string>,
): { range: ByteRange | undefined; checksums: Record<string, string> | undefined } {
  const partNumber = Number(text);
  if (!Number.isInteger(partNumber) || partNumber < 1 || partNumber > context.limits.maximumPartNumber) {
    throw invalidArgument(
      `Part number must be an integer between 1 and ${context.limits.maximumPartNumber}, inclusive`,
      'partNumber',
      text,
    );
  }
  const { body } = version;
  const whole: BodyPart = { size: version.size };
  if (version.checksums) whole.checksums = version.checksums.values;
  const parts = body?.parts === undefined ? [whole] : bodyParts(context.store.index, body);
  const part = parts[partNumber - 1];
  if (!part) {
    throw s3Error('InvalidPartNumber', {
      members: { PartNumberRequested: text, ActualPartCount: String(parts.length) },
    });
  }
  if (body?.parts !== undefined) headers['x-amz-mp-parts-count'] = String(parts.length);
  const { size, checksums } = part;
  const start = parts.slice(0, partNumber - 1).reduce((sum, before) => sum + before.size, 0);
  return { range: size === 0 ? undefined : { start, end: start + size - 1 }, checksums };
}

export const objectReadRoutes: Routes = { 'GET object': readObject, 'HEAD object': readObject };
