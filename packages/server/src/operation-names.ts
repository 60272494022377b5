import { configurationFamilies } from './configuration-families.ts';
import type { RequestTarget } from './request-target.ts';

/** The name of an operation as S3's API reference has it: `PutObject`, `ListObjectsV2` and so on. */
export type OperationName = string;

const named: Readonly<Record<string, OperationName>> = {
  'GET service': 'ListBuckets',
  'GET directories': 'ListDirectoryBuckets',
  'PUT bucket': 'CreateBucket',
  'HEAD bucket': 'HeadBucket',
  'DELETE bucket': 'DeleteBucket',
  'GET bucket': 'ListObjects',
  'GET bucket ?session': 'CreateSession',
  'GET bucket ?versions': 'ListObjectVersions',
  'GET bucket ?uploads': 'ListMultipartUploads',
  'GET bucket ?location': 'GetBucketLocation',
  'GET bucket ?policyStatus': 'GetBucketPolicyStatus',
  'POST bucket': 'PostObject',
  'POST bucket ?delete': 'DeleteObjects',
  'GET object': 'GetObject',
  'HEAD object': 'HeadObject',
  'PUT object': 'PutObject',
  'PUT object ?renameObject': 'RenameObject',
  'DELETE object': 'DeleteObject',
  'POST object ?uploads': 'CreateMultipartUpload',
  'PUT object ?uploadId': 'UploadPart',
  'POST object ?uploadId': 'CompleteMultipartUpload',
  'DELETE object ?uploadId': 'AbortMultipartUpload',
  'GET object ?uploadId': 'ListParts',
  'GET object ?attributes': 'GetObjectAttributes',
  'POST object ?restore': 'RestoreObject',
  'GET object ?acl': 'GetObjectAcl',
  'PUT object ?acl': 'PutObjectAcl',
  'GET object ?tagging': 'GetObjectTagging',
  'PUT object ?tagging': 'PutObjectTagging',
  'DELETE object ?tagging': 'DeleteObjectTagging',
  'GET object ?retention': 'GetObjectRetention',
  'PUT object ?retention': 'PutObjectRetention',
  'GET object ?legal-hold': 'GetObjectLegalHold',
  'PUT object ?legal-hold': 'PutObjectLegalHold',
};

/**
 * The name of the operation that a request asks for.
 *
 * @param routeName - the name of its route
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html}
 */
export function operationName(
  routeName: string,
  { query }: Pick<RequestTarget, 'query'>,
  isCopy: boolean,
): OperationName {
  if (isCopy && routeName === 'PUT object') return 'CopyObject';
  if (isCopy && routeName === 'PUT object ?uploadId') return 'UploadPartCopy';
  if (routeName === 'GET bucket' && query.get('list-type') === '2') return 'ListObjectsV2';
  const [, method = '', subresource = ''] = /^(\w+) bucket \?(.+)$/.exec(routeName) ?? [];
  const family = named[routeName] === undefined ? configurationFamilies[subresource] : undefined;
  if (!family) return named[routeName] ?? routeName;
  if (method === 'GET' && family.listRoot !== undefined && !query.has('id'))
    return `List${family.operations}s`;
  const verb = { GET: 'Get', PUT: 'Put' }[method] ?? 'Delete';
  // S3 speaks of a lifecycle configuration, but deletes a lifecycle.
  if (subresource === 'lifecycle' && verb === 'Delete') return 'DeleteBucketLifecycle';
  return `${verb}${family.operations}`;
}

/** The names of all operations that are reached by routes. */
export function operationNames(routeNames: Iterable<string>): ReadonlySet<OperationName> {
  // What of a query makes one operation out of another.
  const queries = [{}, { 'list-type': '2' }, { id: '' }].map((query) => new Map(Object.entries(query)));
  const names = new Set<OperationName>();
  for (const routeName of routeNames) {
    for (const query of queries) {
      for (const isCopy of [false, true]) names.add(operationName(routeName, { query }, isCopy));
    }
  }
  return names;
}
