import { checksumOf } from '@s3kit/checksums';
import type { XmlObject } from '@s3kit/xml/light';
import { algorithmOf, checksumHeader } from './checksum-settings.ts';
import type { Connection } from './connection.ts';
import { getContentMd5 } from './content-md5.ts';
import { elementsIn, textIn } from './elements.ts';
import { invalidArgument, isInvalidArgument } from './errors.ts';
import { S3Facts } from './facts.ts';
import type { RequestHeaders } from './headers.ts';
import { bytesBody } from './http.ts';
import { resolveName } from './names.ts';
import { orAborted } from './or-aborted.ts';
import { Paged } from './paged.ts';
import { checkConcurrency } from './part-plan.ts';
import { DeleteS3Request } from './requests/delete.ts';
import { type S3Response, toS3Response } from './responses.ts';
import { type ObjectName, type RemoteName, S3Name } from './s3-name.ts';
import { s3Uri } from './s3-uri.ts';
import { isStorageError, StorageError } from './storage-error.ts';

/** What `deleteMany` takes. */
export interface DeleteManyOptions {
  /** Requests under way at a time, each for up to 1,000 keys. @default 4 */
  readonly concurrency?: number | undefined;
  /** Any request headers of S3's, such as `x-amz-bypass-governance-retention`. */
  readonly headers?: RequestHeaders | undefined;
  /** Ends the deletions with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** An object, by its name; one version of it; or an object as long as it is what it was. */
export type NameToDelete =
  | RemoteName
  | {
      readonly key: string;
      /** @default the connection's default bucket */
      readonly bucket?: string | undefined;
      /**
       * Only where the object has this ETag, where the service has conditional deletions: S3 does, and answers `PreconditionFailed`;
       * Ceph and others overlook it.
       */
      readonly ifMatch: string;
    }
  | {
      readonly key: string;
      /** @default the connection's default bucket */
      readonly bucket?: string | undefined;
      /** As `bucketListVersions` gives it. */
      readonly versionId: string;
    };

/** What became of one name of many. */
export interface DeletedName {
  readonly name: S3Name;
  /** The version that was named. */
  readonly versionId?: string;
  /** Why it could not be deleted. */
  readonly error?: StorageError;
}

// A key that is alone in its request can be tried again by the connection's own rules.
const passing = new Set(['InternalError', 'SlowDown', 'ServiceUnavailable', 'OperationAborted']);
const singlesAtATime = 16;

/** What is deleted: an object, or one version of it. */
interface Target extends ObjectName {
  readonly versionId: string | undefined;
  readonly ifMatch: string | undefined;
}

/** What tells a target from all others of its bucket. */
function idOf({ key, versionId }: Pick<Target, 'key' | 'versionId'>): string {
  return versionId === undefined ? `/${key}` : `${versionId.length}/${versionId}${key}`;
}

/** What became of those of one request, by their ids. */
type Outcome = Map<string, 'deleted' | StorageError>;

/**
 * Whether a document can name a key so that every XML reader sees the same: control characters and the two noncharacters
 * are not XML, and spaces at either end are what readers trim. A key that is read as another would delete another object.
 *
 * @see {@link https://www.w3.org/TR/xml/#charsets}
 */
function isPlainInXml(key: string): boolean {
  return !/[\p{Cc}\u2028\ufffe\uffff]|^\s|\s$/u.test(key);
}

/** Deletes names in batches of one bucket each; gives what became of each batch, in their order, as they are answered. */
export async function* deleteMany(
  connection: Connection,
  names: Iterable<NameToDelete> | AsyncIterable<NameToDelete>,
  options: DeleteManyOptions,
): AsyncGenerator<readonly DeletedName[], void, undefined> {
  const { concurrency = 4, signal } = options;
  checkConcurrency(concurrency);
  if (typeof names !== 'object' || names === null)
    throw invalidArgument(
      `deleteMany takes a list, or what can be iterated, not ${names === null ? 'null' : typeof names}`,
    );
  const underWay: Promise<readonly DeletedName[]>[] = [];
  for await (const batch of batchesOf(names, connection.defaultBucket, signal)) {
    const deleting = deleteBatch(connection, batch, options);
    // It is waited for in its turn; until then its failure is nobody's.
    deleting.catch(() => undefined);
    underWay.push(deleting);
    const oldest = underWay.length >= concurrency ? underWay.shift() : undefined;
    if (oldest !== undefined) yield await orAborted(oldest, signal);
  }
  for (const deleting of underWay) yield await orAborted(deleting, signal);
}

async function* batchesOf(
  names: Iterable<NameToDelete> | AsyncIterable<NameToDelete>,
  defaultBucket: string | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly Target[]> {
  let batch: Target[] = [];
  const pages =
    names instanceof Paged ? untilAborted(names.pages(), signal) : oneByOne(untilAborted(names, signal));
  for await (const page of pages) {
    for (const name of page) {
      const object = targetOf(name, defaultBucket);
      const [first] = batch;
      if (
        first !== undefined &&
        (first.bucket !== object.bucket || batch.length === S3Facts.maximumDeleteKeys)
      ) {
        yield batch;
        batch = [];
      }
      batch.push(object);
    }
  }
  if (batch.length > 0) yield batch;
}

/** @throws {TypeError} a malformed name, or no version or ETag where one is named: the object itself would be deleted in its place */
function targetOf(name: NameToDelete, defaultBucket: string | undefined): Target {
  if (typeof name !== 'string' && 'ifMatch' in name) {
    const { key, bucket, ifMatch } = name;
    const object = resolveName(new S3Name(key, bucket), defaultBucket);
    if (typeof ifMatch !== 'string' || ifMatch === '')
      throw invalidArgument(
        `${s3Uri(object.bucket, key)}: ifMatch must be an ETag, a text that is not empty`,
      );
    if ('versionId' in name)
      throw invalidArgument(`${s3Uri(object.bucket, key)}: ifMatch is for objects, not for their versions`);
    return { ...object, versionId: undefined, ifMatch };
  }
  if (typeof name === 'string' || !('versionId' in name))
    return { ...resolveName(name, defaultBucket), versionId: undefined, ifMatch: undefined };
  const { key, bucket, versionId } = name;
  const object = resolveName(new S3Name(key, bucket), defaultBucket);
  if (typeof versionId !== 'string' || versionId === '')
    throw invalidArgument(`${s3Uri(object.bucket, key)}: the versionId must be a text that is not empty`);
  return { ...object, versionId, ifMatch: undefined };
}

async function* oneByOne<T>(items: AsyncIterable<T>): AsyncGenerator<readonly T[]> {
  for await (const item of items) yield [item];
}

/** What is given until the signal is aborted. Who gives it is told when no more is wanted, and not waited for: it may never answer. */
async function* untilAborted<T>(
  items: Iterable<T> | AsyncIterable<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await orAborted(Promise.resolve(iterator.next()), signal);
      ended = done === true;
      if (ended) return;
      yield value;
    }
  } finally {
    if (!ended) void Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

async function deleteBatch(
  connection: Connection,
  batch: readonly Target[],
  options: DeleteManyOptions,
): Promise<readonly DeletedName[]> {
  const [first] = batch;
  const together = batch.length < 2 ? [] : batch.filter(isPlain);
  const outcome: Outcome =
    first === undefined || together.length === 0
      ? new Map()
      : await deleteTogether(connection, first.bucket, together, options);
  const alone = batch.filter((target) => !outcome.has(idOf(target)));
  for (let start = 0; start < alone.length; start += singlesAtATime) {
    const few = alone.slice(start, start + singlesAtATime);
    const errors = await Promise.all(few.map((target) => deleteAlone(connection, target, options)));
    few.forEach((target, index) => {
      outcome.set(idOf(target), errors[index] ?? 'deleted');
    });
  }
  return batch.map((target) => {
    const { bucket, key, versionId } = target;
    const name = { name: new S3Name(key, bucket), ...(versionId && { versionId }) };
    const result = outcome.get(idOf(target));
    return typeof result === 'object' ? { ...name, error: result } : name;
  });
}

function isPlain({ key, versionId = '' }: Target): boolean {
  return isPlainInXml(key) && isPlainInXml(versionId);
}

/** What became of those of one request; those that are not in it have to be deleted by themselves. */
async function deleteTogether(
  connection: Connection,
  bucket: string,
  batch: readonly Target[],
  { headers, signal }: DeleteManyOptions,
): Promise<Outcome> {
  const targets = new Map(batch.map((target) => [idOf(target), target]));
  const document = documentOf(targets.values());
  const algorithm = algorithmOf(connection.checksum);
  const digest: RequestHeaders =
    algorithm === undefined
      ? { 'content-md5': getContentMd5(document) }
      : { [checksumHeader(algorithm)]: checksumOf(algorithm, new TextEncoder().encode(document)) };
  const allFailed = (failure: StorageError): Outcome =>
    new Map([...targets.keys()].map((id) => [id, failure]));
  let result: S3Response;
  let body: string;
  try {
    const answer = await connection.send({
      method: 'POST',
      bucket,
      query: { delete: '' },
      headers: { 'content-type': 'application/xml', ...digest, ...headers },
      body: bytesBody(document),
      errorInside200: true,
      signal,
    });
    result = await toS3Response(connection, s3Uri(bucket), answer);
    body = answer.response.body;
  } catch (error) {
    signal?.throwIfAborted();
    return allFailed(asStorageError(error));
  }
  const outcome: Outcome = new Map();
  if (!result.ok) {
    // A service that has no such request still deletes one by one.
    if (result.response?.status === 501 || result.response?.status === 405) return outcome;
    return allFailed(refusal(result));
  }
  const lists = ['DeleteResult/Deleted', 'DeleteResult/Error'];
  const { parseXml } = await import('./xml.ts');
  const answered = parseXml(body, { lists, attributes: 'drop-default-namespace' })['DeleteResult'];
  for (const element of elementsIn(answered, 'Deleted')) {
    const id = answeredId(element, targets);
    if (id !== undefined) outcome.set(id, 'deleted');
  }
  for (const element of elementsIn(answered, 'Error')) {
    const id = answeredId(element, targets);
    const code = textIn(element, 'Code') ?? '';
    if (id === undefined || passing.has(code)) continue;
    const { key, ifMatch } = targets.get(id) ?? { key: '' };
    if (isGone(code, ifMatch)) {
      outcome.set(id, 'deleted');
      continue;
    }
    const message = textIn(element, 'Message') ?? '';
    outcome.set(id, refusalOf(result, bucket, key, code, message));
  }
  return outcome;
}

/** Of which target an element tells. Whoever names no version can mean one that was asked for by its key alone. */
function answeredId(element: XmlObject, targets: ReadonlyMap<string, Target>): string | undefined {
  const key = textIn(element, 'Key') ?? '';
  const versionId = textIn(element, 'VersionId') || undefined;
  return [idOf({ key, versionId }), idOf({ key, versionId: undefined })].find((id) => targets.has(id));
}

async function deleteAlone(
  connection: Connection,
  { bucket, key, versionId, ifMatch }: Target,
  { headers, signal }: DeleteManyOptions,
): Promise<StorageError | undefined> {
  try {
    const conditional = { ...headers, 'if-match': ifMatch };
    const request = new DeleteS3Request(connection, bucket, key, conditional, { versionId });
    const result = await request.send({ signal });
    return result.ok || isGone(result.document?.code, ifMatch) ? undefined : refusal(result);
  } catch (error) {
    signal?.throwIfAborted();
    return asStorageError(error);
  }
}

/** Whether a condition was refused because there is nothing of that name: an earlier attempt may have deleted it. */
function isGone(code: string | undefined, ifMatch: string | undefined): boolean {
  return ifMatch !== undefined && code === 'NoSuchKey';
}

function documentOf(targets: Iterable<Target>): string {
  const objects = Array.from(targets, ({ key, versionId, ifMatch }) => {
    const version = versionId ? `<VersionId>${escapeText(versionId)}</VersionId>` : '';
    const match = ifMatch ? `<ETag>${escapeText(ifMatch)}</ETag>` : '';
    return `<Object><Key>${escapeText(key)}</Key>${version}${match}</Object>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${objects.join('')}</Delete>`;
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function asStorageError(error: unknown): StorageError {
  if (isStorageError(error)) return error;
  if (isInvalidArgument(error)) throw error;
  return StorageError.failed('deleteMany', error);
}

function refusal({ response, document, error }: S3Response): StorageError {
  if (response === null || document === undefined) return StorageError.failed('deleteMany', new Error(error));
  return StorageError.refused({ operation: 'deleteMany', detail: error, response, document });
}

function refusalOf(
  { response }: S3Response,
  bucket: string,
  key: string,
  code: string,
  message: string,
): StorageError {
  const detail = `${s3Uri(bucket, key)}: ${code}${message === '' ? '' : `: ${message}`}`;
  if (response === null) return StorageError.failed('deleteMany', new Error(detail));
  const document = {
    code,
    message,
    requestId: response.headers['x-amz-request-id'],
    hostId: response.headers['x-amz-id-2'],
    fields: { Code: code, Message: message, Key: key },
  };
  return StorageError.refused({ operation: 'deleteMany', detail, response, document });
}
