import type { ReportedCall } from './events.ts';

/** Parameters that say what is asked for, and what S3 calls it; others only say how. Of several, the first counts. */
const objectOperations: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  partNumber: { PUT: 'UploadPart' },
  uploadId: { GET: 'ListParts', POST: 'CompleteMultipartUpload', DELETE: 'AbortMultipartUpload' },
  uploads: { POST: 'CreateMultipartUpload' },
  attributes: { GET: 'GetObjectAttributes' },
  restore: { POST: 'RestoreObject' },
  select: { POST: 'SelectObjectContent' },
  acl: { GET: 'GetObjectAcl', PUT: 'PutObjectAcl' },
  tagging: { GET: 'GetObjectTagging', PUT: 'PutObjectTagging', DELETE: 'DeleteObjectTagging' },
  retention: { GET: 'GetObjectRetention', PUT: 'PutObjectRetention' },
  'legal-hold': { GET: 'GetObjectLegalHold', PUT: 'PutObjectLegalHold' },
};

const plainObject: Readonly<Record<string, string>> = {
  GET: 'GetObject',
  HEAD: 'HeadObject',
  PUT: 'PutObject',
  DELETE: 'DeleteObject',
};

const plainBucket: Readonly<Record<string, string>> = {
  GET: 'ListObjects',
  HEAD: 'HeadBucket',
  PUT: 'CreateBucket',
  DELETE: 'DeleteBucket',
};

const bucketLists: Readonly<Record<string, string>> = {
  'list-type': 'ListObjectsV2',
  versions: 'ListObjectVersions',
  uploads: 'ListMultipartUploads',
  delete: 'DeleteObjects',
};

/** Parts of a bucket, as they stand in the names of its operations. */
const bucketParts: Readonly<Record<string, string>> = {
  accelerate: 'BucketAccelerateConfiguration',
  acl: 'BucketAcl',
  analytics: 'BucketAnalyticsConfiguration',
  cors: 'BucketCors',
  encryption: 'BucketEncryption',
  'intelligent-tiering': 'BucketIntelligentTieringConfiguration',
  inventory: 'BucketInventoryConfiguration',
  lifecycle: 'BucketLifecycleConfiguration',
  location: 'BucketLocation',
  logging: 'BucketLogging',
  metrics: 'BucketMetricsConfiguration',
  notification: 'BucketNotificationConfiguration',
  'object-lock': 'ObjectLockConfiguration',
  ownershipControls: 'BucketOwnershipControls',
  policy: 'BucketPolicy',
  policyStatus: 'BucketPolicyStatus',
  publicAccessBlock: 'PublicAccessBlock',
  replication: 'BucketReplication',
  requestPayment: 'BucketRequestPayment',
  tagging: 'BucketTagging',
  versioning: 'BucketVersioning',
  website: 'BucketWebsite',
};

/**
 * What S3 calls an operation, such as `PutObject`; the request's method where it has no name here.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html}
 */
export function operationName(
  { method, bucket, key, url }: ReportedCall,
  headers: Readonly<Record<string, string>>,
): string {
  const { searchParams } = new URL(url);
  if (bucket === undefined) return method === 'GET' ? 'ListBuckets' : method;
  if (key === undefined) return bucketOperation(method, searchParams);
  const [, special] = Object.entries(objectOperations).find(([name]) => searchParams.has(name)) ?? [];
  const name = special?.[method] ?? plainObject[method] ?? method;
  if (headers['x-amz-copy-source'] === undefined) return name;
  return name === 'UploadPart' ? 'UploadPartCopy' : 'CopyObject';
}

function bucketOperation(method: string, searchParams: URLSearchParams): string {
  for (const name of searchParams.keys()) {
    const list = bucketLists[name];
    if (list !== undefined) return list;
    const part = bucketParts[name];
    if (part !== undefined) return `${{ PUT: 'Put', DELETE: 'Delete' }[method] ?? 'Get'}${part}`;
  }
  return plainBucket[method] ?? method;
}
