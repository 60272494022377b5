import { demand, has, isOneOf } from './document-checks.ts';
import { s3Error } from './errors.ts';
import type { BucketFacts, BucketRecord, ObjectOwnership, PublicAccessBlock } from './records.ts';
import { listOf, objectOf, readDocument, textOf } from './xml-documents.ts';

const encryptionHeader = 'x-amz-server-side-encryption';

/**
 * What a ServerSideEncryptionConfiguration makes of uploads without encryption headers.
 *
 * @throws {S3Error} `MalformedXML`
 */
export function encryptionFacts(text: string): Required<Pick<BucketFacts, 'encryption'>> {
  const { Rule } = readDocument(text, 'ServerSideEncryptionConfiguration', [
    'ServerSideEncryptionConfiguration/Rule',
  ]);
  const rules = listOf(Rule).map(objectOf);
  demand(rules.length === 1);
  const rule = rules[0] ?? {};
  const { SSEAlgorithm, KMSMasterKeyID } = objectOf(rule['ApplyServerSideEncryptionByDefault']);
  demand(isOneOf(SSEAlgorithm, 'AES256', 'aws:kms', 'aws:kms:dsse'));
  const algorithm = textOf(SSEAlgorithm)?.trim() ?? '';
  const keyId = textOf(KMSMasterKeyID);
  if (keyId !== undefined && algorithm === 'AES256') {
    throw s3Error('InvalidArgument', {
      message:
        'a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse',
    });
  }
  const encryption: Record<string, string> = { [encryptionHeader]: algorithm };
  if (keyId !== undefined) encryption[`${encryptionHeader}-aws-kms-key-id`] = keyId;
  if (isOneOf(rule['BucketKeyEnabled'], 'true'))
    encryption[`${encryptionHeader}-bucket-key-enabled`] = 'true';
  return { encryption };
}

/** @throws {S3Error} `MalformedXML` */
export function publicAccessFacts(text: string): { publicAccess: PublicAccessBlock } {
  const root = readDocument(text, 'PublicAccessBlockConfiguration');
  const names = [
    'BlockPublicAcls',
    'IgnorePublicAcls',
    'BlockPublicPolicy',
    'RestrictPublicBuckets',
  ] as const;
  demand(
    names.some((name) => has(root, name)),
    ...names.map((name) => !has(root, name) || isOneOf(root[name], 'true', 'false', 'TRUE', 'FALSE')),
  );
  const [
    BlockPublicAcls = false,
    IgnorePublicAcls = false,
    BlockPublicPolicy = false,
    RestrictPublicBuckets = false,
  ] = names.map((name) => isOneOf(root[name], 'true', 'TRUE'));
  return { publicAccess: { BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets } };
}

/** The settings of object ownership. */
export const ownerships: readonly ObjectOwnership[] = [
  'BucketOwnerEnforced',
  'BucketOwnerPreferred',
  'ObjectWriter',
];

/** @throws {S3Error} `MalformedXML` */
export function ownershipFacts(text: string): { ownership: ObjectOwnership | undefined } {
  const { Rule } = readDocument(text, 'OwnershipControls', ['OwnershipControls/Rule']);
  const rules = listOf(Rule).map(objectOf);
  demand(rules.length === 1);
  const asked = textOf(rules[0]?.['ObjectOwnership'])?.trim();
  const ownership = ownerships.find((name) => name === asked);
  demand(ownership !== undefined);
  return { ownership };
}

/**
 * What an ObjectLockConfiguration says.
 *
 * @throws {S3Error} `MalformedXML`, `InvalidBucketState`, `InvalidArgument`
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html}
 */
export function objectLockFacts(text: string, { versioning }: BucketRecord): Pick<BucketFacts, 'objectLock'> {
  const { ObjectLockEnabled, Rule } = readDocument(text, 'ObjectLockConfiguration');
  demand(isOneOf(ObjectLockEnabled, 'Enabled'));
  if (versioning !== 'Enabled') {
    throw s3Error('InvalidBucketState', {
      message: "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration",
    });
  }
  if (Rule === undefined) return { objectLock: {} };
  const { Mode, Days, Years } = objectOf(objectOf(Rule)['DefaultRetention']);
  const mode = (['GOVERNANCE', 'COMPLIANCE'] as const).find((name) => isOneOf(Mode, name));
  demand((Days === undefined) !== (Years === undefined));
  const count = Number(textOf(Days) ?? textOf(Years));
  if (!mode) throw s3Error('MalformedXML');
  if (!(Number.isInteger(count) && count > 0)) {
    throw s3Error('InvalidArgument', {
      message: 'Default retention period must be a positive integer value.',
    });
  }
  const days = Days === undefined ? count * 365 : count;
  if (days > 36_500) {
    throw s3Error('InvalidArgument', { message: 'Default retention period too large.' });
  }
  return { objectLock: { defaultRetention: { mode, days } } };
}
