import { isDirectoryBucketName } from './directory-buckets.ts';
import { s3Error } from './errors.ts';
import { isConditionOperator } from './policy-conditions.ts';
import { matchesPattern } from './wildcards.ts';

/** One statement of a bucket policy, with every list a list. */
export interface PolicyStatement {
  allow: boolean;
  /** The statement is for everybody but the principals that it names. */
  notPrincipal: boolean;
  /** ARNs, account numbers, canonical user ids; `*` is everybody. */
  principals: readonly string[];
  notAction: boolean;
  /** `s3:GetObject`, with `*` and `?`. */
  actions: readonly string[];
  notResource: boolean;
  /** ARNs, with `*` and `?`. */
  resources: readonly string[];
  conditions: readonly PolicyCondition[];
}

/** One test of a statement: the operator, the key, and the values of which one has to fit. */
interface PolicyCondition {
  operator: string;
  key: string;
  values: readonly string[];
}

/** Bytes of a policy. @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html} */
const maximumPolicy = 20 * 1024;

/**
 * Reads a bucket policy.
 *
 * @throws {S3Error} `MalformedPolicy`, with what is wrong in the message
 * @see {@link https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html}
 */
export function readPolicy(text: string, bucket: string): PolicyStatement[] {
  if (!text.startsWith('{')) throw s3Error('MalformedPolicy');
  if (Buffer.byteLength(text) > maximumPolicy) refuse('Policy exceeds the maximum allowed document size.');
  let policy: Fields;
  try {
    policy = fieldsOf(JSON.parse(text));
  } catch {
    throw s3Error('MalformedPolicy');
  }
  const { Version, Statement } = policy;
  if (Version !== undefined && Version !== '2012-10-17' && Version !== '2008-10-17') {
    refuse('The policy must contain a valid version string');
  }
  if (Statement === undefined) refuse('Missing required field Statement');
  const statements = (Array.isArray(Statement) ? Statement : [Statement]).map(fieldsOf);
  if (statements.length === 0) refuse('Could not parse the policy: Statement is empty!');
  return statements.map((statement) => readStatement(statement, bucket));
}

type Fields = Readonly<Record<string, unknown>>;

function refuse(message: string): never {
  throw s3Error('MalformedPolicy', { message });
}

function fieldsOf(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw s3Error('MalformedPolicy');
  return value as Fields;
}

function readStatement(statement: Fields, bucket: string): PolicyStatement {
  const { Effect, Condition } = statement;
  if (Effect !== 'Allow' && Effect !== 'Deny') refuse('Invalid effect');
  const [principal, notPrincipal] = either(statement, 'Principal');
  const [action, notAction] = either(statement, 'Action');
  const [resource, notResource] = either(statement, 'Resource');
  const actions = textsOf(action, 'Policy has invalid action');
  const actionForm = isDirectoryBucketName(bucket) ? /^(\*|s3express:[\w*?]+)$/i : /^(\*|s3:[\w*?]+)$/i;
  if (!actions.every((name) => actionForm.test(name))) refuse('Policy has invalid action');
  const resources = textsOf(resource, 'Policy has invalid resource');
  if (!resources.every((name) => isAbout(name, bucket))) refuse('Policy has invalid resource');
  return {
    allow: Effect === 'Allow',
    notPrincipal,
    principals: principalsOf(principal),
    notAction,
    actions,
    notResource,
    resources,
    conditions: Condition === undefined ? [] : conditionsOf(fieldsOf(Condition)),
  };
}

/** A field, or the one with `Not` before its name. */
function either(statement: Fields, name: string): [value: unknown, negated: boolean] {
  const negative = `Not${name}`;
  const negated = Object.hasOwn(statement, negative);
  if (negated === Object.hasOwn(statement, name)) refuse(`Missing required field ${name}`);
  return [statement[negated ? negative : name], negated];
}

function textsOf(value: unknown, problem: string): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.map((item) => (typeof item === 'string' && item !== '' ? item : refuse(problem)));
}

/** A policy may speak of its own bucket alone. */
function isAbout(resource: string, bucket: string): boolean {
  if (resource === '*') return true;
  const form = isDirectoryBucketName(bucket)
    ? /^arn:[\w-]+:s3express:[\w*?-]*:[\w*?]*:bucket\/([^/]+)/
    : /^arn:[\w-]+:s3:::([^/]+)/;
  const [, name] = form.exec(resource) ?? [];
  return name !== undefined && matchesPattern(bucket, name);
}

function principalsOf(value: unknown): string[] {
  const problem = 'Invalid principal in policy';
  if (value === '*') return ['*'];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse(problem);
  const kinds = Object.entries(value);
  if (kinds.length === 0) return refuse(problem);
  return kinds.flatMap(([kind, names]) => {
    if (!['AWS', 'CanonicalUser', 'Service', 'Federated'].includes(kind)) return refuse(problem);
    const texts = textsOf(names, problem);
    // No request to this server comes from a service or a federation.
    return kind === 'AWS' || kind === 'CanonicalUser' ? texts : texts.map((name) => `${kind}:${name}`);
  });
}

function conditionsOf(operators: Fields): PolicyCondition[] {
  return Object.entries(operators).flatMap(([operator, tests]) => {
    if (!isConditionOperator(operator)) refuse(`Invalid Condition type : ${operator}`);
    return Object.entries(fieldsOf(tests)).map(([key, value]) => {
      const list: unknown[] = Array.isArray(value) ? value : [value];
      // A boolean or a number may stand without quotes.
      return { operator, key: key.toLowerCase(), values: list.map(String) };
    });
  });
}

/** Keys that, held to fixed values, keep a statement for everybody from being public. */
const narrowingKeys = new Set([
  'aws:sourceip',
  'aws:sourcearn',
  'aws:sourcevpc',
  'aws:sourcevpce',
  'aws:sourceowner',
  'aws:sourceaccount',
  'aws:principalarn',
  'aws:principalaccount',
  'aws:principalorgid',
  'aws:userid',
  'aws:username',
  's3:x-amz-server-side-encryption-aws-kms-key-id',
  's3:dataaccesspointarn',
  's3:dataaccesspointaccount',
]);

/**
 * Whether a policy lets the public in.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status}
 */
export function isPublicPolicy(statements: readonly PolicyStatement[]): boolean {
  return statements.some(
    ({ allow, principals, notPrincipal, conditions }) =>
      allow &&
      (notPrincipal || principals.includes('*')) &&
      !conditions.some(
        ({ operator, key, values }) =>
          !/Not|Null/.test(operator) &&
          narrowingKeys.has(key) &&
          values.every((value) => !/[*?]/.test(value) && !/\/0$/.test(value)),
      ),
  );
}
