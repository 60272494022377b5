import { type AclPermission, aclAllows, defaultAcl } from './acl.ts';
import { anonymous, arnOf, ownerOf } from './callers.ts';
import { type Context, findBucket, noSuchBucket } from './context.ts';
import { directoryAction, isDirectoryBucketName, sessionLets } from './directory-buckets.ts';
import { s3Error } from './errors.ts';
import { keyRecord, versionById } from './object-versions.ts';
import { headerPermissions, listPermission, type Permission, permissions } from './permissions.ts';
import { isPublicPolicy, readPolicy } from './policy-document.ts';
import { evaluatePolicy } from './policy-evaluation.ts';
import { policyValue } from './policy-values.ts';
import { type BucketRecord, type ObjectVersion, tables } from './records.ts';

/** What a request is about: a bucket, or one version of one of its keys. */
export interface Subject {
  bucket: BucketRecord;
  /** Empty: the bucket itself. */
  key: string;
  versionId?: string | undefined;
}

/** With these a bucket's owner can undo a policy that shuts everybody out. */
const ownersAlways = /^s3(?:express)?:(?:Get|Put|Delete)BucketPolicy$/;

/** Operations that any known user may ask for. */
const unknownCallerRefused = new Set(['GET service', 'GET directories', 'PUT bucket']);

/** Operations that are decided where they are carried out: key by key, or mode by mode. */
const decidedLater = new Set(['POST bucket ?delete', 'GET bucket ?session']);

/**
 * Lets a request pass, or refuses it, before anything of it is carried out.
 *
 * @param routeName - the name of the operation in the table of routes
 * @throws {S3Error} `AccessDenied`, `NoSuchBucket`
 */
export function authorize(context: Context, routeName: string): void {
  checkSession(context, routeName);
  if (unknownCallerRefused.has(routeName)) {
    if (context.caller === anonymous) throw s3Error('AccessDenied');
    return;
  }
  const bucket = findBucket(context.store.index, context.bucket);
  if (!bucket) throw noSuchBucket(context.bucket);
  checkExpectedOwner(context, bucket, 'x-amz-expected-bucket-owner');
  if (decidedLater.has(routeName)) return;
  const permission = permissions.get(routeName);
  if (!permission) throw s3Error('AccessDenied');
  const subject: Subject = { bucket, key: context.key, versionId: context.query.get('versionId') };
  demandPermission(context, permission, subject);
  if (routeName === 'PUT object' || routeName === 'POST object ?uploads') {
    authorizeHeaders(context, subject);
  }
}

/** A session is for one bucket, and not for all that can be done with it. */
function checkSession({ session, bucket, headers }: Context, routeName: string): void {
  if (session === undefined) return;
  const isCopy = headers['x-amz-copy-source'] !== undefined;
  if (session.bucket !== bucket || !sessionLets(session.mode, routeName, isCopy))
    throw s3Error('AccessDenied');
}

/**
 * Lets the headers of an upload pass, or refuses them: those that set an ACL, tags or a lock need permissions of their own.
 *
 * @throws {S3Error} `AccessDenied`
 */
export function authorizeHeaders(context: Context, subject: Subject): void {
  for (const { header, action } of headerPermissions) {
    if (Object.keys(context.headers).some((name) => header.test(name))) {
      demandPermission(context, { action, acl: { of: 'bucket', grant: 'WRITE' } }, subject);
    }
  }
}

/** @throws {S3Error} `AccessDenied` */
export function checkExpectedOwner(context: Context, bucket: BucketRecord, header: string): void {
  const expected = context.headers[header];
  if (expected === undefined) return;
  // S3 has account numbers here; a canonical id says the same.
  if (![context.accountOf(bucket.owner), ownerOf(bucket.owner).ID].includes(expected)) {
    throw s3Error('AccessDenied');
  }
}

/** @throws {S3Error} `AccessDenied` */
export function demandPermission(context: Context, permission: Permission, subject: Subject): void {
  if (!isAllowed(context, permission, subject)) throw s3Error('AccessDenied');
  const { bucket } = subject;
  if (bucket.requesterPays !== true || context.caller === bucket.owner) return;
  if (context.caller === anonymous || !isRequesterPaying(context)) {
    throw s3Error('AccessDenied', { message: 'Bucket is a requester pays bucket' });
  }
}

/** Whether the requester says that it pays: in a header, or in a parameter of a presigned URL. */
function isRequesterPaying({ headers, query }: Context): boolean {
  const name = 'x-amz-request-payer';
  return (headers[name] ?? query.get(name)) === 'requester';
}

