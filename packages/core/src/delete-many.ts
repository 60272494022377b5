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
import { orAborted, orOverdue } from './or-aborted.ts';
import { Paged } from './paged.ts';
import { checkConcurrency } from './part-plan.ts';
import { DeleteS3Request } from './requests/delete.ts';
import { resolveName } from './resolve-name.ts';
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

/** What is deleted: an object, or one version of it; and what has become of it, once that is known. */
interface Target extends ObjectName {
  readonly versionId: string | undefined;
  readonly ifMatch: string | undefined;
  outcome: 'deleted' | StorageError | undefined;
}

/** What tells a target from all others of its bucket. */
function idOf({ key, versionId }: Pick<Target, 'key' | 'versionId'>): string {
  return versionId === undefined ? `/${key}` : `${versionId.length}/${versionId}${key}`;
}

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
  const batches = batchesOf(names, connection.defaultBucket, signal);
  const underWay: Promise<readonly DeletedName[]>[] = [];
  let next: ReturnType<typeof batches.next> | undefined;
  let failure: { readonly error: unknown } | undefined;
  let ended = false;
  const end = (error: unknown): void => {
    failure ??= { error };
    ended = true;
  };
  try {
    // After a failure, of whoever gives the names too, nothing more is begun, and what was under way is still told of.
    while (!ended || underWay.length > 0) {
      const hasRoom = !ended && underWay.length < concurrency;
      if (hasRoom) next ??= unwatched(batches.next());
      const [oldest] = underWay;
      if (oldest !== undefined && !(hasRoom && next !== undefined && (await isFirst(next, oldest)))) {
        void underWay.shift();
        const results = await orOverdue(oldest, signal).catch(end);
        if (results !== undefined) yield results;
        continue;
      }
      const batch = await next?.catch(end);
      next = undefined;
      if (batch?.done === false) underWay.push(unwatched(deleteBatch(connection, batch.value, options)));
      else ended = true;
    }
  } finally {
    const letGo = unwatched(batches.return(undefined));
    // Who was asked for more may never answer.
    if (next === undefined) await letGo;
  }
  // It is told of when all that was done has been.
  if (failure !== undefined) throw failure.error;
}

/** A promise that is waited for in its turn; until then its failure is nobody's. */
function unwatched<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** Whether the one has ended before the other. */
function isFirst(one: Promise<unknown>, other: Promise<unknown>): Promise<boolean> {
  const first = (): boolean => true;
  const second = (): boolean => false;
  return Promise.race([one.then(first, first), other.then(second, second)]);
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
      const target = targetOf(name, defaultBucket);
      if (batch[0] !== undefined && batch[0].bucket !== target.bucket) {
        yield batch;
        batch = [];
      }
      if (batch.push(target) === S3Facts.maximumDeleteKeys) {
        yield batch;
        batch = [];
      }
    }
  }
  if (batch.length > 0) yield batch;
}

/** @throws {TypeError} a malformed name, or no version or ETag where one is named: the object itself would be deleted in its place */
function targetOf(name: NameToDelete, defaultBucket: string | undefined): Target {
  if (typeof name !== 'object' || name instanceof S3Name) return target(resolveName(name, defaultBucket));
  const object = resolveName(new S3Name(name.key, name.bucket), defaultBucket);
  const refuse = (problem: string): never => {
    throw invalidArgument(`${s3Uri(object.bucket, object.key)}: ${problem}`);
  };
  if ('ifMatch' in name) {
    const { ifMatch } = name;
    if (typeof ifMatch !== 'string' || ifMatch === '')
      refuse('ifMatch must be an ETag, a text that is not empty');
    if ('versionId' in name) refuse('ifMatch is for objects, not for their versions');
    return target(object, undefined, ifMatch);
  }
  if (!('versionId' in name)) return target(object);
  const { versionId } = name;
  if (typeof versionId !== 'string' || versionId === '')
    refuse('the versionId must be a text that is not empty');
  return target(object, versionId);
}

// All made alike: thousands of them are looked at more than once.
function target({ bucket, key }: ObjectName, versionId?: string, ifMatch?: string): Target {
  return { bucket, key, versionId, ifMatch, outcome: undefined };
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
  const targets = sharing(batch);
  const distinct = targets === batch ? batch : [...new Set(targets)];
  const together = distinct.length < 2 ? [] : distinct.filter(isPlain);
  if (together.length > 0) await deleteTogether(connection, together, options);
  const alone = distinct.filter(({ outcome }) => outcome === undefined);
  for (let start = 0; start < alone.length; start += singlesAtATime) {
    const few = alone.slice(start, start + singlesAtATime);
    await Promise.all(few.map((one) => deleteAlone(connection, one, options)));
  }
  return targets.map(resultOf);
}

/** Names that are told twice share a target. In the order of their keys, none is. */
function sharing(batch: readonly Target[]): readonly Target[] {
  if (batch.every(({ key }, index) => index === 0 || key > (batch[index - 1]?.key ?? ''))) return batch;
  const byId = new Map(batch.map((one) => [idOf(one), one]));
  return batch.map((one) => byId.get(idOf(one)) ?? one);
}

