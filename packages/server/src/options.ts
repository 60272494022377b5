import { inspect, types } from 'node:util';
import { isBucketName } from './bucket-name.ts';
import { isDirectoryBucketName } from './directory-buckets.ts';
import type { NotificationRecord } from './notifications.ts';

/** A user of the server. */
export interface User {
  accessKeyId: string;
  secretAccessKey: string;
  /** Account number, for the principals of policies. @default 12 digits that follow from the access key id */
  accountId?: string | undefined;
}

/**
 * S3's limits, which a test may scale down.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html}
 */
export interface Limits {
  /** Bytes of every part but the last. @default 5 MiB */
  minimumPartSize: number;
  /** Bytes of one part. @default 5 GiB */
  maximumPartSize: number;
  /** Bytes of an object sent in one PUT. @default 5 GiB */
  maximumPutSize: number;
  /** Bytes of an object, or range of one, that is copied in one request. @default 5 GiB */
  maximumCopySize: number;
  /** Number of the last part. @default 10,000 */
  maximumPartNumber: number;
  /** Keys in one multi-delete. @default 1,000 */
  maximumDeleteKeys: number;
  /** Entries on one page of a listing. @default 1,000 */
  maximumListKeys: number;
  /** Bytes of user metadata, names and values. @default 2 KiB */
  maximumMetadataSize: number;
  /** Seconds without a byte after which a connection is closed. @default 60 */
  idleTimeoutSeconds: number;
  /** Seconds without a byte after which a close ends the connection of a request under way. @default 2 */
  closeTimeoutSeconds: number;
}

/** What {@link startServer} is given; everything has a default. */
export interface ServerOptions {
  /** TCP port; 0: any free one. @default 0 */
  port?: number | undefined;
  /** Address to listen on. @default '127.0.0.1' */
  host?: string | undefined;
  /** Folder that keeps the data. @default a temporary folder, removed on close */
  directory?: string | undefined;
  /** Who may sign requests. @default one user, `s3kit` with the secret `s3kit-secret` */
  users?: readonly User[] | undefined;
  /** Region that signatures must name. @default 'us-east-1' */
  region?: string | undefined;
  /** Whether a change is on the disk before it is answered. @default true with a directory, else false */
  durable?: boolean | undefined;
  /** Limits other than S3's own. */
  limits?: { [Name in keyof Limits]?: Limits[Name] | undefined } | undefined;
  /** Buckets that are there from the start, and after each reset; they belong to the first user. @default none */
  buckets?: readonly string[] | undefined;
  /**
   * Whether signatures are verified. Without that, a request is taken to be from the user that it names, or from the
   * first one. @default true
   */
  verify?: boolean | undefined;
  /** The clock. @default the system's */
  now?: (() => Date) | undefined;
  /** Is told of each request after it was answered. Errors, also those of an async function, are ignored. */
  onRequest?: ((request: RequestSummary) => void) | undefined;
  /**
   * Is told of each event that the notification configuration of its bucket asks for, after it happened. Errors, also
   * those of an async function, are ignored.
   */
  onNotification?: ((record: NotificationRecord) => void) | undefined;
}

/** One answered request. */
export interface RequestSummary {
  requestId: string;
  method: string;
  /** Path and query as they were sent, without the signature of a presigned URL. */
  target: string;
  /** As S3's API reference names it, `PutObject` for example; absent where there is none. */
  operation?: string;
  /** Empty: the service itself. */
  bucket?: string;
  /** Empty: the bucket itself. */
  key?: string;
  /** Access key id; empty for an anonymous caller, absent where the signature was refused. */
  caller?: string;
  status: number;
  /** S3's error code, for a refusal. */
  errorCode?: string;
  /** Milliseconds until the answer was sent. */
  duration: number;
}

const mebibyte = 1024 ** 2;
const gibibyte = 1024 ** 3;

const standardLimits: Limits = {
  minimumPartSize: 5 * mebibyte,
  maximumPartSize: 5 * gibibyte,
  maximumPutSize: 5 * gibibyte,
  maximumCopySize: 5 * gibibyte,
  maximumPartNumber: 10_000,
  maximumDeleteKeys: 1000,
  maximumListKeys: 1000,
  maximumMetadataSize: 2048,
  idleTimeoutSeconds: 60,
  closeTimeoutSeconds: 2,
};

/** Who may sign when nobody was named. */
const standardUser: User = { accessKeyId: 's3kit', secretAccessKey: 's3kit-secret' };

