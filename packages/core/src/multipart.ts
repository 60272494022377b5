import { type ChecksumAlgorithm, isCrcAlgorithm, multipartChecksum } from '@s3kit/checksums';
import { checksumHeader, partsAlgorithm } from './checksum-settings.ts';
import { concurrently } from './concurrently.ts';
import type { Connection, S3Answer, S3Call } from './connection.ts';
import { errorCode, invalidArgument } from './errors.ts';
import { wrongStored } from './expected-checksum.ts';
import { pickHeaders } from './headers.ts';
import { bytesBody, type HeaderRecord } from './http.ts';
import { completeDocument, type SentPart, storedChecksum, uploadIdOf } from './multipart-documents.ts';
import { withDocument } from './no-s3.ts';
import { orOverdue } from './or-aborted.ts';
import { isETagOfParts } from './part-etag.ts';
import type { ProgressMeter } from './progress.ts';
import type { ObjectName } from './s3-name.ts';
import { S3Part } from './values.ts';

/** One part of an object on its way to S3. */
export interface TransferPart {
  /** From 1. */
  readonly partNumber: number;
  /** Bytes. */
  readonly size: number;
  /** Bytes that its request holds in memory. */
  readonly held: number;
  /** Makes what its request holds beside its name, number and upload, when its turn has come. */
  readonly call: () => Promise<PartCall>;
}

/** What is sent of a part. */
export type PartCall = Pick<S3Call, 'headers' | 'body' | 'content' | 'errorInside200'> & {
  /** The checksum that went behind the content, in Base64; to be asked for when S3 has answered, with which it is compared. */
  readonly trailed?: (answer: S3Answer) => string;
};

/** An object that goes to S3 in parts, from wherever its bytes come. */
export interface MultipartTransfer extends ObjectName {
  /** The headers of the object, as a PUT of the whole would have them. */
  readonly headers: HeaderRecord;
  /** The parts that are to be sent, made as they are wanted. */
  readonly parts: Iterable<TransferPart> | AsyncIterable<TransferPart>;
  /** Most parts under way at a time. */
  readonly concurrency: number;
  /** The ETag that S3 gave a part, and its checksum. */
  partResult(answer: S3Answer): { readonly eTag: string | undefined; readonly checksum: string | undefined };
  /** The algorithm of the checksums that the parts have. */
  readonly checksum?: ChecksumAlgorithm | undefined;
  /** The last chance to refuse, when all parts are there and the object is not yet. */
  beforeComplete?(): Promise<void>;
  readonly memory?: UploadMemory | undefined;
  readonly meter?: ProgressMeter | undefined;
}

/** Keeps what an upload has achieved, for another run to go on with. */
export interface UploadMemory {
  /** What an earlier run has achieved: an upload, and those of its parts that are as they should be. */
  readonly before: { readonly uploadId: string; readonly parts: readonly SentPart[] } | undefined;
  created(uploadId: string): Promise<void>;
  sent(part: SentPart): Promise<void>;
  /** There is nothing to go on with any more. */
  ended(): Promise<void>;
  /** Tells the user how to go on. */
  readonly advice: string;
}

/** How a multipart transfer ended: with S3's last answer, and what was left behind. */
export interface MultipartOutcome {
  readonly answer: S3Answer;
  /** What the user should know of an upload that was not completed and is still there. */
  readonly leftBehind?: string | undefined;
}

const everyRequest = ['x-amz-request-payer', 'x-amz-expected-bucket-owner'];
const customerKey = [
  'x-amz-server-side-encryption-customer-algorithm',
  'x-amz-server-side-encryption-customer-key',
  'x-amz-server-side-encryption-customer-key-md5',
];
const conditions = ['if-match', 'if-none-match'];
const digestOfWhole = /^(content-md5|x-amz-content-sha256|x-amz-checksum-(?!algorithm$|type$).*)$/;

/**
 * Sends an object in parts: creates the upload, sends the parts side by side, and completes it.
 *
 * On any failure the upload is aborted, so that S3 does not go on billing its parts; unless somebody remembers it, and can go on
 * with it.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html}
 */
export async function transferInParts(
  connection: Connection,
  transfer: MultipartTransfer,
  signal: AbortSignal | undefined,
): Promise<MultipartOutcome> {
  const { memory } = transfer;
  const headers = splitHeaders(transfer.headers);
  const algorithm = partsAlgorithm(transfer);
  signal?.throwIfAborted();
  const created = memory?.before ?? (await createUpload(connection, transfer, headers, algorithm, signal));
  if ('answer' in created) return created;
  const upload = { connection, transfer, headers, algorithm, uploadId: created.uploadId };
  try {
    signal?.throwIfAborted();
    return { answer: await fillAndComplete(upload, memory?.before?.parts ?? [], signal) };
  } catch (error) {
    const leftBehind = await leave(upload, error, signal);
    if (error instanceof Refused) return { answer: error.answer, leftBehind };
    // Who has stopped the call, and has a journal, knows what is left.
    const stopped = memory && signal?.aborted;
    throw leftBehind === undefined || stopped ? error : withNote(error, leftBehind);
  }
}

