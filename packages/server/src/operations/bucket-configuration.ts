import { aclFromHeaders } from '../acl.ts';
import {
  type ConfigurationFamily,
  configurationFamilies,
  loggingTarget,
  versioningStatus,
} from '../configuration-families.ts';
import { type Context, findBucket, ownBucket, sameBucket } from '../context.ts';
import { s3Error } from '../errors.ts';
import { type BucketRecord, tables } from '../records.ts';
import { type Reply, xmlReply } from '../reply.ts';
import type { Operation, Routes } from '../router.ts';
import { document, s3Namespace } from '../xml-documents.ts';

/** Bytes of a configuration document; S3 has 20 KB for a policy, and more for the others. */
const maximumDocument = 1024 ** 2;

function getter(name: string, { none, contentType }: ConfigurationFamily): Operation {
  return async (context) => {
    const bucket = ownBucket(context);
    // Cast: only this server writes the index.
    const stored = context.store.index.get(tables.configuration(bucket.id, name)) as string | undefined;
    if (stored === undefined && typeof none === 'string') {
      throw s3Error(none, { members: { BucketName: bucket.name } });
    }
    const text = stored ?? (typeof none === 'string' ? '' : none(bucket));
    return xmlReply(text, contentType ? { 'content-type': contentType } : {});
  };
}

function putter(name: string, { check, putStatus = 200 }: ConfigurationFamily): Operation {
  return async (context) => {
    const bucket = ownBucket(context);
    const text = await context.body.text(maximumDocument);
    const fromHeaders =
      name === 'acl' ? aclFromHeaders(context.headers, bucket.owner, bucket.owner) : undefined;
    if (fromHeaders === undefined) check(text);
    else if (text !== '') throw s3Error('UnexpectedContent');
    if (name === 'logging') checkLoggingTarget(context, text);
    await context.store.commit((transaction) => {
      const current = sameBucket(transaction, bucket);
      transaction.put(tables.configuration(bucket.id, name), fromHeaders ?? text);
      if (name === 'versioning') {
        const changed: BucketRecord = { ...current, versioning: versioningStatus(text) };
        transaction.put(tables.bucket(bucket.name), changed);
      }
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

function deleter(name: string): Operation {
  return async (context) => {
    const bucket = ownBucket(context);
    await context.store.commit((transaction) => {
      sameBucket(transaction, bucket);
      transaction.delete(tables.configuration(bucket.id, name));
      return { value: undefined, garbage: [] };
    });
    return { status: 204 };
  };
}

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html} */
async function getLocation(context: Context): Promise<Reply> {
  const { region } = ownBucket(context);
  return xmlReply(document({ [`LocationConstraint ${s3Namespace}`]: region === 'us-east-1' ? '' : region }));
}

export const bucketConfigurationRoutes: Routes = {
  'GET bucket ?location': getLocation,
  ...Object.fromEntries(
    Object.entries(configurationFamilies).flatMap(([name, family]): [string, Operation][] => [
      [`GET bucket ?${name}`, getter(name, family)],
      [`PUT bucket ?${name}`, putter(name, family)],
      ...(family.deletable ? [[`DELETE bucket ?${name}`, deleter(name)] satisfies [string, Operation]] : []),
    ]),
  ),
};
