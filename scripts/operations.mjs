// `node scripts/operations.mjs`: writes docs/operations.md, what S3 can do and how s3kit asks for it. A test holds the table
// against the commands of the AWS SDK and the methods of `Storage`.
import { realpathSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** A family's operations, which differ by its name. */
function family(name, suffix, verbs) {
  const sdk = { Get: 'Get', Put: 'Set', Delete: 'Delete' };
  return Object.fromEntries(verbs.map((verb) => [`${verb}Bucket${name}`, [`bucket${sdk[verb]}${suffix}`]]));
}

const all = ['Get', 'Put', 'Delete'];
const some = ['Get', 'Put'];

function byId(name) {
  return {
    ...family(`${name}Configuration`, name, all),
    [`ListBucket${name}Configurations`]: [`bucketList${name}`],
  };
}

/** Each operation of S3, with the methods of `Storage` that ask for it; or, as text, why there is none. */
export const operations = {
  ...family('Abac', 'Abac', some),
  ...family('AccelerateConfiguration', 'Accelerate', some),
  ...family('Acl', 'Acl', some),
  ...family('Cors', 'Cors', all),
  ...family('Encryption', 'Encryption', all),
  ...family('LifecycleConfiguration', 'Lifecycle', some),
  DeleteBucketLifecycle: ['bucketDeleteLifecycle'],
  ...family('Location', 'Location', ['Get']),
  ...family('Logging', 'Logging', some),
  ...family('MetadataConfiguration', 'Metadata', ['Get', 'Delete']),
  CreateBucketMetadataConfiguration: ['bucketSetMetadata'],
  ...family('MetadataTableConfiguration', 'MetadataTable', ['Get', 'Delete']),
  CreateBucketMetadataTableConfiguration: ['bucketSetMetadataTable'],
  UpdateBucketMetadataAnnotationTableConfiguration: ['bucketSetMetadataAnnotationTable'],
  UpdateBucketMetadataInventoryTableConfiguration: ['bucketSetMetadataInventoryTable'],
  UpdateBucketMetadataJournalTableConfiguration: ['bucketSetMetadataJournalTable'],
  ...family('NotificationConfiguration', 'Notification', some),
  ...family('OwnershipControls', 'OwnershipControls', all),
  ...family('Policy', 'Policy', all),
  ...family('PolicyStatus', 'PolicyStatus', ['Get']),
  ...family('Replication', 'Replication', all),
  ...family('RequestPayment', 'RequestPayment', some),
  ...family('Tagging', 'Tagging', all),
  ...family('Versioning', 'Versioning', some),
  ...family('Website', 'Website', all),
  GetPublicAccessBlock: ['bucketGetPublicAccessBlock'],
  PutPublicAccessBlock: ['bucketSetPublicAccessBlock'],
  DeletePublicAccessBlock: ['bucketDeletePublicAccessBlock'],
  GetObjectLockConfiguration: ['bucketGetObjectLock'],
  PutObjectLockConfiguration: ['bucketSetObjectLock'],
  ...byId('Analytics'),
  ...byId('IntelligentTiering'),
  ...byId('Inventory'),
  ...byId('Metrics'),

  CreateBucket: ['bucketCreate'],
  DeleteBucket: ['bucketDelete'],
  HeadBucket: ['bucketExists'],
  ListBuckets: ['bucketList'],
  ListObjects: ['bucketGet', 'bucketListKeys'],
  ListObjectsV2: ['bucketListKeys'],
  ListObjectVersions: ['bucketListVersions', 'bucketGetVersions'],
  ListMultipartUploads: ['bucketListUploads', 'abortUploads'],
  ListParts: ['uploadListParts'],
  AbortMultipartUpload: ['uploadAbort', 'abortUploads'],
  CreateMultipartUpload: ['write', 'copy'],
  UploadPart: ['write'],
  UploadPartCopy: ['copy'],
  CompleteMultipartUpload: ['write', 'copy'],

  PutObject: ['write'],
  GetObject: ['read', 'readStream', 'readBytes', 'readText', 'readJson'],
  HeadObject: ['head', 'exists'],
  CopyObject: ['copy', 'updateMetadata'],
  DeleteObject: ['delete'],
  DeleteObjects: ['deleteMany'],
  GetObjectAcl: ['objectGetAcl'],
  PutObjectAcl: ['objectSetAcl'],
  GetObjectTagging: ['objectGetTagging'],
  PutObjectTagging: ['objectSetTagging'],
  DeleteObjectTagging: ['objectDeleteTagging'],
  GetObjectRetention: ['objectGetRetention'],
  PutObjectRetention: ['objectSetRetention'],
  GetObjectLegalHold: ['objectGetLegalHold'],
  PutObjectLegalHold: ['objectSetLegalHold'],
  GetObjectAttributes: ['objectGetAttributes'],
  GetObjectAnnotation: ['objectGetAnnotation'],
  PutObjectAnnotation: ['objectSetAnnotation'],
  DeleteObjectAnnotation: ['objectDeleteAnnotation'],
  ListObjectAnnotations: ['objectListAnnotation'],
  UpdateObjectEncryption: ['objectSetEncryption'],
  RestoreObject: ['objectRestore'],
  RenameObject: ['objectRename'],
  SelectObjectContent: ['objectSelect'],

  CreateSession: 'a connection asks for it by itself, where a directory bucket needs it',
  GetObjectTorrent:
    'S3 makes no torrents any more; `request({ key, params: { torrent: "" } })` asks services that do',
  ListDirectoryBuckets:
    'directory buckets are made and used, but not listed: that is a request to another host, signed for another service',
  WriteGetObjectResponse:
    'is the answer of a Lambda function to S3, at a host and with a token that only that function knows',
};

/** The page, as text. */
export function render() {
  const rows = Object.entries(operations)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, how]) => {
      const page = `https://docs.aws.amazon.com/AmazonS3/latest/API/API_${name}.html`;
      const asked = Array.isArray(how) ? how.map((method) => `\`${method}\``).join(', ') : `none: ${how}`;
      return `| [${name}](${page}) | ${asked} |`;
    });
  return `# Operations

Every operation of S3, and the methods of \`Storage\` that ask for it. What has no method of its own is sent by
\`storage.request()\`, or \`connection.send()\`, the same way as all others. This page is written by \`node scripts/operations.mjs\`.

Not every service knows all of them. One that does not know a subresource may take the request for one about the bucket or the
object itself: Ceph's gateway (16.2) deletes a bucket that it is asked to \`DELETE ?encryption\` of. So before the first change of a
family that is not known everywhere, a connection asks the service what it has of it; where that answers with something else, the
call fails with the code \`NotImplemented\`, and nothing is changed. Who may change a configuration but not read it gets the
refusal of that question. Amazon S3 is not asked.

What directory buckets alone have, RenameObject and CreateSession, is shown against \`@s3kit/server\`: the object's content and all
that its head says before and after, every condition, a source that is not there, an answer that is lost, and a session that ends. No
other service at hand has them: Ceph's gateway takes \`?renameObject\` for the upload of an empty object, so that a service other than
Amazon's is first asked whether the bucket is a directory bucket.

| operation | methods |
| --- | --- |
${rows.join('\n')}
`;
}

if (realpathSync(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('../docs/operations.md', import.meta.url), render());
}