function withNote(error: unknown, note: string): unknown {
  if (!(error instanceof Error)) return error;
  const code = errorCode(error);
  return Object.assign(new Error(`${error.message}; ${note}`, { cause: error }), code && { code });
}

/** An upload that was created, and all that its requests need. */
interface Upload {
  readonly connection: Connection;
  readonly transfer: MultipartTransfer;
  readonly headers: UploadHeaders;
  readonly algorithm: ChecksumAlgorithm | undefined;
  readonly uploadId: string;
}

// Milliseconds for which a process is kept for the answer that tells an upload's id, when nobody else waits for it.
const lateAnswer = 15_000;

async function createUpload(
  connection: Connection,
  { bucket, key, memory, headers: given }: MultipartTransfer,
  headers: UploadHeaders,
  algorithm: ChecksumAlgorithm | undefined,
  signal: AbortSignal | undefined,
): Promise<{ readonly uploadId: string } | MultipartOutcome> {
  const stop = new AbortController();
  const creating = connection.send({
    method: 'POST',
    bucket,
    key,
    query: { uploads: '' },
    headers: { ...headers.create, ...(algorithm && announcement(algorithm)) },
    errorInside200: true,
    // Not the caller's signal: it could cut off the answer, and with it the id of an upload that S3 has begun to bill. But no other
    // is begun then.
    watch: { attempt: () => signal?.throwIfAborted(), sent: () => undefined },
    signal: stop.signal,
  });
  const answer = await orOverdue(creating, signal).catch((error: unknown) => {
    if (!signal?.aborted) throw error;
    // Nobody waits for the answer any more: if it comes, its upload goes.
    const name = { bucket, key };
    creating.then((late) => abortUpload(connection, name, uploadIdOf(late), given)).catch(() => undefined);
    // Unlike a timer's, this does not keep a process running.
    AbortSignal.timeout(lateAnswer).addEventListener('abort', () => stop.abort());
    throw withNote(signal.reason, 'perhaps the unfinished upload is still there');
  });
  if (answer.error !== undefined) return { answer };
  const uploadId = uploadIdOf(answer);
  await memory?.created(uploadId);
  return { uploadId };
}

async function fillAndComplete(
  upload: Upload,
  before: readonly SentPart[],
  signal: AbortSignal | undefined,
): Promise<S3Answer> {
  const { connection, transfer, headers, algorithm, uploadId } = upload;
  const { bucket, key, memory } = transfer;
  const parts = await sendParts(upload, before, signal);
  await transfer.beforeComplete?.();
  const whole = algorithm && wholeChecksum(algorithm, parts);
  const answer = await connection.send({
    method: 'POST',
    bucket,
    key,
    query: { uploadId },
    headers: {
      'content-type': 'application/xml',
      ...headers.complete,
      ...(algorithm && whole && { [checksumHeader(algorithm)]: whole, 'x-amz-checksum-type': 'FULL_OBJECT' }),
    },
    body: bytesBody(completeDocument(parts, algorithm)),
    errorInside200: true,
    signal,
  });
  if (answer.error === undefined) {
    withDocument(answer, 'CompleteMultipartUploadResult');
    await memory?.ended();
    const stored = algorithm && whole && storedChecksum(answer, algorithm);
    // Some services tell none.
    if (stored && stored !== whole) throw wrongStored(algorithm, stored, whole);
    return answer;
  }
  const completed = await completedBefore(upload, parts, answer, signal);
  if (completed === undefined) throw new Refused(answer);
  await memory?.ended();
  return completed;
}

/** Carries S3's refusal of a part out of the parts' tasks. */
class Refused extends Error {
  readonly answer: S3Answer;
  constructor(answer: S3Answer) {
    super('refused');
    this.answer = answer;
  }
}

async function sendParts(
  { connection, transfer, headers, uploadId }: Upload,
  before: readonly SentPart[],
  signal: AbortSignal | undefined,
): Promise<SentPart[]> {
  const { bucket, key, memory, meter } = transfer;
  const parts: SentPart[] = [];
  for (const sent of before) parts[sent.part.partNumber - 1] = sent;

  const send = async ({ partNumber, size, call }: TransferPart, stop: AbortSignal): Promise<void> => {
    const { trailed, ...description } = await call();
    const watch = meter?.watch();
    const answer = await connection.send({
      ...description,
      method: 'PUT',
      bucket,
      key,
      query: { partNumber, uploadId },
      headers: { ...headers.part, ...description.headers },
      watch,
      signal: stop,
    });
    if (answer.error !== undefined) throw new Refused(answer);
    // Not after a refusal, which may have come while the bytes were still on their way.
    description.body?.release?.();
    const sentChecksum = trailed?.(answer) ?? answer.sentChecksum;
    const { eTag, checksum } = transfer.partResult({ ...answer, sentChecksum });
    if (eTag === undefined) throw new Error(`S3 gave no ETag for part ${partNumber}`);
    const sent = { part: new S3Part(partNumber, eTag), size, checksum };
    parts[partNumber - 1] = sent;
    await memory?.sent(sent);
    watch?.arrived(size);
    meter?.partDone();
  };

  await concurrently(
    transfer.parts,
    transfer.concurrency,
    (part, stop) => connection.transfers.use(part.held, () => send(part, stop), stop),
    signal,
  );
  return parts;
}

