import { randomBytes } from 'node:crypto';
import { aclFromHeaders } from '../acl.ts';
import { isBucketName } from '../bucket-name.ts';
import { ownerOf } from '../callers.ts';
import { type Context, findBucket, requestBucket, sameBucket } from '../context.ts';
import { directoryFacts, isDirectoryBucketName, readLocation } from '../directory-buckets.ts';
import { invalidArgument, s3Error } from '../errors.ts';
import type { Transaction } from '../index-store.ts';
import { dropUpload } from '../multipart-uploads.ts';
import type { Garbage } from '../object-versions.ts';
import { ownerships } from '../protection-checks.ts';
import { type BucketFacts, type BucketRecord, tables, type UploadRecord } from '../records.ts';
import { type Reply, xmlReply } from '../reply.ts';
import type { Routes } from '../router.ts';
import { document, readDocument, s3Namespace, type Tree, textOf } from '../xml-documents.ts';

/** Bytes of a configuration document. */
const maximumDocument = 1024 ** 2;

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html} */
async function createBucket(context: Context): Promise<Reply> {
  const name = context.bucket;
  const isDirectory = isDirectoryBucketName(name);
  const wrongName = s3Error('InvalidBucketName', { members: { BucketName: name } });
  if (!isBucketName(name) && !isDirectory) throw wrongName;
  const text = await context.body.text(maximumDocument);
  const region = isDirectory ? context.region : regionOf(text, context.region, wrongName);
  const acl = aclFromHeaders(context.headers, context.caller, context.caller);
  const facts = isDirectory ? directoryFacts(name, readLocation(text, name)) : factsFromHeaders(context);
  if (acl && facts.ownership === 'BucketOwnerEnforced') throw s3Error('InvalidBucketAclWithObjectOwnership');
  await context.store.commit((transaction) => {
    const existing = findBucket(transaction, name);
    if (existing && existing.owner !== context.caller) {
      throw s3Error('BucketAlreadyExists', { members: { BucketName: name } });
    }
    if (existing) {
      // S3 keeps this leniency for its oldest region alone.
      if (existing.region === 'us-east-1' && !isDirectory) return { value: undefined, garbage: [] };
      throw s3Error('BucketAlreadyOwnedByYou', { members: { BucketName: name } });
    }
    const bucket: BucketRecord = {
      id: randomBytes(8).toString('hex'),
      name,
      owner: context.caller,
      region,
      createdAt: context.now().getTime(),
      ...facts,
    };
    transaction.put(tables.bucket(name), bucket);
    if (acl) transaction.put(tables.configuration(bucket.id, 'acl'), acl);
    for (const [family, text] of Object.entries(documentsOf(facts))) {
      transaction.put(tables.configuration(bucket.id, family), text);
    }
    return { value: undefined, garbage: [] };
  });
  return { status: 200, headers: { location: `/${name}` } };
}

/** What the headers of CreateBucket set at once. */
function factsFromHeaders({ headers }: Context): BucketFacts {
  const facts: BucketFacts = {};
  if (headers['x-amz-bucket-object-lock-enabled']?.toLowerCase() === 'true') {
    facts.versioning = 'Enabled';
    facts.objectLock = {};
  }
  const asked = headers['x-amz-object-ownership'];
  if (asked === undefined) return facts;
  const ownership = ownerships.find((name) => name === asked);
  if (!ownership)
    throw invalidArgument('Invalid x-amz-object-ownership header', 'x-amz-object-ownership', asked);
  facts.ownership = ownership;
  return facts;
}

/** The documents that such headers stand for. */
function documentsOf({ objectLock, ownership, location }: BucketFacts): Record<string, string> {
  const documents: Record<string, string> = {};
  if (objectLock) {
    documents['object-lock'] = document({
      [`ObjectLockConfiguration ${s3Namespace}`]: { ObjectLockEnabled: 'Enabled' },
    });
    documents['versioning'] = document({ [`VersioningConfiguration ${s3Namespace}`]: { Status: 'Enabled' } });
  }
  // A directory bucket has no such document.
  if (ownership && location === undefined) {
    documents['ownershipControls'] = document({
      [`OwnershipControls ${s3Namespace}`]: { Rule: { ObjectOwnership: ownership } },
    });
  }
  return documents;
}

