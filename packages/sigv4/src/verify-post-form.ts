import { parseAmzDate } from './amz-date.ts';
import { checkOptions, checkSignature, type SecretOptions } from './check-signature.ts';
import { checkCredential, parseCredential, type Refusal } from './credential-claim.ts';
import { credentialScope } from './credential-scope.ts';
import { FILE_NAME, meets, type ReadCondition, readCondition } from './post-conditions.ts';
import { DEFAULT_SERVICE } from './services.ts';
import { SignatureError } from './signature-error.ts';
import { ALGORITHM } from './signature-text.ts';
import type { Anonymous } from './verify.ts';

/** A form as a server received it. */
export interface ReceivedForm {
  /** The bucket to which it was sent. */
  bucket: string;
  /** The fields before the file, in any order; without the file. */
  fields: Iterable<readonly [name: string, value: string]>;
  /** The name of the file, for a key with `${filename}`. @default '' */
  fileName?: string;
}

/** What `verifyPostForm` compares a form with. */
export interface VerifyPostOptions extends SecretOptions {
  /** The region that the signature must be for. @default any */
  region?: string;
  /** The service that the signature must be for. @default 's3' */
  service?: string;
  /** The server's time. @default now */
  now?: Date;
}

/** A form whose signature is right, and whose fields are as its policy wants them. */
export interface VerifiedPostForm {
  kind: 'post';
  accessKeyId: string;
  /** When the form was signed. */
  date: Date;
  region: string;
  service: string;
  /** The object's key, with the file's name where it was wanted. */
  key: string;
  /** What the policy says of the file's size; see `checkContentLength`. */
  contentLengthRange: ContentLengthRange | undefined;
  signature: string;
  scope: string;
}

/** Bytes that a file may have. */
export interface ContentLengthRange {
  minimum: number;
  maximum: number;
}

/** Fields that need no condition. */
const EXEMPT: readonly string[] = ['awsaccesskeyid', 'file', 'policy', 'signature', 'x-amz-signature'];

function invalid(message: string, name: string): SignatureError {
  return new SignatureError('InvalidArgument', message, { ArgumentName: name });
}

function invalidPolicy(fault: string): SignatureError {
  return new SignatureError('InvalidPolicyDocument', `Invalid Policy: ${fault}`);
}

function against(fault: string): SignatureError {
  return new SignatureError('AccessDenied', `Invalid according to Policy: ${fault}`);
}

const refuse: Refusal = (fault) =>
  invalid(`Error parsing the X-Amz-Credential parameter; ${fault}`, 'X-Amz-Credential');

/**
 * Verifies the signature of an upload form, and its fields against its policy. The file's size is left to
 * `checkContentLength`, as it is known only at the end.
 *
 * @throws {SignatureError} with S3's code: the signature is wrong or malformed, the policy has expired or is
 *   none, a condition is not met, or a field is there that no condition allows
 * @throws {TypeError} `options.secretFor` is not a function
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html}
 * @example
 * const form = verifyPostForm({ bucket, fields, fileName }, { secretFor: (id) => secrets.get(id) });
 */
export function verifyPostForm(form: ReceivedForm, options: VerifyPostOptions): VerifiedPostForm | Anonymous {
  checkOptions(options);
  const { service = DEFAULT_SERVICE, region, now = new Date() } = options;
  const fields = readFields(form);
  if (!fields.has('policy') && !fields.has('x-amz-signature') && !fields.has('signature')) {
    return { kind: 'anonymous' };
  }
  const required = (name: string): string => {
    const value = fields.get(name.toLowerCase());
    if (value !== undefined) return value;
    throw invalid(
      `Bucket POST must contain a field named '${name}'.  If it is specified, please check the order of the fields.`,
      name,
    );
  };
  if (fields.has('signature')) {
    throw new SignatureError(
      'InvalidRequest',
      'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
    );
  }
  const key = required('key');
  const policy = required('policy');
  if (required('X-Amz-Algorithm') !== ALGORITHM) {
    throw invalid(`X-Amz-Algorithm only supports "${ALGORITHM}"`, 'X-Amz-Algorithm');
  }
  const amzDate = required('X-Amz-Date');
  const date = parseAmzDate(amzDate);
  if (date === undefined) {
    throw invalid(`X-Amz-Date must be in the ISO8601 Long Format "yyyyMMdd'T'HHmmss'Z'"`, 'X-Amz-Date');
  }
  const credential = parseCredential(required('X-Amz-Credential'), refuse);
  checkCredential(credential, amzDate, { region, service }, refuse);
  const signature = required('X-Amz-Signature');
  const sessionToken = fields.get('x-amz-security-token');
  checkSignature({ credential, amzDate, sessionToken, signature, stringToSign: policy }, options);

  const contentLengthRange = checkPolicy(policy, fields, form.bucket, now);
  const { accessKeyId } = credential;
  const scope = credentialScope(amzDate, credential.region, service);
  return {
    kind: 'post',
    accessKeyId,
    date,
    region: credential.region,
    service,
    key,
    contentLengthRange,
    signature,
    scope,
  };
}

