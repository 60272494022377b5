import { type Headers, ownerOf } from './context.ts';
import { invalidArgument, s3Error } from './errors.ts';
import { document, listOf, objectOf, readDocument, s3Namespace, type Tree, textOf } from './xml-documents.ts';

const groups = {
  everyone: 'http://acs.amazonaws.com/groups/global/AllUsers',
  authenticated: 'http://acs.amazonaws.com/groups/global/AuthenticatedUsers',
  logDelivery: 'http://acs.amazonaws.com/groups/s3/LogDelivery',
} as const;

const permissions = new Set(['FULL_CONTROL', 'WRITE', 'WRITE_ACP', 'READ', 'READ_ACP']);

/** The grants that a canned ACL adds to the owner's full control; `id` is the bucket's owner. */
const cannedAcls: Readonly<
  Record<string, readonly { grantee: 'bucketOwner' | keyof typeof groups; permission: string }[]>
> = {
  private: [],
  'public-read': [{ grantee: 'everyone', permission: 'READ' }],
  'public-read-write': [
    { grantee: 'everyone', permission: 'READ' },
    { grantee: 'everyone', permission: 'WRITE' },
  ],
  'authenticated-read': [{ grantee: 'authenticated', permission: 'READ' }],
  'aws-exec-read': [],
  'bucket-owner-read': [{ grantee: 'bucketOwner', permission: 'READ' }],
  'bucket-owner-full-control': [{ grantee: 'bucketOwner', permission: 'FULL_CONTROL' }],
  'log-delivery-write': [
    { grantee: 'logDelivery', permission: 'WRITE' },
    { grantee: 'logDelivery', permission: 'READ_ACP' },
  ],
};

const grantHeaders: Readonly<Record<string, string>> = {
  'x-amz-grant-full-control': 'FULL_CONTROL',
  'x-amz-grant-read': 'READ',
  'x-amz-grant-read-acp': 'READ_ACP',
  'x-amz-grant-write': 'WRITE',
  'x-amz-grant-write-acp': 'WRITE_ACP',
};

/** The ACL of what nobody gave one to: its owner has full control. */
export function defaultAcl(owner: string): string {
  return aclDocument(owner, [grant(userGrantee(ownerOf(owner).ID), 'FULL_CONTROL')]);
}

/**
 * The ACL document that a canned ACL or grant headers ask for; undefined when there are none of them.
 *
 * @throws {S3Error} `InvalidArgument`, `InvalidRequest`
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl}
 */
export function aclFromHeaders(headers: Headers, owner: string, bucketOwner: string): string | undefined {
  const canned = headers['x-amz-acl'];
  const named = Object.entries(grantHeaders).filter(([name]) => headers[name] !== undefined);
  if (canned !== undefined && named.length > 0) {
    throw s3Error('InvalidRequest', {
      message: 'Specifying both Canned ACLs and Header Grants is not allowed',
    });
  }
  if (canned !== undefined) {
    const additions = Object.hasOwn(cannedAcls, canned) ? cannedAcls[canned] : undefined;
    if (!additions) throw invalidArgument('', 'x-amz-acl', canned);
    const grants = additions.map(({ grantee, permission }) =>
      grant(
        grantee === 'bucketOwner' ? userGrantee(ownerOf(bucketOwner).ID) : groupGrantee(groups[grantee]),
        permission,
      ),
    );
    return aclDocument(owner, [grant(userGrantee(ownerOf(owner).ID), 'FULL_CONTROL'), ...grants]);
  }
  if (named.length === 0) return undefined;
  const grants = named.flatMap(([name, permission]) =>
    granteesOf(name, headers[name] ?? '').map((grantee) => grant(grantee, permission)),
  );
  return aclDocument(owner, grants);
}

/**
 * Checks an AccessControlPolicy document.
 *
 * @throws {S3Error} `MalformedACLError`, `InvalidArgument`
 */
export function checkAclDocument(text: string): void {
  const malformed = s3Error('MalformedACLError');
  const root = readDocument(text, 'AccessControlPolicy', ['AccessControlList/Grant'], 'MalformedACLError');
  if (textOf(objectOf(root['Owner'])['ID']) === undefined || root['AccessControlList'] === undefined)
    throw malformed;
  const grants = listOf(objectOf(root['AccessControlList'])['Grant']);
  if (grants.length > 100) throw malformed;
  for (const item of grants) {
    const { Permission, ...rest } = objectOf(item);
    // The opening text of a grantee holds its xsi:type.
    const [, value] = Object.entries(rest).find(([name]) => name.split(' ', 1)[0] === 'Grantee') ?? [];
    const grantee = objectOf(value);
    if (!permissions.has(textOf(Permission) ?? '')) throw malformed;
    if (grantee['EmailAddress'] !== undefined) throw s3Error('UnresolvableGrantByEmailAddress');
    if (!textOf(grantee['ID']) && !textOf(grantee['URI'])) throw malformed;
    checkGroup(textOf(grantee['URI']));
  }
}

function aclDocument(owner: string, grants: readonly Tree[]): string {
  return document({
    [`AccessControlPolicy ${s3Namespace}`]: {
      Owner: ownerOf(owner),
      AccessControlList: { Grant: grants },
    },
  });
}

function grant(grantee: Tree, permission: string): Tree {
  return { ...grantee, Permission: permission };
}

function userGrantee(id: string): Tree {
  return { [`Grantee ${granteeType('CanonicalUser')}`]: { ID: id } };
}

function groupGrantee(uri: string): Tree {
  checkGroup(uri);
  return { [`Grantee ${granteeType('Group')}`]: { URI: uri } };
}

function granteeType(type: string): string {
  return `xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="${type}"`;
}

function checkGroup(uri: string | undefined): void {
  if (uri === undefined || Object.values<string>(groups).includes(uri)) return;
  throw invalidArgument('Invalid group uri', 'uri', uri);
}

/** Grantees of a header: `id="...", uri="..."`. */
function granteesOf(name: string, value: string): Tree[] {
  return value.split(',').map((item) => {
    const [, kind, content = ''] = /^\s*(id|uri|emailAddress)="?([^"]*)"?\s*$/.exec(item) ?? [];
    if (kind === 'id' && content !== '') return userGrantee(content);
    if (kind === 'uri') return groupGrantee(content);
    if (kind === 'emailAddress') throw s3Error('UnresolvableGrantByEmailAddress');
    throw invalidArgument('Argument format not recognized', name, item.trim());
  });
}
