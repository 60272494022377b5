import type { Context } from './context.ts';
import { s3Error } from './errors.ts';
import { bucketConfigurationRoutes } from './operations/bucket-configuration.ts';
import { bucketRoutes } from './operations/buckets.ts';
import { listingRoutes } from './operations/listing.ts';
import { multipartRoutes } from './operations/multipart.ts';
import { objectDeleteRoutes } from './operations/object-delete.ts';
import { objectReadRoutes } from './operations/object-read.ts';
import { objectTaggingRoutes } from './operations/object-tagging.ts';
import { objectWriteRoutes } from './operations/object-write.ts';
import type { Reply } from './reply.ts';
import type { RequestTarget } from './request-target.ts';
import { subresources } from './subresources.ts';

/** Answers one kind of request. */
export type Operation = (context: Context) => Promise<Reply>;

/** What operations are found by: `METHOD level` or `METHOD level ?subresource`; level: service, bucket, object. */
export type Routes = Readonly<Record<string, Operation>>;

/** Headers that ask for something which is not here; to ignore them would be a false success. */
const unsupportedHeaders = [
  'x-amz-server-side-encryption-customer-algorithm',
  'x-amz-copy-source-server-side-encryption-customer-algorithm',
  'x-amz-object-lock-mode',
  'x-amz-object-lock-retain-until-date',
  'x-amz-object-lock-legal-hold',
  'x-amz-bucket-object-lock-enabled',
  'x-amz-write-offset-bytes',
  'x-amz-mfa',
];

/** The table of all operations. */
const routes: ReadonlyMap<string, Operation> = /* @__PURE__ */ new Map(
  Object.entries({
    ...bucketRoutes,
    ...bucketConfigurationRoutes,
    ...listingRoutes,
    ...objectReadRoutes,
    ...objectWriteRoutes,
    ...objectDeleteRoutes,
    ...objectTaggingRoutes,
    ...multipartRoutes,
  }),
);

/**
 * Finds the operation for a request, before anything of it is carried out.
 *
 * @throws {S3Error} `NotImplemented` for all that is not in the table, `InvalidArgument` for two subresources
 */
export function route(
  method: string,
  target: RequestTarget,
  headers: Readonly<Record<string, unknown>>,
): Operation {
  const named = [...target.query.keys()].filter((name) => subresources.has(name));
  if (named.length > 1) {
    throw s3Error('InvalidArgument', {
      message: `Conflicting query string parameters: ${named.join(', ')}`,
      members: { ArgumentName: 'ResourceType', ArgumentValue: named[0] ?? '' },
    });
  }
  const unsupported = unsupportedHeaders.find((name) => headers[name] !== undefined);
  if (unsupported) throw s3Error('NotImplemented', { members: { Header: unsupported } });
  const level = target.bucket === '' ? 'service' : target.key === '' ? 'bucket' : 'object';
  const [subresource] = named;
  const operation = routes.get(`${method} ${level}${subresource === undefined ? '' : ` ?${subresource}`}`);
  if (!operation) throw s3Error('NotImplemented', subresource ? { members: { Resource: subresource } } : {});
  return operation;
}
