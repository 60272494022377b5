import { randomBytes } from 'node:crypto';
import { s3Error } from './errors.ts';
import type { BucketFacts, LocationType } from './records.ts';
import { objectOf, readDocument, textOf } from './xml-documents.ts';

/**
 * The zone of a directory bucket, by the bucket's name: it ends in `--ZONE--x-s3`, and no other bucket's name does.
 *
 * @returns undefined where the name is none of a directory bucket
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/directory-bucket-naming-rules.html}
 */
function zoneOf(name: string): string | undefined {
  if (name.length > 63 || /^(xn--|sthree-|amzn-s3-demo-)/.test(name)) return undefined;
  const [, zone] = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?--([a-z0-9]+(?:-[a-z0-9]+)+)--x-s3$/.exec(name) ?? [];
  return zone;
}

/** Whether a name is that of a directory bucket. */
export function isDirectoryBucketName(name: string): boolean {
  return zoneOf(name) !== undefined;
}

/** The ETag of a new object: a digest of the content is none in a directory bucket, lest somebody takes it for one. */
export function etagIn({ name }: { name: string }, digest: string): string {
  return isDirectoryBucketName(name) ? randomBytes(16).toString('hex') : digest;
}

/** What is true of every directory bucket: it has no ACLs, and lets no public in. */
export function directoryFacts(name: string, type: LocationType = 'AvailabilityZone'): BucketFacts {
  return {
    location: { type, name: zoneOf(name) ?? '' },
    ownership: 'BucketOwnerEnforced',
    publicAccess: {
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    },
  };
}

const redundancies: Readonly<Record<LocationType, string>> = {
  AvailabilityZone: 'SingleAvailabilityZone',
  LocalZone: 'SingleLocalZone',
};

/**
 * Reads the `CreateBucketConfiguration` of a directory bucket.
 *
 * @throws {S3Error} `InvalidBucketName` where it is not for a directory bucket, or for one of another zone; `MalformedXML`
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html}
 */
export function readLocation(text: string, name: string): LocationType {
  const root = text === '' ? {} : readDocument(text, 'CreateBucketConfiguration');
  const { Location, Bucket, LocationConstraint } = root;
  if (Location === undefined && Bucket === undefined)
    throw s3Error('InvalidBucketName', { members: { BucketName: name } });
  const location = objectOf(Location);
  const bucket = objectOf(Bucket);
  const type = textOf(location['Type']);
  if (type !== 'AvailabilityZone' && type !== 'LocalZone') throw s3Error('MalformedXML');
  const isRight =
    textOf(bucket['Type']) === 'Directory' && textOf(bucket['DataRedundancy']) === redundancies[type];
  if (!isRight || LocationConstraint !== undefined) throw s3Error('MalformedXML');
  if (textOf(location['Name']) !== zoneOf(name))
    throw s3Error('InvalidBucketName', { members: { BucketName: name } });
  return type;
}

/** What a session that only reads can ask for. */
const reading = [
  'GET bucket',
  'HEAD bucket',
  'GET bucket ?uploads',
  'GET object',
  'HEAD object',
  'GET object ?attributes',
  'GET object ?uploadId',
];

/** What other sessions can ask for besides. */
const writing = [
  'POST bucket ?delete',
  'PUT object',
  'PUT object ?renameObject',
  'DELETE object',
  'POST object ?uploads',
  'PUT object ?uploadId',
  'POST object ?uploadId',
  'DELETE object ?uploadId',
];

/** What is about the bucket, and is asked for without a session. */
const ofTheBucket = [
  'PUT bucket',
  'DELETE bucket',
  'GET bucket ?session',
  ...['encryption', 'lifecycle', 'policy'].flatMap((family) =>
    ['GET', 'PUT', 'DELETE'].map((method) => `${method} bucket ?${family}`),
  ),
];

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-differences.html} */
const operations = {
  ReadOnly: new Set(reading),
  ReadWrite: new Set([...reading, ...writing]),
  all: new Set([...reading, ...writing, ...ofTheBucket]),
};

/** What a session lets. */
export type SessionMode = 'ReadOnly' | 'ReadWrite';

/** Operations that buckets of no other kind have. */
const directoryOnly = new Set(['GET bucket ?session', 'PUT object ?renameObject']);

/** Headers for what directory buckets do not have; an empty one asks for nothing. */
const absentHeaders =
  /^x-amz-(acl|grant-.+|tagging|object-lock-.+|bucket-object-lock-enabled|object-ownership|request-payer|website-redirect-location|server-side-encryption-customer-.+)$/;

/**
 * Refuses what buckets of the kind do not have.
 *
 * @param routeName - the name of the operation in the table of routes
 * @throws {S3Error} `NotImplemented`
 */
export function checkBucketKind(
  routeName: string,
  bucket: string,
  headers: Readonly<Record<string, string | undefined>>,
): void {
  const [, subresource] = routeName.split('?');
  const refusal = (): Error =>
    s3Error('NotImplemented', subresource === undefined ? {} : { members: { Resource: subresource } });
  if (!isDirectoryBucketName(bucket)) {
    if (directoryOnly.has(routeName)) throw refusal();
    return;
  }
  if (!operations.all.has(routeName)) throw refusal();
  const absent = Object.keys(headers).find((name) => headers[name] !== '' && absentHeaders.test(name));
  if (absent !== undefined) throw s3Error('NotImplemented', { members: { Header: absent } });
}

/**
 * Whether a session lets an operation be asked for.
 *
 * @param isCopy - copies are signed with the caller's own keys:
 *   {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateSession.html}
 */
export function sessionLets(mode: SessionMode, routeName: string, isCopy: boolean): boolean {
  return operations[mode].has(routeName) && !isCopy;
}

/** Actions on the bucket itself; all others need no more than the permission for a session. */
const bucketActions = new Set(
  [
    'DeleteBucket',
    'GetBucketPolicy',
    'PutBucketPolicy',
    'DeleteBucketPolicy',
    'GetEncryptionConfiguration',
    'PutEncryptionConfiguration',
    'GetLifecycleConfiguration',
    'PutLifecycleConfiguration',
  ].map((name) => `s3:${name}`),
);

/** With this all can be done in a directory bucket, and nothing with it. */
export const sessionAction = 's3express:CreateSession';

/**
 * The action in a directory bucket that stands for one in others.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-security-iam.html}
 */
export function directoryAction(action: string): string {
  return bucketActions.has(action) ? action.replace('s3:', 's3express:') : sessionAction;
}
