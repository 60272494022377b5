import type { QueryPair } from './encode-query.ts';
import { FILE_NAME, meets, type PostCondition, readCondition } from './post-conditions.ts';
import { checkedExpiresIn } from './presign-url.ts';
import { ALGORITHM } from './signature-text.ts';
import type { SigningIdentity, SignOverrides } from './signing-identity.ts';

/** What an upload form lets its user do. */
export interface PostFormOptions extends SignOverrides {
  /** The bucket that takes the upload. */
  bucket: string;
  /**
   * The object's key. `${filename}` in it stands for the name of the file that the user picks; the policy then
   * lets any key pass that begins with what is before it.
   */
  key: string;
  /** Further fields with a value that is known now, such as `acl` or `x-amz-meta-...`. @default none */
  fields?: Readonly<Record<string, string>>;
  /**
   * Conditions besides those that follow from bucket, key and fields: sizes, and fields that the page adds itself.
   * @default none
   */
  conditions?: readonly PostCondition[];
  /** For how long the form is good, in whole seconds, 1 to 604,800 (a week). @default 3600 */
  expiresIn?: number;
}

/** A signed form. */
export interface PostForm {
  /**
   * The form's fields, in order. The file follows them, in a field named `file`: S3 ignores all that comes after
   * it.
   */
  fields: Record<string, string>;
  /** The policy, as JSON. */
  policy: string;
}

/** Fields that the signer writes, that are the file, or that belong to the old signature. */
const OWN_FIELDS: readonly string[] = [
  'awsaccesskeyid',
  'bucket',
  'file',
  'key',
  'policy',
  'signature',
  'x-amz-algorithm',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-security-token',
  'x-amz-signature',
];

/**
 * Signs a form by which a browser can upload a file, without keys, until it expires.
 *
 * @throws {TypeError} a field or condition is malformed, or no field of the form can meet a condition
 * @throws {RangeError} `expiresIn` is outside 1 to 604,800, a size is none, or `date` is invalid
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html}
 * @example
 * const { fields } = signPostForm(signer, {
 *   bucket: 'photos',
 *   key: 'uploads/${filename}',
 *   conditions: [contentLengthRange(1, 10_000_000), fieldStartsWith('Content-Type', 'image/')],
 * });
 */
export function signPostForm(identity: SigningIdentity, options: PostFormOptions): PostForm {
  const { bucket, key, fields: given = {}, conditions = [], date = new Date() } = options;
  const expiresIn = checkedExpiresIn(options.expiresIn ?? 3600);
  checkText(bucket, 'bucket');
  checkText(key, 'key');
  if (bucket === '' || key === '')
    throw new TypeError(`${bucket === '' ? 'bucket' : 'key'} must not be empty`);
  checkFields(given);
  const context = identity.at({ ...options, date });

  const own: QueryPair[] = [
    ['x-amz-algorithm', ALGORITHM],
    ['x-amz-credential', context.credential],
    ['x-amz-date', context.amzDate],
  ];
  if (context.sessionToken !== undefined) own.push(['x-amz-security-token', context.sessionToken]);

  const covered = coveredFields(conditions, { ...given, key });
  const implied = Object.entries(given).filter(([name]) => !covered.has(name.toLowerCase()));
  const variable = key.indexOf(FILE_NAME);
  const keyCondition: PostCondition =
    variable < 0 ? { key } : ['starts-with', '$key', key.slice(0, variable)];
  const policy = asciiJson({
    expiration: new Date(Math.floor(date.getTime() / 1000 + expiresIn) * 1000)
      .toISOString()
      .replace('.000', ''),
    conditions: [
      ...conditions,
      ...implied.map(([name, value]) => ({ [name]: value })),
      { bucket },
      ...(covered.has('key') ? [] : [keyCondition]),
      ...own.map(([name, value]) => ({ [name]: value })),
    ],
  });
  const encoded = btoa(policy);
  return {
    fields: {
      ...given,
      key,
      ...Object.fromEntries(own),
      policy: encoded,
      'x-amz-signature': context.signature(encoded),
    },
    policy,
  };
}

/** JSON without any character above ASCII, so that its bytes are its characters. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\x7f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function checkText(text: string, argument: string): void {
  if (typeof text !== 'string') throw new TypeError(`${argument} must be a string`);
  if (/\p{Surrogate}/u.test(text)) {
    throw new TypeError(`${argument} holds half of a surrogate pair, which has no UTF-8 form`);
  }
}

function checkFields(fields: Readonly<Record<string, string>>): void {
  const names = new Set<string>();
  for (const [name, value] of Object.entries(fields)) {
    checkText(value, `fields: '${name}'`);
    const lower = name.toLowerCase();
    if (lower === '' || OWN_FIELDS.includes(lower) || /[\r\n"]/.test(name) || name === '__proto__') {
      throw new TypeError(
        `fields: ${JSON.stringify(name)} cannot be given; the signer writes its own fields`,
      );
    }
    if (names.has(lower)) throw new TypeError(`fields: '${name}' is given twice`);
    names.add(lower);
  }
}

/** The fields that the conditions are about. @throws {TypeError} a condition is malformed, or cannot be met */
function coveredFields(
  conditions: readonly PostCondition[],
  fields: Readonly<Record<string, string>>,
): Set<string> {
  const values = new Map(Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value]));
  const covered = new Set<string>();
  for (const condition of conditions) {
    const text = JSON.stringify(condition);
    const read = readCondition(condition);
    if (read === undefined && Array.isArray(condition) && condition[0] === 'content-length-range') {
      throw new RangeError(`conditions: ${text} must hold two sizes in bytes, the smaller one first`);
    }
    if (read === undefined) throw new TypeError(`conditions: ${text} is not a condition of S3`);
    for (const part of read) {
      if (part.kind === 'content-length-range') continue;
      checkText(part.value, 'conditions: a value');
      const { field } = part;
      if (OWN_FIELDS.includes(field) && field !== 'key') {
        throw new TypeError(`conditions: the signer writes the one on '${field}' itself`);
      }
      covered.add(field);
      const value = values.get(field);
      // What begins with something can still be filled in by the page; what is known now can be told now.
      if (value === undefined ? part.kind === 'eq' : !meets(part, value)) {
        throw new TypeError(
          `conditions: no field of the form meets ${text}; ${value === undefined ? `add '${field}' to fields` : `'${field}' has another value`}`,
        );
      }
    }
  }
  return covered;
}
