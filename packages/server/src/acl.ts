import type { XmlObject } from '@s3kit/xml';
import { anonymous, ownerOf } from './callers.ts';
import type { Headers } from './context.ts';
import { invalidArgument, s3Error } from './errors.ts';
import type { BucketRecord } from './records.ts';
import { document, listOf, objectOf, readDocument, s3Namespace, type Tree, textOf } from './xml-documents.ts';

const groups = {
  everyone: 'http://acs.amazonaws.com/groups/global/AllUsers',
  authenticated: 'http://acs.amazonaws.com/groups/global/AuthenticatedUsers',
  logDelivery: 'http://acs.amazonaws.com/groups/s3/LogDelivery',
} as const;

/** What a grant may give. */
export type AclPermission = 'FULL_CONTROL' | 'WRITE' | 'WRITE_ACP' | 'READ' | 'READ_ACP';

const permissions = new Set<string>(['FULL_CONTROL', 'WRITE', 'WRITE_ACP', 'READ', 'READ_ACP']);

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
  const grants = grantsOf(root);
  if (grants.length > 100) throw malformed;
  for (const { id, uri, email, permission } of grants) {
    if (!permissions.has(permission)) throw malformed;
    if (email) throw s3Error('UnresolvableGrantByEmailAddress');
    if (!id && !uri) throw malformed;
    checkGroup(uri);
  }
}

/** One grant of an ACL document. */
interface Grant {
  id: string | undefined;
  uri: string | undefined;
  email: boolean;
  permission: string;
}

function grantsOf(root: XmlObject): Grant[] {
  return listOf(objectOf(root['AccessControlList'])['Grant']).map((item) => {
    const { Permission, ...rest } = objectOf(item);
    // The opening text of a grantee holds its xsi:type.
    const [, value] = Object.entries(rest).find(([name]) => name.split(' ', 1)[0] === 'Grantee') ?? [];
    const grantee = objectOf(value);
    return {
      id: textOf(grantee['ID']),
      uri: textOf(grantee['URI']),
      email: grantee['EmailAddress'] !== undefined,
      permission: textOf(Permission) ?? '',
    };
  });
}

function storedGrants(text: string): Grant[] {
  return grantsOf(readDocument(text, 'AccessControlPolicy', ['AccessControlList/Grant']));
}

const publicGroups: ReadonlySet<string | undefined> = new Set([groups.everyone, groups.authenticated]);

/**
 * Whether a stored ACL gives the caller a permission.
 *
 * @param caller - access key id; empty for an anonymous caller
 * @param ignorePublic - whether grants to everyone, or to every user, do not count
 */
export function aclAllows(
  text: string,
  caller: string,
  permission: AclPermission,
  ignorePublic: boolean,
): boolean {
  const { ID } = ownerOf(caller);
  return storedGrants(text).some((grant) => {
    if (grant.permission !== permission && grant.permission !== 'FULL_CONTROL') return false;
    if (grant.id !== undefined) return caller !== anonymous && grant.id === ID;
    if (ignorePublic) return false;
    return grant.uri === groups.everyone || (grant.uri === groups.authenticated && caller !== anonymous);
  });
}

/** Whether an ACL lets everyone, or every user, do anything. */
export function isPublicAcl(text: string): boolean {
  return storedGrants(text).some(({ uri }) => publicGroups.has(uri));
}

/**
 * Refuses an ACL where the bucket has ACLs switched off, or keeps the public out.
 *
 * @param text - the document; undefined: none was asked for
 * @throws {S3Error} `AccessControlListNotSupported`, `AccessDenied`
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html}
 */
export function checkAclAllowed(
  text: string | undefined,
  { headers }: { headers: Headers },
  { ownership, publicAccess }: BucketRecord,
): void {
  if (text === undefined) return;
  if (ownership === 'BucketOwnerEnforced') {
    // This one gives the bucket's owner what it has anyway.
    if (headers['x-amz-acl'] === 'bucket-owner-full-control') return;
    throw s3Error('AccessControlListNotSupported');
  }
  if (publicAccess?.BlockPublicAcls === true && isPublicAcl(text)) throw s3Error('AccessDenied');
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