/**
 * Tells a requester that it pays.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/ObjectsinRequesterPaysBuckets.html}
 */
export function chargedHeaders(context: Context): Record<string, string> {
  if (!isRequesterPaying(context)) return {};
  const { store, bucket, caller } = context;
  const record = findBucket(store.index, bucket);
  const isCharged = record?.requesterPays === true && record.owner !== caller;
  return isCharged ? { 'x-amz-request-charged': 'requester' } : {};
}

/** Whether the caller may list the bucket, and so may know which keys there are not. */
export function maySeeKeys(context: Context, bucket: BucketRecord): boolean {
  return isAllowed(context, listPermission, { bucket, key: '' });
}

/**
 * Whether the caller has a permission: never where the policy denies it; else as owner, by the policy, or by an ACL.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-s3-evaluates-access-control.html}
 */
export function isAllowed(context: Context, asked: Permission, about: Subject): boolean {
  const { caller } = context;
  // All of a directory bucket is decided for the bucket as a whole.
  const inDirectory = isDirectoryBucketName(about.bucket.name);
  const permission: Permission = inDirectory ? { action: directoryAction(asked.action) } : asked;
  const subject: Subject = inDirectory ? { bucket: about.bucket, key: '' } : about;
  const { bucket, key } = subject;
  const version = key === '' ? undefined : versionOf(context, subject);
  const action =
    subject.versionId === undefined ? permission.action : (permission.versionAction ?? permission.action);
  const verdict = askPolicy(context, action, subject, version);
  // Who owns an object reads it; who owns the bucket may write, and read what is its own.
  const isOfObject = permission.acl?.of === 'object' && version !== undefined;
  const owner = isOfObject && bucket.ownership !== 'BucketOwnerEnforced' ? version.owner : bucket.owner;
  if (verdict === 'deny') return owner === caller && ownersAlways.test(action);
  if (owner === caller && caller !== anonymous) return true;
  // A bucket's policy cannot give away what belongs to somebody else.
  if (verdict === 'allow' && owner === bucket.owner) return true;
  const { acl } = permission;
  if (!acl || bucket.ownership === 'BucketOwnerEnforced') return false;
  // What is not there has no ACL; S3 tells that by the permission to list.
  if (acl.of === 'object' && version === undefined) return maySeeKeys(context, bucket);
  return allowedByAcl(context, bucket, acl.grant, acl.of === 'object' ? version : undefined);
}

function allowedByAcl(
  context: Context,
  bucket: BucketRecord,
  grant: AclPermission,
  version: ObjectVersion | undefined,
): boolean {
  // Casts here and below: only this server writes the index.
  const text = version
    ? (version.acl ?? defaultAcl(version.owner))
    : ((context.store.index.get(tables.configuration(bucket.id, 'acl')) as string | undefined) ??
      defaultAcl(bucket.owner));
  return aclAllows(text, context.caller, grant, bucket.publicAccess?.IgnorePublicAcls === true);
}

function versionOf({ store }: Context, { bucket, key, versionId }: Subject): ObjectVersion | undefined {
  return versionId
    ? versionById(store.index, bucket.id, key, versionId)
    : keyRecord(store.index, bucket.id, key)?.current;
}

function askPolicy(
  context: Context,
  action: string,
  { bucket, key }: Subject,
  version: ObjectVersion | undefined,
): 'allow' | 'deny' | undefined {
  const text = context.store.index.get(tables.configuration(bucket.id, 'policy')) as string | undefined;
  if (text === undefined) return undefined;
  const statements = readPolicy(text, bucket.name);
  const { caller } = context;
  const verdict = evaluatePolicy(statements, {
    action,
    resource: resourceOf(context, bucket, key),
    principals: principalsOf(context),
    value: (name) => policyValue(context, name, version),
  });
  const isShut = bucket.publicAccess?.RestrictPublicBuckets === true && isPublicPolicy(statements);
  return verdict === 'allow' && isShut && caller !== bucket.owner ? undefined : verdict;
}

function resourceOf({ accountOf }: Context, { name, region, owner }: BucketRecord, key: string): string {
  if (isDirectoryBucketName(name)) return `arn:aws:s3express:${region}:${accountOf(owner)}:bucket/${name}`;
  return `arn:aws:s3:::${name}${key === '' ? '' : `/${key}`}`;
}

/** Every form in which a policy may name the caller. */
function principalsOf({ caller, accountOf }: Context): string[] {
  if (caller === anonymous) return [];
  const account = accountOf(caller);
  return [account, `arn:aws:iam::${account}:root`, arnOf(caller, account), ownerOf(caller).ID];
}
