import type { Context, Headers } from './context.ts';
import { checkBucketKind } from './directory-buckets.ts';
import { s3Error } from './errors.ts';
import { bucketConfigurationRoutes } from './operations/bucket-configuration.ts';
import { bucketRoutes } from './operations/buckets.ts';
import { directoryRoutes } from './operations/directory-buckets.ts';
import { listingRoutes } from './operations/listing.ts';
import { multipartRoutes } from './operations/multipart.ts';
import { objectAttributesRoutes } from './operations/object-attributes.ts';
import { objectDeleteRoutes } from './operations/object-delete.ts';
import { objectLockRoutes } from './operations/object-lock.ts';
import { objectReadRoutes } from './operations/object-read.ts';
import { objectRestoreRoutes } from './operations/object-restore.ts';
import { objectTaggingRoutes } from './operations/object-tagging.ts';
import { objectWriteRoutes } from './operations/object-write.ts';
import { postObjectRoutes } from './operations/post-object.ts';
import type { Reply } from './reply.ts';
import { checkVersionId, type RequestTarget } from './request-target.ts';
import { subresources } from './subresources.ts';

/** Answers one kind of request. */
export type Operation = (context: Context) => Promise<Reply>;

/** What operations are found by: `METHOD level` or `METHOD level ?subresource`; level: service, directories, bucket, object. */
export type Routes = Readonly<Record<string, Operation>>;

const methods = ['GET', 'HEAD', 'PUT', 'POST', 'DELETE'];

/** Headers that ask for something which is not here; to ignore them would be a false success. */
const unsupportedHeaders = [
  'x-amz-mfa',
  // Of directory buckets alone: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html
  'x-amz-if-match-last-modified-time',
  'x-amz-if-match-size',
  'x-amz-write-offset-bytes',
];

/** The table of all operations. */
export const routes: ReadonlyMap<string, Operation> = /* @__PURE__ */ new Map(
  Object.entries({
    ...bucketRoutes,
    ...bucketConfigurationRoutes,
    ...directoryRoutes,
    ...listingRoutes,
    ...objectReadRoutes,
    ...objectWriteRoutes,
    ...objectDeleteRoutes,
    ...objectTaggingRoutes,
    ...postObjectRoutes,
    ...objectLockRoutes,
    ...objectRestoreRoutes,
    ...objectAttributesRoutes,
    ...multipartRoutes,
  }),
);

/**
 * Finds the operation for a request, before anything of it is carried out.
 *
 * @param isExpress - whether it is signed for the service of directory buckets: nothing else tells a list of these
 * @throws {S3Error} `InvalidBucketName` for a key without a bucket, `MethodNotAllowed` for what is in the table with other methods alone, `NotImplemented` for what is not there
 * at all, `InvalidArgument` for two subresources, and for what is no version id
 */
export function route(
  method: string,
  target: RequestTarget,
  headers: Headers,
  isExpress: boolean,
): { name: string; operation: Operation } {
  const named = [...target.query.keys()].filter((name) => subresources.has(name));
  if (named.length > 1) {
    throw s3Error('InvalidArgument', {
      message: `Conflicting query string parameters: ${named.join(', ')}`,
      members: { ArgumentName: 'ResourceType', ArgumentValue: named[0] ?? '' },
    });
  }
  const unsupported = unsupportedHeaders.find((name) => headers[name] !== undefined);
  if (unsupported) throw s3Error('NotImplemented', { members: { Header: unsupported } });
  // `//key` names no bucket, and must not be taken for `/`.
  if (target.bucket === '' && target.key !== '')
    throw s3Error('InvalidBucketName', { members: { BucketName: '' } });
  const service = isExpress ? 'directories' : 'service';
  const level = target.bucket === '' ? service : target.key === '' ? 'bucket' : 'object';
  const versionId = target.query.get('versionId');
  if (level === 'object' && versionId !== undefined) checkVersionId(versionId);
  const [subresource] = named;
  const resource = `${level}${subresource === undefined ? '' : ` ?${subresource}`}`;
  const name = `${method} ${resource}`;
  const operation = routes.get(name);
  if (operation) {
    checkBucketKind(name, target.bucket, headers);
    return { name, operation };
  }
  const allowed = methods.filter((other) => routes.has(`${other} ${resource}`));
  if (allowed.length === 0) {
    throw s3Error('NotImplemented', subresource ? { members: { Resource: subresource } } : {});
  }
  throw s3Error('MethodNotAllowed', {
    members: { Method: method, ResourceType: (subresource ?? level).toUpperCase() },
    headers: { allow: allowed.join(', ') },
  });
}
