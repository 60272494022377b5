import { aclFromHeaders, checkAclAllowed } from '../acl.ts';
import { loggingTarget } from '../bucket-checks.ts';
import { type ConfigurationFamily, configurationFamilies } from '../configuration-families.ts';
import { type Context, findBucket, requestBucket, sameBucket } from '../context.ts';
import { invalidArgument, s3Error } from '../errors.ts';
import { isPublicPolicy, readPolicy } from '../policy-document.ts';
import { type BucketRecord, tables } from '../records.ts';
import { type Reply, xmlReply } from '../reply.ts';
import type { Operation, Routes } from '../router.ts';
import { document, s3Namespace } from '../xml-documents.ts';

/** Bytes of a configuration document; S3 has 20 KB for a policy, and more for the others. */
const maximumDocument = 1024 ** 2;

/** Configurations on one page of a list. */
const pageSize = 100;

/** Where a document is kept; those with ids have a place each. */
function placeOf(name: string, { listRoot }: ConfigurationFamily, { query }: Context): string {
  if (listRoot === undefined) return name;
  const id = query.get('id') ?? '';
  if (id === '') throw invalidArgument('A configuration id is required', 'id', id);
  return `${name}/${id}`;
}

function getter(name: string, family: ConfigurationFamily): Operation {
  const { none, contentType, listRoot } = family;
  return async (context) => {
    const bucket = requestBucket(context);
    if (listRoot !== undefined && !context.query.has('id')) return listed(context, bucket, name, listRoot);
    const place = placeOf(name, family, context);
    // Casts here and below: only this server writes the index.
    const stored = context.store.index.get(tables.configuration(bucket.id, place)) as string | undefined;
    if (stored === undefined && typeof none === 'string') {
      throw s3Error(none, { members: { BucketName: bucket.name } });
    }
    const text = stored ?? (typeof none === 'string' ? '' : none(bucket));
    return xmlReply(text, contentType ? { 'content-type': contentType } : {});
  };
}

/** The documents of a family as they were set, in one. */
async function listed(
  { store, query }: Context,
  { id }: BucketRecord,
  name: string,
  root: string,
): Promise<Reply> {
  const token = query.get('continuation-token');
  const range = tables.configurations(id, `${name}/`);
  const after = Buffer.from(token ?? '', 'base64url');
  const texts: string[] = [];
  let next: string | undefined;
  for await (const { key, value } of store.index.range(range)) {
    if (after.length > 0 && key.compare(after) < 0) continue;
    if (texts.length === pageSize) {
      next = key.toString('base64url');
      break;
    }
    texts.push((value as string).replace(/^\s*<\?xml[^>]*\?>\s*/, ''));
  }
  const head = document({
    [`${root} ${s3Namespace}`]: {
      ContinuationToken: token,
      IsTruncated: next !== undefined,
      NextContinuationToken: next,
    },
  });
  return xmlReply(head.replace(`</${root}>`, `${texts.join('')}</${root}>`));
}

function putter(name: string, family: ConfigurationFamily): Operation {
  const { check, facts, putStatus = 200 } = family;
  return async (context) => {
    const bucket = requestBucket(context);
    const text = await context.body.text(maximumDocument);
    const fromHeaders =
      name === 'acl' ? aclFromHeaders(context.headers, bucket.owner, bucket.owner) : undefined;
    const place = placeOf(name, family, context);
    if (fromHeaders !== undefined) {
      if (text !== '') throw s3Error('UnexpectedContent');
      checkAclAllowed(fromHeaders, context, bucket);
    } else {
      const id = check(text, bucket);
      if (id !== undefined && place !== `${name}/${id}`) {
        throw invalidArgument('The id of the document is not the id of the request', 'id', id);
      }
    }
    if (name === 'logging') checkLoggingTarget(context, text);
    if (name === 'ownershipControls') checkOwnershipChange(context, bucket, text);
    await context.store.commit((transaction) => {
      const current = sameBucket(transaction, bucket);
      transaction.put(tables.configuration(bucket.id, place), fromHeaders ?? text);
      if (facts) transaction.put(tables.bucket(bucket.name), { ...current, ...facts(text, current) });
      return { value: undefined, garbage: [] };
    });
    return { status: putStatus };
  };
}

function checkLoggingTarget(context: Context, text: string): void {
  const target = loggingTarget(text);
  if (target === undefined || findBucket(context.store.index, target)?.owner === context.caller) return;
  throw s3Error('InvalidTargetBucketForLogging', { members: { TargetBucket: target } });
}

/** ACLs cannot be switched off while the bucket's own lets others in. */
function checkOwnershipChange({ store }: Context, bucket: BucketRecord, text: string): void {
  const { ownership } = configurationFamilies['ownershipControls']?.facts?.(text, bucket) ?? {};
  const acl = store.index.get(tables.configuration(bucket.id, 'acl')) as string | undefined;
  if (ownership !== 'BucketOwnerEnforced' || acl === undefined || !grantsToOthers(acl)) return;
  throw s3Error('InvalidBucketAclWithObjectOwnership');
}

/** More than the owner's own grant. */
function grantsToOthers(acl: string): boolean {
  return acl.split('<Grant>').length > 2;
}

function deleter(name: string, family: ConfigurationFamily): Operation {
  return async (context) => {
    const bucket = requestBucket(context);
    const place = placeOf(name, family, context);
    const key = tables.configuration(bucket.id, place);
    if (family.listRoot !== undefined && context.store.index.get(key) === undefined) {
      throw s3Error('NoSuchConfiguration');
    }
    await context.store.commit((transaction) => {
      const current = sameBucket(transaction, bucket);
      transaction.delete(key);
      if (family.facts) {
        transaction.put(tables.bucket(bucket.name), { ...current, ...family.facts(undefined, current) });
      }
      return { value: undefined, garbage: [] };
    });
    return { status: 204 };
  };
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html} */
async function getLocation(context: Context): Promise<Reply> {
  const { region } = requestBucket(context);
  return xmlReply(document({ [`LocationConstraint ${s3Namespace}`]: region === 'us-east-1' ? '' : region }));
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketPolicyStatus.html} */
async function getPolicyStatus(context: Context): Promise<Reply> {
  const { id, name } = requestBucket(context);
  const policy = context.store.index.get(tables.configuration(id, 'policy')) as string | undefined;
  if (policy === undefined) throw s3Error('NoSuchBucketPolicy', { members: { BucketName: name } });
  const IsPublic = isPublicPolicy(readPolicy(policy, name));
  return xmlReply(document({ [`PolicyStatus ${s3Namespace}`]: { IsPublic } }));
}

export const bucketConfigurationRoutes: Routes = {
  'GET bucket ?location': getLocation,
  'GET bucket ?policyStatus': getPolicyStatus,
  ...Object.fromEntries(
    Object.entries(configurationFamilies).flatMap(([name, family]): [string, Operation][] => [
      [`GET bucket ?${name}`, getter(name, family)],
      [`PUT bucket ?${name}`, putter(name, family)],
      ...(family.deletable
        ? [[`DELETE bucket ?${name}`, deleter(name, family)] satisfies [string, Operation]]
        : []),
    ]),
  ),
};
