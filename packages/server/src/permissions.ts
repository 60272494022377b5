import type { AclPermission } from './acl.ts';
import { configurationFamilies } from './configuration-families.ts';
import { sessionAction } from './directory-buckets.ts';

/** What a caller needs for an operation. */
export interface Permission {
  /** The action as policies name it. */
  action: string;
  /** The action where the request names a version. @default the same */
  versionAction?: string;
  /** Which ACL may give it, and by what grant. @default none: only the owner, or a policy */
  acl?: { of: 'bucket' | 'object'; grant: AclPermission };
}

const bucketRead: Permission['acl'] = { of: 'bucket', grant: 'READ' };
const bucketWrite: Permission['acl'] = { of: 'bucket', grant: 'WRITE' };
const read: Permission = {
  action: 's3:GetObject',
  versionAction: 's3:GetObjectVersion',
  acl: { of: 'object', grant: 'READ' },
};
const write: Permission = { action: 's3:PutObject', acl: bucketWrite };
const list: Permission = { action: 's3:ListBucket', acl: bucketRead };

/** What a copy needs of its source. */
export const readPermission: Permission = read;
/** Who may list a bucket is told that a key is not there; all others learn nothing. */
export const listPermission: Permission = list;
/** What a session of a directory bucket needs, and all that can be asked for with one. */
export const sessionPermission: Permission = { action: sessionAction };
/** What a multi-delete needs for each of its keys. */
export const deletePermission: Permission = {
  action: 's3:DeleteObject',
  versionAction: 's3:DeleteObjectVersion',
  acl: bucketWrite,
};

/** Where the name of a family's actions is not made like the others. */
const unlike: Readonly<Record<string, string>> = {
  'DELETE policy': 's3:DeleteBucketPolicy',
  'DELETE website': 's3:DeleteBucketWebsite',
};

/** ACLs have permissions of their own in ACLs. */
const aclGrants: Readonly<Record<string, AclPermission>> = { GET: 'READ_ACP', PUT: 'WRITE_ACP' };

function familyPermissions(): [string, Permission][] {
  return Object.entries(configurationFamilies).flatMap(([name, { actions }]) =>
    ['GET', 'PUT', 'DELETE'].map((method): [string, Permission] => {
      const action = unlike[`${method} ${name}`] ?? `s3:${method === 'GET' ? 'Get' : 'Put'}${actions}`;
      const grant = name === 'acl' ? aclGrants[method] : undefined;
      return [`${method} bucket ?${name}`, grant ? { action, acl: { of: 'bucket', grant } } : { action }];
    }),
  );
}

function objectPermission(action: string, versionAction: string, grant?: AclPermission): Permission {
  const permission = { action: `s3:${action}`, versionAction: `s3:${versionAction}` };
  return grant === undefined ? permission : { ...permission, acl: { of: 'object', grant } };
}

/**
 * What each operation needs, by the name of its route. A list of buckets, and making one, need a known caller
 * only.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html}
 */
export const permissions: ReadonlyMap<string, Permission> = /* @__PURE__ */ new Map<string, Permission>([
  ...familyPermissions(),
  ['GET bucket ?location', { action: 's3:GetBucketLocation' }],
  ['GET bucket ?policyStatus', { action: 's3:GetBucketPolicyStatus' }],
  ['HEAD bucket', list],
  ['GET bucket', list],
  ['GET bucket ?versions', { action: 's3:ListBucketVersions', acl: bucketRead }],
  ['GET bucket ?uploads', { action: 's3:ListBucketMultipartUploads', acl: bucketRead }],
  ['DELETE bucket', { action: 's3:DeleteBucket' }],
  ['GET object', read],
  ['HEAD object', read],
  ['PUT object', write],
  ['PUT object ?renameObject', sessionPermission],
  ['DELETE object', deletePermission],
  ['POST object ?uploads', write],
  ['PUT object ?uploadId', write],
  ['POST object ?uploadId', write],
  ['DELETE object ?uploadId', { action: 's3:AbortMultipartUpload', acl: bucketWrite }],
  ['GET object ?uploadId', { action: 's3:ListMultipartUploadParts' }],
  [
    'GET object ?attributes',
    { ...read, action: 's3:GetObjectAttributes', versionAction: 's3:GetObjectVersionAttributes' },
  ],
  ['POST object ?restore', { action: 's3:RestoreObject' }],
  ['GET object ?retention', { action: 's3:GetObjectRetention' }],
  ['PUT object ?retention', { action: 's3:PutObjectRetention' }],
  ['GET object ?legal-hold', { action: 's3:GetObjectLegalHold' }],
  ['PUT object ?legal-hold', { action: 's3:PutObjectLegalHold' }],
  ['GET object ?acl', objectPermission('GetObjectAcl', 'GetObjectVersionAcl', 'READ_ACP')],
  ['PUT object ?acl', objectPermission('PutObjectAcl', 'PutObjectVersionAcl', 'WRITE_ACP')],
  ['GET object ?tagging', objectPermission('GetObjectTagging', 'GetObjectVersionTagging')],
  ['PUT object ?tagging', objectPermission('PutObjectTagging', 'PutObjectVersionTagging')],
  ['DELETE object ?tagging', objectPermission('DeleteObjectTagging', 'DeleteObjectVersionTagging')],
]);

/** What the headers of an upload ask for besides the upload. */
export const headerPermissions: readonly { header: RegExp; action: string }[] = [
  { header: /^x-amz-(acl|grant-.*)$/, action: 's3:PutObjectAcl' },
  { header: /^x-amz-tagging$/, action: 's3:PutObjectTagging' },
  { header: /^x-amz-object-lock-(mode|retain-until-date)$/, action: 's3:PutObjectRetention' },
  { header: /^x-amz-object-lock-legal-hold$/, action: 's3:PutObjectLegalHold' },
];
