import type { ReceivedForm } from '@s3kit/sigv4';
import type { VerifiedForm } from './authenticate.ts';
import { s3Error } from './errors.ts';
import type { IndexStore, Transaction } from './index-store.ts';
import type { StorageEvent } from './notifications.ts';
import type { Limits } from './options.ts';
import { type BucketRecord, tables } from './records.ts';
import type { RequestBody } from './request-body.ts';
import type { Session } from './sessions.ts';
import type { Store } from './store.ts';

/** Request headers by lower-case name; several of one name are joined with a comma. */
export type Headers = Readonly<Record<string, string | undefined>>;

/** What an operation may know: the request, who sent it, and the server it came to. */
export interface Context {
  store: Store;
  limits: Limits;
  region: string;
  now: () => Date;
  method: string;
  /** Empty: the request is for the service. */
  bucket: string;
  /** Where the caller finds the bucket: `http://host/bucket`, or `http://bucket.host`. */
  bucketUrl: string;
  /** Empty: the request is for the bucket. */
  key: string;
  query: ReadonlyMap<string, string>;
  headers: Headers;
  body: RequestBody;
  /** Starts reading the body without any check of it; instead of `body`. */
  source: () => AsyncIterable<Uint8Array>;
  /** Access key id of the caller; empty for an anonymous one. */
  caller: string;
  /** What the keys let that signed the request; absent: they are no keys of a session. */
  session?: Pick<Session, 'bucket' | 'mode'> | undefined;
  /** Makes a session of the caller. */
  openSession: (grant: Pick<Session, 'bucket' | 'mode'>) => Session;
  /** Address that the request came from. */
  remoteAddress: string;
  /** Account number of a user, by access key id. */
  accountOf: (accessKeyId: string) => string;
  /** Tells who sent a form. */
  verifyForm: (form: ReceivedForm) => VerifiedForm;
  /** Tells whoever wants to know what happened. */
  notify: (event: StorageEvent) => void;
}

/** The bucket of a name, whoever owns it. Cast: only this server writes the index. */
export function findBucket(
  store: Pick<IndexStore | Transaction, 'get'>,
  name: string,
): BucketRecord | undefined {
  return store.get(tables.bucket(name)) as BucketRecord | undefined;
}

/**
 * The bucket of the request, or the named one; who may act on it was decided before.
 *
 * @throws {S3Error} `NoSuchBucket`
 */
export function requestBucket(context: Context, name: string = context.bucket): BucketRecord {
  const bucket = findBucket(context.store.index, name);
  if (!bucket) throw noSuchBucket(name);
  return bucket;
}

/**
 * The bucket as it is inside a transaction: it may have been deleted since the request began.
 *
 * @throws {S3Error} `NoSuchBucket`
 */
export function sameBucket(transaction: Transaction, bucket: BucketRecord): BucketRecord {
  const now = findBucket(transaction, bucket.name);
  if (now?.id !== bucket.id) throw noSuchBucket(bucket.name);
  return now;
}

/** The refusal for a bucket that is not there. */
export function noSuchBucket(name: string): Error {
  return s3Error('NoSuchBucket', { members: { BucketName: name } });
}