/** The region that a CreateBucketConfiguration asks for; none asks for us-east-1. */
function regionOf(text: string, serverRegion: string, wrongName: Error): string {
  if (text === '') {
    if (serverRegion === 'us-east-1') return serverRegion;
    throw s3Error('IllegalLocationConstraintException', {
      message:
        'The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.',
    });
  }
  const { LocationConstraint, Location, Bucket } = readDocument(text, 'CreateBucketConfiguration');
  // These ask for a directory bucket, which has another name.
  if (Location !== undefined || Bucket !== undefined) throw wrongName;
  const constraint = textOf(LocationConstraint);
  if (constraint === undefined) return serverRegion;
  const region = constraint === 'EU' ? 'eu-west-1' : constraint;
  const known = region === serverRegion || /^[a-z]{2}(-[a-z]+)+-\d$/.test(region);
  if (!known || region === 'us-east-1') {
    throw s3Error('InvalidLocationConstraint', { members: { LocationConstraint: constraint } });
  }
  if (serverRegion !== 'us-east-1' && region !== serverRegion) {
    throw s3Error('IllegalLocationConstraintException', {
      message: `The ${constraint} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    });
  }
  return region;
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html} */
async function headBucket(context: Context): Promise<Reply> {
  const { region, location } = requestBucket(context);
  return {
    status: 200,
    headers: {
      'x-amz-bucket-region': region,
      'x-amz-access-point-alias': 'false',
      ...(location && {
        'x-amz-bucket-location-type': location.type,
        'x-amz-bucket-location-name': location.name,
      }),
    },
  };
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html} */
async function deleteBucket(context: Context): Promise<Reply> {
  const found = requestBucket(context);
  await context.store.commit(async (transaction) => {
    const { id, name } = sameBucket(transaction, found);
    // Uploads under way keep a directory bucket, and no other.
    const holding = [tables.keys(id), ...(isDirectoryBucketName(name) ? [tables.uploads(id)] : [])];
    for (const range of holding) {
      for await (const _ of transaction.range(range)) {
        throw s3Error('BucketNotEmpty', { members: { BucketName: name } });
      }
    }
    const garbage = await dropUploads(transaction, id);
    const others = [
      tables.configurations(id),
      tables.allCompleted(id),
      tables.renames(id),
      tables.renamesByTime(id),
    ];
    for (const range of others) {
      for await (const { key } of transaction.range(range)) transaction.delete(key);
    }
    transaction.delete(tables.bucket(name));
    return { value: undefined, garbage };
  });
  return { status: 204 };
}

/** S3 deletes a bucket that holds unfinished uploads only, and the uploads with it. */
async function dropUploads(transaction: Transaction, bucketId: string): Promise<Garbage[]> {
  const garbage: Garbage[] = [];
  for await (const { value } of transaction.range(tables.uploads(bucketId))) {
    garbage.push(...(await dropUpload(transaction, bucketId, value as UploadRecord)));
  }
  return garbage;
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html} */
async function listBuckets(context: Context): Promise<Reply> {
  const { query, caller } = context;
  const prefix = query.get('prefix') ?? '';
  const inRegion = query.get('bucket-region');
  const isAsked = ({ name, region }: BucketRecord): boolean =>
    !isDirectoryBucketName(name) &&
    name.startsWith(prefix) &&
    (inRegion === undefined || region === inRegion);
  const { members, token } = await ownBuckets(context, 'max-buckets', [1, 10_000], isAsked);
  return xmlReply(
    document({
      [`ListAllMyBucketsResult ${s3Namespace}`]: {
        Owner: ownerOf(caller),
        Buckets: { Bucket: members },
        ContinuationToken: token,
        Prefix: query.get('prefix'),
      },
    }),
  );
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListDirectoryBuckets.html} */
async function listDirectoryBuckets(context: Context): Promise<Reply> {
  const { members, token } = await ownBuckets(context, 'max-directory-buckets', [0, 1000], ({ name }) =>
    isDirectoryBucketName(name),
  );
  return xmlReply(
    document({
      [`ListAllMyDirectoryBucketsResult ${s3Namespace}`]: {
        Buckets: { Bucket: members },
        ContinuationToken: token,
      },
    }),
  );
}

/** One page of the caller's buckets, in the order of their names, and the token of the next. */
async function ownBuckets(
  { store, query, caller }: Context,
  maximumName: string,
  [least, most]: readonly [number, number],
  isAsked: (bucket: BucketRecord) => boolean,
): Promise<{ members: Tree[]; token: string | undefined }> {
  const maximum = Number(query.get(maximumName) ?? most);
  if (!(Number.isInteger(maximum) && maximum >= least && maximum <= most)) {
    throw invalidArgument(
      `Argument ${maximumName} must be an integer between ${least} and ${most}`,
      maximumName,
      query.get(maximumName) ?? '',
    );
  }
  const after = Buffer.from(query.get('continuation-token') ?? '', 'base64url').toString();
  const buckets: BucketRecord[] = [];
  let truncated = false;
  for await (const { value } of store.index.range(tables.buckets())) {
    const bucket = value as BucketRecord;
    if (bucket.owner !== caller || bucket.name <= after || !isAsked(bucket)) continue;
    truncated = buckets.length === maximum;
    if (truncated) break;
    buckets.push(bucket);
  }
  const last = buckets.at(-1);
  return {
    members: buckets.map(({ name, createdAt, region }) => ({
      Name: name,
      CreationDate: new Date(createdAt).toISOString(),
      BucketRegion: region,
    })),
    token: truncated && last ? Buffer.from(last.name).toString('base64url') : undefined,
  };
}

export const bucketRoutes: Routes = {
  'GET service': listBuckets,
  'GET directories': listDirectoryBuckets,
  'PUT bucket': createBucket,
  'HEAD bucket': headBucket,
  'DELETE bucket': deleteBucket,
};