/** Options with every default filled in. */
export interface Settings {
  port: number;
  host: string;
  directory: string | undefined;
  users: ReadonlyMap<string, User>;
  region: string;
  durable: boolean;
  limits: Limits;
  now: () => Date;
  buckets: readonly string[];
  verify: boolean;
  onRequest: ServerOptions['onRequest'];
  onNotification: ServerOptions['onNotification'];
}

/**
 * Checks the options and fills the defaults.
 *
 * @throws {TypeError} an option is of the wrong kind
 * @throws {RangeError} an option has an impossible value
 */
export function readOptions(options: ServerOptions): Settings {
  checkKinds(options);
  const { port = 0, host = '127.0.0.1', directory, region = 'us-east-1', users = [standardUser] } = options;
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new RangeError(`port must be a whole number from 0 to 65535, not ${port}`);
  }
  if (directory === '')
    throw new TypeError('directory must not be empty; leave it out for a temporary folder');
  if (region === '') throw new RangeError('region must not be empty');
  return {
    port,
    host,
    directory,
    users: checkedUsers(users),
    region,
    durable: options.durable ?? directory !== undefined,
    limits: checkedLimits(options.limits ?? {}),
    now: checkedClock(options.now ?? (() => new Date())),
    buckets: checkedBuckets(options.buckets ?? []),
    verify: options.verify ?? true,
    onRequest: options.onRequest,
    onNotification: options.onNotification,
  };
}

/** What the options are where they are given; callers in JavaScript have no types. */
const kinds: Readonly<Record<keyof ServerOptions, string>> = {
  port: 'a number',
  host: 'a string',
  directory: 'a string',
  users: 'an array',
  region: 'a string',
  durable: 'a boolean',
  limits: 'an object',
  buckets: 'an array',
  verify: 'a boolean',
  now: 'a function',
  onRequest: 'a function',
  onNotification: 'a function',
};

/** @throws {TypeError} an option is of the wrong kind */
function checkKinds(options: ServerOptions): void {
  const given: Readonly<Record<string, unknown>> = { ...options };
  for (const [name, kind] of Object.entries(kinds)) {
    const value = given[name];
    if (value === undefined || kindOf(value) === kind) continue;
    // Not the value: it may hold a secret.
    throw new TypeError(`${name} must be ${kind}, not ${kindOf(value)}`);
  }
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  if (value === null) return 'null';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function checkedUsers(users: readonly User[]): ReadonlyMap<string, User> {
  if (users.length === 0) throw new RangeError('users must name at least one user');
  const byId = new Map<string, User>();
  for (const user of users) {
    const { accessKeyId, secretAccessKey, accountId }: Partial<User> = user ?? {};
    if (!accessKeyId || !secretAccessKey) {
      throw new TypeError('users: each needs an accessKeyId and a secretAccessKey');
    }
    if (byId.has(accessKeyId)) throw new RangeError(`users: accessKeyId ${accessKeyId} is there twice`);
    if (accountId !== undefined && !/^\d{12}$/.test(accountId)) {
      throw new TypeError(`users: accountId must be 12 digits, not ${JSON.stringify(accountId)}`);
    }
    byId.set(accessKeyId, user);
  }
  return byId;
}

function checkedLimits(limits: NonNullable<ServerOptions['limits']>): Limits {
  const given = Object.entries(limits).filter(([, value]) => value !== undefined);
  for (const [name, value] of given) {
    if (!Object.hasOwn(standardLimits, name)) {
      throw new TypeError(
        `limits.${name} is no limit; the limits are ${Object.keys(standardLimits).join(', ')}`,
      );
    }
    if (!(typeof value === 'number' && Number.isFinite(value) && value > 0)) {
      throw new RangeError(`limits.${name} must be above 0, not ${inspect(value)}`);
    }
  }
  return { ...standardLimits, ...Object.fromEntries(given) };
}

/** A clock that tells no time would fail each request, and say no more than that. */
function checkedClock(now: () => Date): () => Date {
  const time: unknown = now();
  if (!types.isDate(time) || Number.isNaN(time.getTime())) {
    throw new TypeError(`now must return a date, not ${inspect(time)}`);
  }
  return now;
}

function checkedBuckets(buckets: readonly string[]): readonly string[] {
  const impossible = buckets.find((name) => !isBucketName(name) && !isDirectoryBucketName(name));
  if (impossible !== undefined) {
    throw new RangeError(`buckets: ${JSON.stringify(impossible)} is no name that S3 allows for a bucket`);
  }
  return buckets;
}