function readFields({ fields: given, fileName = '' }: ReceivedForm): Map<string, string> {
  const fields = new Map<string, string>();
  for (const [anyCase, value] of given) {
    const name = anyCase.toLowerCase();
    if (fields.has(name)) throw invalid(`POST requires exactly one field named '${anyCase}'.`, anyCase);
    // S3 puts the file's name in before it looks at the policy.
    fields.set(name, name === 'key' ? value.replaceAll(FILE_NAME, () => fileName) : value);
  }
  return fields;
}

/** @returns what the policy says of the file's size */
function checkPolicy(
  encoded: string,
  fields: ReadonlyMap<string, string>,
  bucket: string,
  now: Date,
): ContentLengthRange | undefined {
  const { expiration, conditions } = readPolicy(encoded);
  if (expiration.getTime() <= now.getTime()) throw against('Policy expired.');
  const values = new Map([...fields, ['bucket', bucket] as const]);
  const range = { minimum: 0, maximum: Number.POSITIVE_INFINITY };
  const covered = new Set(EXEMPT);
  for (const condition of conditions) {
    if (condition.kind === 'content-length-range') {
      range.minimum = Math.max(range.minimum, condition.minimum);
      range.maximum = Math.min(range.maximum, condition.maximum);
      continue;
    }
    const { kind, field, value } = condition;
    covered.add(field);
    if (!meets(condition, values.get(field) ?? '')) {
      throw against(`Policy Condition failed: ["${kind}", "$${field}", "${value}"]`);
    }
  }
  const extra = [...values.keys()].filter((name) => !covered.has(name) && !name.startsWith('x-ignore-'));
  if (extra.length > 0) throw against(`Extra input fields: ${extra.join(', ')}`);
  return range.minimum === 0 && range.maximum === Number.POSITIVE_INFINITY ? undefined : range;
}

function readPolicy(encoded: string): { expiration: Date; conditions: ReadCondition[] } {
  const policy = parsedPolicy(encoded);
  if (typeof policy !== 'object' || policy === null || Array.isArray(policy)) {
    throw invalidPolicy('Invalid JSON: it is not an object.');
  }
  const { expiration: time, conditions: list } = policy as { expiration?: unknown; conditions?: unknown };
  if (time === undefined) throw invalidPolicy('Policy missing expiration.');
  if (list === undefined) throw invalidPolicy('Policy missing conditions.');
  const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
  const expiration = new Date(typeof time === 'string' && form.test(time) ? time : Number.NaN);
  if (Number.isNaN(expiration.getTime()))
    throw invalidPolicy(`Invalid 'expiration' value: '${String(time)}'`);
  if (!Array.isArray(list)) throw invalidPolicy('Invalid conditions: it must be a list.');
  const conditions = list.flatMap((condition: unknown) => {
    const read = readCondition(condition);
    if (read === undefined) throw invalidPolicy(`Invalid Condition: ${JSON.stringify(condition)}`);
    return read;
  });
  return { expiration, conditions };
}

function parsedPolicy(encoded: string): unknown {
  try {
    const bytes = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    // S3 knows two escapes more than JSON.
    const json = text.replace(/\\([\s\S])/g, (whole, character) =>
      character === '$' ? '$' : character === 'v' ? '\\u000b' : whole,
    );
    return JSON.parse(json);
  } catch {
    throw invalidPolicy('Invalid JSON.');
  }
}

/**
 * Compares the size of an uploaded file with what the form's policy allows.
 *
 * @param size - bytes; while a file is still coming, those that have come tell whether it is too large already
 * @param options - `complete`: whether that is all of it; default: it is
 * @throws {SignatureError} `EntityTooLarge`, `EntityTooSmall`
 */
export function checkContentLength(
  { contentLengthRange: range }: Pick<VerifiedPostForm, 'contentLengthRange'>,
  size: number,
  { complete = true }: { complete?: boolean } = {},
): void {
  const details = { ProposedSize: String(size) };
  if (range === undefined) return;
  if (size > range.maximum) {
    throw new SignatureError('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', {
      ...details,
      MaxSizeAllowed: String(range.maximum),
    });
  }
  if (complete && size < range.minimum) {
    throw new SignatureError(
      'EntityTooSmall',
      'Your proposed upload is smaller than the minimum allowed size',
      {
        ...details,
        MinSizeAllowed: String(range.minimum),
      },
    );
  }
}
