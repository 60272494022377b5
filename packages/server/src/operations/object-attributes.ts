import { checksumMembers } from '../checksums.ts';
import { readConditions } from '../conditions.ts';
import { type Context, requestBucket } from '../context.ts';
import { checkCustomerKey } from '../customer-key.ts';
import { invalidArgument, s3Error } from '../errors.ts';
import { findVersion, versionHeader } from '../find-version.ts';
import { storageClassOf } from '../object-attributes.ts';
import { bodyParts } from '../object-versions.ts';
import type { BodyPart, ObjectVersion } from '../records.ts';
import { type Reply, xmlReply } from '../reply.ts';
import type { Routes } from '../router.ts';
import { document, s3Namespace, type Tree } from '../xml-documents.ts';

/** Each attribute that can be asked for, and what is told of it. */
const attributes: Readonly<Record<string, (version: ObjectVersion, context: Context) => Tree>> = {
  ETag: ({ etag }) => ({ ETag: etag }),
  Checksum: ({ checksums }) =>
    checksums
      ? { Checksum: { ...checksumMembers(withoutCount(checksums.values)), ChecksumType: checksums.type } }
      : {},
  ObjectParts: objectParts,
  StorageClass: (version) => ({ StorageClass: storageClassOf(version) }),
  ObjectSize: ({ size }) => ({ ObjectSize: size }),
};

/** The count of parts has a place of its own here. */
function withoutCount(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value.replace(/-\d+$/, '')]),
  );
}

/** The parts are listed where they have checksums; else they are counted. */
function objectParts({ body }: ObjectVersion, { store, headers, limits }: Context): Tree {
  if (body?.parts === undefined) return {};
  const parts = bodyParts(store.index, body);
  const marker = number(headers['x-amz-part-number-marker'], 'x-amz-part-number-marker', 0);
  const maximum = Math.min(
    number(headers['x-amz-max-parts'], 'x-amz-max-parts', limits.maximumListKeys),
    limits.maximumListKeys,
  );
  if (!parts.every(({ checksums }) => checksums)) return { ObjectParts: { PartsCount: parts.length } };
  const page = parts.slice(marker, marker + maximum);
  return {
    ObjectParts: {
      PartsCount: parts.length,
      PartNumberMarker: marker,
      NextPartNumberMarker: marker + page.length,
      MaxParts: maximum,
      // A page of none has no end to go on from.
      IsTruncated: page.length > 0 && marker + page.length < parts.length,
      Part: page.map(({ size, checksums = {} }: BodyPart, index) => ({
        PartNumber: marker + index + 1,
        Size: size,
        ...checksumMembers(checksums),
      })),
    },
  };
}

function number(text: string | undefined, name: string, standard: number): number {
  if (text === undefined) return standard;
  if (!/^\d{1,9}$/.test(text)) throw invalidArgument(`${name} must be a whole number`, name, text);
  return Number(text);
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html} */
async function getObjectAttributes(context: Context): Promise<Reply> {
  const bucket = requestBucket(context);
  const asked = (context.headers['x-amz-object-attributes'] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const unknown = asked.find((name) => !Object.hasOwn(attributes, name));
  if (asked.length === 0 || unknown !== undefined) {
    throw invalidArgument('Invalid attribute name specified.', 'x-amz-object-attributes', unknown ?? '');
  }
  const version = findVersion(context, bucket);
  checkCustomerKey(context.headers, version);
  const headers = {
    'last-modified': new Date(version.modifiedAt).toUTCString(),
    ...versionHeader(bucket, version),
  };
  const result = readConditions(context.headers, version);
  if (result.status === 304) return { status: 304, headers };
  if (result.status === 412) {
    throw s3Error('PreconditionFailed', { members: { Condition: result.condition } });
  }
  const told = Object.entries(attributes).flatMap(([name, tell]) =>
    asked.includes(name) ? [tell(version, context)] : [],
  );
  return xmlReply(
    document({ [`GetObjectAttributesResponse ${s3Namespace}`]: Object.assign({}, ...told) }),
    headers,
  );
}

export const objectAttributesRoutes: Routes = { 'GET object ?attributes': getObjectAttributes };