/**
 * The object, where an upload that S3 no longer knows turns out to be completed: the answer that said so was lost, and the
 * request was sent again, by this run or by one after it.
 */
async function completedBefore(
  { connection, transfer, headers }: Upload,
  parts: readonly SentPart[],
  refusal: S3Answer,
  signal: AbortSignal | undefined,
): Promise<S3Answer | undefined> {
  const again = refusal.attempts > 1 || transfer.memory?.before;
  if (refusal.error?.code !== 'NoSuchUpload' || !again) return undefined;
  return objectOfParts(connection, transfer, headers.part, parts, signal);
}

/** The answer to a HEAD, where the object is the one that is made of these parts. */
export async function objectOfParts(
  connection: Connection,
  { bucket, key }: ObjectName,
  headers: HeaderRecord,
  parts: readonly SentPart[],
  signal: AbortSignal | undefined,
): Promise<S3Answer | undefined> {
  const head = await connection.send({ method: 'HEAD', bucket, key, headers, signal });
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  if (head.error !== undefined || Number(head.response.headers['content-length']) !== size) return undefined;
  const made = isETagOfParts(
    head.response.headers['etag'] ?? '',
    parts.map(({ part }) => part),
  );
  return made ? head : undefined;
}

/** After a failure: leaves the upload to another run, or aborts it; says what is left behind. */
async function leave(
  { connection, transfer, uploadId }: Upload,
  error: unknown,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const { memory } = transfer;
  if (memory !== undefined && isWorthKeeping(error)) return memory.advice;
  const leftBehind = await abortUpload(connection, transfer, uploadId, transfer.headers, signal);
  if (leftBehind === undefined) await memory?.ended();
  return leftBehind;
}

/** Whether another run could bring to its end what failed like this: the network, the keys, the service in trouble. */
function isWorthKeeping(error: unknown): boolean {
  if (!(error instanceof Refused))
    return !['ERR_S3KIT_SOURCE_CHANGED', 'ERR_S3KIT_CHECKSUM'].includes(errorCode(error) ?? '');
  const { response, error: refusal } = error.answer;
  const { status } = response;
  return status >= 500 || [401, 403, 408, 429].includes(status) || /token|time/i.test(refusal?.code ?? '');
}

/**
 * Tells S3 to forget the parts; says what is left behind where even that fails.
 *
 * @param headers - those of the object
 * @param signal - the caller's: what it ends is just what has to be cleaned up, and so it ends this only some time later
 */
export async function abortUpload(
  connection: Connection,
  { bucket, key }: ObjectName,
  uploadId: string,
  headers: HeaderRecord,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const unfinished = `the unfinished upload ${uploadId} is still there, and its parts are billed until it is aborted`;
  const stop = new AbortController();
  try {
    const { error } = await orOverdue(
      connection.send({
        method: 'DELETE',
        bucket,
        key,
        query: { uploadId },
        headers: pickHeaders(headers, everyRequest),
        signal: stop.signal,
      }),
      signal,
    );
    if (error === undefined || error.code === 'NoSuchUpload') return undefined;
    return `${unfinished} (the abort was refused: ${error.code})`;
  } catch (error) {
    return `${unfinished} (the abort failed: ${error instanceof Error ? error.message : String(error)})`;
  } finally {
    stop.abort();
  }
}

/** The headers of each request of a multipart upload. */
type UploadHeaders = Record<'create' | 'part' | 'complete', HeaderRecord>;

/** Which of an object's headers each request of a multipart upload takes. */
export function splitHeaders(headers: HeaderRecord): UploadHeaders {
  const create: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (digestOfWhole.test(name)) {
      throw invalidArgument(
        `the header ${name} cannot be checked by S3 for an object that is sent in parts; leave it out`,
      );
    }
    if (!conditions.includes(name)) create[name] = value;
  }
  return {
    create,
    part: pickHeaders(headers, [...everyRequest, ...customerKey]),
    complete: pickHeaders(headers, [...everyRequest, ...customerKey, ...conditions]),
  };
}

/** Tells S3 how the parts will be checked, and the whole: by all its bytes where the algorithm allows it. */
function announcement(algorithm: ChecksumAlgorithm): HeaderRecord {
  return {
    'x-amz-checksum-algorithm': algorithm.toUpperCase(),
    'x-amz-checksum-type': isCrcAlgorithm(algorithm) ? 'FULL_OBJECT' : 'COMPOSITE',
  };
}

/** The checksum of all bytes, from those of the parts; undefined where the algorithm does not allow it. */
function wholeChecksum(algorithm: ChecksumAlgorithm, parts: readonly SentPart[]): string | undefined {
  if (!isCrcAlgorithm(algorithm) || parts.some(({ checksum }) => checksum === undefined)) return undefined;
  return multipartChecksum(
    algorithm,
    'FULL_OBJECT',
    parts.map(({ checksum = '', size }) => ({ value: checksum, size })),
  );
}