function resultOf({ bucket, key, versionId, outcome }: Target): DeletedName {
  const name = new S3Name(key, bucket);
  if (outcome === 'deleted' || outcome === undefined)
    return versionId === undefined ? { name } : { name, versionId };
  return versionId === undefined ? { name, error: outcome } : { name, versionId, error: outcome };
}

function isPlain({ key, versionId = '' }: Target): boolean {
  return isPlainInXml(key) && isPlainInXml(versionId);
}

/** Finds out what becomes of those of one request; those of which nothing is known then have to be deleted by themselves. */
async function deleteTogether(
  connection: Connection,
  targets: readonly Target[],
  { headers, signal }: DeleteManyOptions,
): Promise<void> {
  const bucket = targets[0]?.bucket ?? '';
  const names = targets.map(nameElements);
  const document = new TextEncoder().encode(documentOf(names));
  const algorithm = algorithmOf(connection.checksum);
  const digest: RequestHeaders =
    algorithm === undefined
      ? { 'content-md5': getContentMd5(document) }
      : { [checksumHeader(algorithm)]: checksumOf(algorithm, document) };
  const allFailed = (failure: StorageError): void => {
    for (const one of targets) one.outcome = failure;
  };
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
  if (!result.ok) {
    // A service that has no such request still deletes one by one.
    if (result.response?.status === 501 || result.response?.status === 405) return;
    return allFailed(refusal(result));
  }
  if (tellsOfAll(body, names)) {
    for (const one of targets) one.outcome = 'deleted';
    return;
  }
  const lists = ['DeleteResult/Deleted', 'DeleteResult/Error'];
  const { parseXml } = await import('./xml.ts');
  const answered = parseXml(body, { lists, attributes: 'drop-default-namespace' })['DeleteResult'];
  const find = finderOf(targets);
  for (const element of elementsIn(answered, 'Deleted')) {
    const one = find(element);
    if (one !== undefined) one.outcome = 'deleted';
  }
  for (const element of elementsIn(answered, 'Error')) {
    const one = find(element);
    const code = textIn(element, 'Code') ?? '';
    if (one === undefined || passing.has(code)) continue;
    const message = textIn(element, 'Message') ?? '';
    one.outcome = isGone(code, one.ifMatch) ? 'deleted' : refusalOf(result, bucket, one.key, code, message);
  }
}

/** Finds the target that an element of an answer tells of: the next one, as most services answer in the order of the request, or any. */
function finderOf(targets: readonly Target[]): (element: XmlObject) => Target | undefined {
  let next = 0;
  let places: Map<string, number> | undefined;
  return (element) => {
    const key = textIn(element, 'Key') ?? '';
    const versionId = textIn(element, 'VersionId') || undefined;
    const expected = targets[next];
    if (expected?.key !== key || expected.versionId !== versionId) {
      places ??= new Map(targets.map((one, index) => [idOf(one), index]));
      // Whoever names no version can mean one that was asked for by its key alone.
      const place = places.get(idOf({ key, versionId })) ?? places.get(idOf({ key, versionId: undefined }));
      if (place === undefined) return undefined;
      next = place;
    }
    return targets[next++];
  };
}

async function deleteAlone(
  connection: Connection,
  one: Target,
  { headers, signal }: DeleteManyOptions,
): Promise<void> {
  const { bucket, key, versionId, ifMatch } = one;
  try {
    const conditional = { ...headers, 'if-match': ifMatch };
    const request = new DeleteS3Request(connection, bucket, key, conditional, { versionId });
    const result = await request.send({ signal });
    one.outcome = result.ok || isGone(result.document?.code, ifMatch) ? 'deleted' : refusal(result);
  } catch (error) {
    signal?.throwIfAborted();
    one.outcome = asStorageError(error);
  }
}

/** Whether a condition was refused because there is nothing of that name: an earlier attempt may have deleted it. */
function isGone(code: string | undefined, ifMatch: string | undefined): boolean {
  return ifMatch !== undefined && code === 'NoSuchKey';
}

function documentOf(names: readonly string[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Object>${names.join('</Object><Object>')}</Object></Delete>`;
}

/** Whether an answer says of all names, one behind the other as they were written, that they are deleted, and says no more: most do. */
function tellsOfAll(answer: string, names: readonly string[]): boolean {
  const told = `<Deleted>${names.join('</Deleted><Deleted>')}</Deleted></DeleteResult>`;
  const start = answer.length - told.length;
  return (
    answer.endsWith(told) &&
    /^(<\?xml [^<>]*\?>\s*)?<DeleteResult( [^<>]*[^/])?>$/.test(answer.slice(0, start))
  );
}

/** What names a target, in a request and in its answer. */
function nameElements({ key, versionId, ifMatch }: Target): string {
  return `${element('Key', key)}${element('VersionId', versionId)}${element('ETag', ifMatch)}`;
}

function element(name: string, text: string | undefined): string {
  if (text === undefined) return '';
  const escaped = /[&<>]/.test(text)
    ? text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
    : text;
  return `<${name}>${escaped}</${name}>`;
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
