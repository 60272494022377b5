import { isAllowed } from '../authorize.ts';
import { checkRenameConditions } from '../conditions.ts';
import { type Context, requestBucket, sameBucket } from '../context.ts';
import type { SessionMode } from '../directory-buckets.ts';
import { invalidArgument, s3Error } from '../errors.ts';
import type { Transaction } from '../index-store.ts';
import { keyRecord, moveVersion } from '../object-versions.ts';
import { sessionPermission } from '../permissions.ts';
import { type BucketRecord, type RenameRecord, tables } from '../records.ts';
import { type Reply, xmlReply } from '../reply.ts';
import { checkKeyLength, decode } from '../request-target.ts';
import type { Routes } from '../router.ts';
import { document, s3Namespace } from '../xml-documents.ts';

const modeHeader = 'x-amz-create-session-mode';

/** For how long a rename is not done again for the same token, milliseconds. */
const remembered = 24 * 3600 * 1000;

/** @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateSession.html} */
async function createSession(context: Context): Promise<Reply> {
  const bucket = requestBucket(context);
  const subject = { bucket, key: '' };
  const asked = context.headers[modeHeader];
  if (asked !== undefined && asked !== 'ReadOnly' && asked !== 'ReadWrite') {
    throw invalidArgument('Invalid session mode', modeHeader, asked);
  }
  // Who asks for no mode gets as much as the policy lets.
  const modes: SessionMode[] = asked === undefined ? ['ReadWrite', 'ReadOnly'] : [asked];
  const mode = modes.find((candidate) =>
    isAllowed({ ...context, session: { bucket: bucket.name, mode: candidate } }, sessionPermission, subject),
  );
  if (mode === undefined) throw s3Error('AccessDenied');
  const { accessKeyId, secretAccessKey, token, expires } = context.openSession({ bucket: bucket.name, mode });
  return xmlReply(
    document({
      [`CreateSessionResult ${s3Namespace}`]: {
        Credentials: {
          SessionToken: token,
          SecretAccessKey: secretAccessKey,
          AccessKeyId: accessKeyId,
          Expiration: new Date(expires).toISOString(),
        },
      },
    }),
    { 'x-amz-server-side-encryption': 'AES256', ...bucket.encryption },
  );
}

/**
 * Gives an object another key: the index changes in one step, and no byte moves.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_RenameObject.html}
 */
async function renameObject(context: Context): Promise<Reply> {
  const bucket = requestBucket(context);
  const { headers, key: to } = context;
  const from = renameSource(context);
  const token = headers['x-amz-client-token'];
  if (token !== undefined && !/^[!-~]{1,64}$/.test(token)) {
    throw invalidArgument(
      'A client token has 1 to 64 characters of ASCII, without spaces',
      'x-amz-client-token',
      token,
    );
  }
  await context.store.commit(async (transaction) => {
    const { id } = sameBucket(transaction, bucket);
    if (token !== undefined && wasDone(transaction, bucket, token, requestOf(context))) {
      return { value: undefined, garbage: [] };
    }
    const source = keyRecord(transaction, id, from)?.current;
    if (!source) throw s3Error('NoSuchKey', { members: { Key: from } });
    checkRenameConditions(headers, source, keyRecord(transaction, id, to)?.current);
    const garbage = moveVersion(transaction, id, { from, to }, source);
    if (token !== undefined) await remember(context, transaction, bucket, token);
    return { value: undefined, garbage };
  });
  return { status: 200 };
}

/** @throws {S3Error} `InvalidArgument`, `InvalidRequest`, `KeyTooLongError` */
function renameSource({ headers, key }: Context): string {
  const header = headers['x-amz-rename-source'] ?? '';
  const source = decode(header);
  if (source === '') {
    throw invalidArgument('Rename Source must mention the source key', 'x-amz-rename-source', header);
  }
  checkKeyLength(source);
  if (source.endsWith('/') || key.endsWith('/')) {
    throw s3Error('InvalidRequest', { message: 'Keys that end in a delimiter cannot be renamed.' });
  }
  if (source === key) {
    throw s3Error('InvalidRequest', {
      message: 'This rename request is illegal because it is trying to rename an object to itself.',
    });
  }
  return source;
}

/** What has to be the same where a token is. */
function requestOf({ headers, key }: Context): string {
  const told = Object.entries(headers).filter(([name]) => /^(x-amz-rename-source.*|if-.+)$/.test(name));
  return JSON.stringify([key, told.sort(([one], [other]) => (one < other ? -1 : 1))]);
}

/** @throws {S3Error} `IdempotencyParameterMismatch` */
function wasDone(transaction: Transaction, { id }: BucketRecord, token: string, request: string): boolean {
  // Casts here and below: only this server writes the index.
  const before = transaction.get(tables.rename(id, token)) as RenameRecord | undefined;
  if (before === undefined) return false;
  if (before.request !== request) throw s3Error('IdempotencyParameterMismatch');
  return true;
}

/** Remembers a rename, and forgets those that are too old. */
async function remember(
  context: Context,
  transaction: Transaction,
  { id }: BucketRecord,
  token: string,
): Promise<void> {
  const now = context.now().getTime();
  for await (const { key, value } of transaction.range(tables.renamesByTime(id, now - remembered))) {
    transaction.delete(key);
    transaction.delete(tables.rename(id, value as string));
  }
  const record: RenameRecord = { request: requestOf(context) };
  transaction.put(tables.rename(id, token), record);
  transaction.put(tables.renameAt(id, now, token), token);
}

export const directoryRoutes: Routes = {
  'GET bucket ?session': createSession,
  'PUT object ?renameObject': renameObject,
};
