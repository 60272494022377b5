import { type ChecksumAlgorithm, isCrcAlgorithm, multipartChecksum } from '@s3kit/checksums';
import { buildXml, parseXml } from '@s3kit/xml/light';
import { concurrently } from './concurrently.ts';
import type { S3Answer, S3Call, S3Connection } from './connection.ts';
import { checksumHeader, givesChecksum } from './digests.ts';
import { childOf, textIn } from './elements.ts';
import { invalidArgument } from './errors.ts';
import { pickHeaders } from './headers.ts';
import { bytesBody, type HeaderRecord } from './http.ts';
import type { ObjectName } from './names.ts';
import { isETagOfParts } from './part-etag.ts';
import { S3Part } from './values.ts';

/** One part of an object on its way to S3. */
export interface TransferPart {
  /** From 1. */
  readonly partNumber: number;
  /** Bytes. */
  readonly size: number;
  /** What its request holds beside its name, number and upload. */
  readonly call: Pick<S3Call, 'headers' | 'body' | 'content' | 'errorInside200'>;
}

/** An object that goes to S3 in parts, from wherever its bytes come. */
export interface MultipartTransfer extends ObjectName {
  /** The headers of the object, as a PUT of the whole would have them. */
  readonly headers: HeaderRecord;
  /** The parts, made as they are wanted. */
  readonly parts: Iterable<TransferPart> | AsyncIterable<TransferPart>;
  /** Most parts under way at a time. */
  readonly concurrency: number;
  /** The ETag that S3 gave a part. */
  partETag(answer: S3Answer): string | undefined;
  /** The algorithm of the checksums that the parts are sent with. */
  readonly checksum?: ChecksumAlgorithm | undefined;
  /** The last chance to refuse, when all parts are there and the object is not yet. */
  beforeComplete?(): Promise<void>;
}

/** How a multipart transfer ended: with S3's last answer, and what was left behind. */
export interface MultipartOutcome {
  readonly answer: S3Answer;
  /** What the user should know of an upload that could not be aborted. */
  readonly leftBehind?: string;
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
 * On any failure the upload is aborted, so that S3 does not go on billing its parts.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html}
 */
export async function transferInParts(
  connection: S3Connection,
  transfer: MultipartTransfer,
  signal: AbortSignal | undefined,
): Promise<MultipartOutcome> {
  const { bucket, key } = transfer;
  const headers = splitHeaders(transfer.headers);
  // Whoever says how the whole is to be checked, says it all; and MD5 goes with the parts alone.
  const algorithm =
    givesChecksum(transfer.headers) || transfer.checksum === 'md5' ? undefined : transfer.checksum;
  signal?.throwIfAborted();
  const created = await connection.send({
    method: 'POST',
    bucket,
    key,
    query: { uploads: '' },
    headers: { ...headers.create, ...(algorithm === undefined ? {} : announcement(algorithm)) },
    errorInside200: true,
    // Not the caller's signal: it could cut off the answer, and with it the id of an upload that S3 has begun to bill.
  });
  if (created.error !== undefined) return { answer: created };
  const uploadId = uploadIdOf(created);
  try {
    signal?.throwIfAborted();
    const parts = await sendParts(connection, transfer, uploadId, headers.part, signal);
    await transfer.beforeComplete?.();
    const whole = algorithm === undefined ? undefined : wholeChecksum(algorithm, parts);
    const answer = await connection.send({
      method: 'POST',
      bucket,
      key,
      query: { uploadId },
      headers: {
        'content-type': 'application/xml',
        ...headers.complete,
        ...(algorithm === undefined || whole === undefined
          ? {}
          : { [checksumHeader(algorithm)]: whole, 'x-amz-checksum-type': 'FULL_OBJECT' }),
      },
      body: bytesBody(completeDocument(parts, algorithm)),
      errorInside200: true,
      signal,
    });
    if (answer.error === undefined) {
      if (algorithm !== undefined && whole !== undefined) checkStored(answer, algorithm, whole);
      return { answer };
    }
    const completed = await completedBefore(connection, transfer, headers.part, parts, answer, signal);
    if (completed === undefined) throw new Refused(answer);
    return { answer: completed };
  } catch (error) {
    const leftBehind = await abortUpload(connection, transfer, uploadId, headers.abort);
    if (error instanceof Refused)
      return { answer: error.answer, ...(leftBehind === undefined ? {} : { leftBehind }) };
    if (leftBehind === undefined || !(error instanceof Error)) throw error;
    throw new Error(`${error.message}; ${leftBehind}`, { cause: error });
  }
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
  connection: S3Connection,
  transfer: MultipartTransfer,
  uploadId: string,
  headers: HeaderRecord,
  signal: AbortSignal | undefined,
): Promise<SentPart[]> {
  const { bucket, key } = transfer;
  const parts: SentPart[] = [];
  await concurrently(
    transfer.parts,
    transfer.concurrency,
    async ({ partNumber, size, call }, stop) => {
      const answer = await connection.send({
        ...call,
        method: 'PUT',
        bucket,
        key,
        query: { partNumber, uploadId },
        headers: { ...headers, ...call.headers },
        signal: stop,
      });
      if (answer.error !== undefined) throw new Refused(answer);
      // Not after a refusal, which may have come while the bytes were still on their way.
      if (call.body?.kind === 'bytes') call.body.release?.();
      const eTag = transfer.partETag(answer);
      if (eTag === undefined) throw new Error(`S3 gave no ETag for part ${partNumber}`);
      parts[partNumber - 1] = { part: new S3Part(partNumber, eTag), size, checksum: answer.sentChecksum };
    },
    signal,
  );
  return parts;
}

