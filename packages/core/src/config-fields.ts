import { checksumSettings } from './checksum-settings.ts';
import { bucketNameProblem } from './names.ts';
import { serviceNames } from './services.ts';

/** Says what is wrong with a value, or undefined. */
type FieldCheck = (value: unknown) => string | undefined;

const isText: FieldCheck = (value) => {
  if (typeof value === 'string') return value === '' ? 'must not be empty' : undefined;
  return typeof value === 'number' || typeof value === 'boolean'
    ? `must be a string, not ${describe(value)}; put it in quotes`
    : `must be a string, not ${describe(value)}`;
};

const isAppId: FieldCheck = (value) =>
  isText(value) ??
  (/^[\w!#$%&'*+\-.^`|~]{1,50}$/.test(String(value))
    ? undefined
    : "must be 1 to 50 letters, digits, or any of !#$%&'*+-.^_`|~");

const isBucketName: FieldCheck = (value) => {
  const problem = isText(value) ?? bucketNameProblem(value);
  return problem === undefined || problem.startsWith('must') ? problem : `is not a bucket name: ${problem}`;
};

const isBoolean: FieldCheck = (value) =>
  typeof value === 'boolean' ? undefined : `must be true or false, not ${describe(value)}`;

const isCount: FieldCheck = (value) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    ? undefined
    : `must be a whole number, 0 or more, not ${describe(value)}`;

// What a timer can count, in seconds.
const longestInterval = 2_147_483;

const isSeconds: FieldCheck = (value) => {
  if (typeof value !== 'number' || !(value >= 0))
    return `must be a number of seconds, 0 or more, not ${describe(value)}`;
  return value <= longestInterval ? undefined : `must be a number of seconds up to ${longestInterval}`;
};

const isStatusCodes: FieldCheck = (value) =>
  Array.isArray(value) && value.every((code) => Number.isSafeInteger(code) && code > 0)
    ? undefined
    : `must be a list of status codes, not ${describe(value)}`;

const isOneOf =
  (...values: readonly string[]): FieldCheck =>
  (value) =>
    values.some((one) => one === value)
      ? undefined
      : `must be one of ${values.join(', ')}, not ${describe(value)}`;

const isCredentials: FieldCheck = (value) => {
  if (value === 'anonymous' || typeof value === 'function') return undefined;
  const { accessKeyId, secretAccessKey } = Object(value) as Record<string, unknown>;
  return typeof accessKeyId === 'string' && typeof secretAccessKey === 'string'
    ? undefined
    : "must be credentials with accessKeyId and secretAccessKey, a function that gives them, or 'anonymous'";
};

/** A field that holds a value, or a group of fields. */
type Field = { readonly check: FieldCheck } | { readonly group: FieldTable };
export type FieldTable = Readonly<Record<string, Field>>;

/** The fields of `retry`. */
const retryFields: FieldTable = {
  limit: { check: isCount },
  interval: { check: isSeconds },
  statusCodes: { check: isStatusCodes },
  mode: { check: isOneOf('standard', 'adaptive') },
};

/** The fields of a connection that both `new S3Connection(...)` and `s3.yaml` know. */
const commonFields: FieldTable = {
  accessKeyId: { check: isText },
  secretAccessKey: { check: isText },
  sessionToken: { check: isText },
  defaultBucket: { check: isBucketName },
  service: { check: isOneOf(...serviceNames) },
  endpoint: { check: isText },
  tls: { check: isBoolean },
  region: { check: isText },
  dualstack: { check: isBoolean },
  fips: { check: isBoolean },
  accelerate: { check: isBoolean },
  retry: { group: retryFields },
  addressingStyle: { check: isOneOf('auto', 'path', 'virtual') },
  checksum: { check: isOneOf(...checksumSettings) },
  responseChecksumValidation: { check: isOneOf('when-supported', 'when-required') },
  payloadSigning: { check: isOneOf('auto', 'always', 'never') },
  appId: { check: isAppId },
};

/**
 * The fields of `new S3Connection(...)`, by their camel case names; each is also known by its snake case twin.
 */
export const connectionFields: FieldTable = { ...commonFields, credentials: { check: isCredentials } };

/** The fields of `s3.yaml`. */
export const fileFields: FieldTable = { ...commonFields, anonymous: { check: isBoolean } };

/** A fault in a configuration: the key's place, from the top, as the caller wrote it, and what is wrong there. */
interface FieldProblem {
  readonly path: readonly string[];
  readonly problem: string;
}

/** A configuration brought to camel case, or the first fault in it. */
export type FieldsResult = { readonly fields: Readonly<Record<string, unknown>> } | FieldProblem;

/**
 * Checks a configuration against a table of fields. Values never appear in a problem's text, as they may be secrets;
 * only what kind they are.
 */
function readFields(value: unknown, table: FieldTable, path: readonly string[] = []): FieldsResult {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { path, problem: `must hold keys and values, not ${describe(value)}` };
  }
  const fields: Record<string, unknown> = {};
  for (const [given, item] of Object.entries(value)) {
    const place = [...path, given];
    const name = camelCase(given);
    const field =
      Object.hasOwn(table, name) && (given === name || given === snakeCase(name)) ? table[name] : undefined;
    if (field === undefined) return { path: place, problem: unknownKey(table) };
    if (item === undefined || item === null) continue;
    if (name in fields)
      return { path: place, problem: `is given twice, as ${name} and as ${snakeCase(name)}` };
    if ('group' in field) {
      const result = readFields(item, field.group, place);
      if ('problem' in result) return result;
      fields[name] = result.fields;
    } else {
      const problem = field.check(item);
      if (problem !== undefined) return { path: place, problem };
      fields[name] = item;
    }
  }
  return { fields };
}

/** Checks the fields of a connection, and that they say in one way who signs. */
export function readConnectionFields(
  value: unknown,
  table: FieldTable,
  path: readonly string[] = [],
): FieldsResult {
  const result = readFields(value, table, path);
  if ('problem' in result) return result;
  const { accessKeyId, secretAccessKey, sessionToken, credentials, anonymous } = result.fields;
  const other = credentials !== undefined ? 'credentials' : anonymous === true ? 'anonymous' : undefined;
  if (other !== undefined) {
    const keys = Object.entries({ accessKeyId, secretAccessKey, sessionToken });
    const [twice] = keys.find(([, key]) => key !== undefined) ?? [];
    if (twice === undefined) return result;
    return { path: [...path, snakeCase(twice)], problem: `is given beside ${other}; leave one of them out` };
  }
  if (accessKeyId !== undefined && secretAccessKey !== undefined) return result;
  const missing = accessKeyId === undefined ? 'accessKeyId' : 'secretAccessKey';
  const instead =
    'credentials' in table
      ? "credentials: a function that gives them (such as @s3kit/credentials has), or 'anonymous'"
      : 'anonymous: true';
  return {
    path: [...path, snakeCase(missing)],
    problem: `is missing; give access_key_id and secret_access_key, or ${instead}`,
  };
}

function unknownKey(table: FieldTable): string {
  return `is not a known key; known are ${Object.keys(table).map(snakeCase).join(', ')}`;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** The kind of a value, never the value. */
function describe(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'keys and values';
  if (typeof value === 'string') return 'text';
  return typeof value === 'number' ? 'a number' : `a ${typeof value}`;
}