/**
 * The object, where an upload that S3 no longer knows turns out to be completed: the answer that said so was lost, and the
 * request was sent again.
 */
async function completedBefore(
  connection: S3Connection,
  { bucket, key }: MultipartTransfer,
  headers: HeaderRecord,
  parts: readonly SentPart[],
  refusal: S3Answer,
  signal: AbortSignal | undefined,
): Promise<S3Answer | undefined> {
  if (refusal.error?.code !== 'NoSuchUpload' || refusal.attempts === 1) return undefined;
  const head = await connection.send({ method: 'HEAD', bucket, key, headers, signal });
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  if (head.error !== undefined || Number(head.response.headers['content-length']) !== size) return undefined;
  return isETagOfParts(
    head.response.headers['etag'] ?? '',
    parts.map(({ part }) => part),
  )
    ? head
    : undefined;
}

/** Tells S3 to forget the parts; says what is left behind where even that fails. */
async function abortUpload(
  connection: S3Connection,
  { bucket, key }: ObjectName,
  uploadId: string,
  headers: HeaderRecord,
): Promise<string | undefined> {
  const unfinished = `the unfinished upload ${uploadId} is still there, and its parts are billed until it is aborted`;
  try {
    // Without the caller's signal: what it aborted is just what has to be cleaned up.
    const { error } = await connection.send({ method: 'DELETE', bucket, key, query: { uploadId }, headers });
    if (error === undefined || error.code === 'NoSuchUpload') return undefined;
    return `${unfinished} (the abort was refused: ${error.code})`;
  } catch (error) {
    return `${unfinished} (the abort failed: ${error instanceof Error ? error.message : String(error)})`;
  }
}

/** Which of an object's headers each request of a multipart upload takes. */
function splitHeaders(headers: HeaderRecord): Record<'create' | 'part' | 'complete' | 'abort', HeaderRecord> {
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
    abort: pickHeaders(headers, everyRequest),
  };
}

function uploadIdOf({ response }: S3Answer): string {
  const document = parseXml(response.body, { attributes: 'drop-default-namespace' });
  const uploadId = textIn(childOf(document, 'InitiateMultipartUploadResult'), 'UploadId') ?? '';
  if (uploadId === '') throw new Error('S3 gave no upload id');
  return uploadId;
}

function completeDocument(parts: readonly SentPart[], algorithm: ChecksumAlgorithm | undefined): string {
  const Part = parts.map(({ part, checksum }) => ({
    PartNumber: String(part.partNumber),
    ETag: part.eTag,
    ...(algorithm === undefined || checksum === undefined ? {} : { [checksumTag(algorithm)]: checksum }),
  }));
  return buildXml(
    { 'CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/"': { Part } },
    { lists: ['Part'] },
  );
}

/** A part that S3 has, and what it was sent with. */
interface SentPart {
  readonly part: S3Part;
  /** Bytes. */
  readonly size: number;
  /** In Base64. */
  readonly checksum: string | undefined;
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
  if (!isCrcAlgorithm(algorithm)) return undefined;
  return multipartChecksum(
    algorithm,
    'FULL_OBJECT',
    parts.map(({ checksum = '', size }) => ({ value: checksum, size })),
  );
}

/** `ChecksumCRC32` and the like. */
function checksumTag(algorithm: ChecksumAlgorithm): string {
  return `Checksum${algorithm.toUpperCase()}`;
}

/** Compares the checksum that S3 has stored with ours; some services give none. */
function checkStored({ response }: S3Answer, algorithm: ChecksumAlgorithm, expected: string): void {
  const document = parseXml(response.body, { attributes: 'drop-default-namespace' });
  const stored = textIn(childOf(document, 'CompleteMultipartUploadResult'), checksumTag(algorithm));
  if (stored !== undefined && stored !== expected) {
    throw new Error(
      `the object that S3 stored is not what was sent: its ${algorithm} is ${stored}, and not ${expected}`,
    );
  }
}
