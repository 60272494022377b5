import { contentRange } from './content-range.ts';
import { outOfRange } from './errors.ts';
import { type HeaderRecord, isTransportError, type TransportError, type TransportResponse } from './http.ts';
import { normalizeHeaders } from './normalize-headers.ts';
import { type ByteRange, type OpenOptions, type Reading, rangeHeader, sizeOfWhole } from './open-object.ts';
import { orAborted } from './or-aborted.ts';
import { queryPairs } from './query.ts';
import type { ObjectName } from './s3-name.ts';
import { s3Uri } from './s3-uri.ts';

/** The bytes that are missing of a body that has broken off. */
export async function* restOf(reading: Reading, cause: TransportError): AsyncGenerator<Uint8Array> {
  const { connection, name, options } = reading;
  const { signal } = options;
  const first = reading.body;
  const retries = await connection.bodyRetries({ ...name, method: 'GET', signal });
  for (let failure = cause; ; ) {
    if (!(await retries.another(failure))) throw failure;
    reading.body = await orAborted(nextBody(reading, first, failure), signal);
    try {
      for await (const chunk of reading.body.body) {
        reading.received += chunk.byteLength;
        retries.progress();
        yield chunk;
      }
      return;
    } catch (error) {
      if (reading.destroyed) return;
      if (!isTransportError(error)) throw error;
      failure = error;
    }
  }
}

/** The stretch of the object that its first answer began to give; undefined where nobody knows. */
function rangeOf(first: TransportResponse, { range }: OpenOptions): ByteRange | undefined {
  // It has broken off where nobody knows in what was decoded, and in several ranges, which a caller can ask for.
  if (first.decoded) return undefined;
  const came = contentRange(first);
  if (came !== undefined) return { start: came.first, end: came.last };
  if (first.status === 206) return range;
  const size = sizeOfWhole(first);
  return { end: size === undefined ? undefined : size - 1 };
}

/** Asks for what is missing, of the very object that was being read. */
async function nextBody(
  { ask, name, options, received }: Reading,
  first: TransportResponse,
  cause: TransportError,
): Promise<TransportResponse> {
  const eTag = first.headers['etag'];
  const asked = rangeOf(first, options);
  // Without an ETag, the rest could be that of another object.
  if (eTag === undefined || asked === undefined) throw cause;
  const range = { start: (asked.start ?? 0) + received, end: asked.end };
  // More came than there was to come.
  if (range.end !== undefined && range.start > range.end) throw cause;
  const headers = {
    ...normalizeHeaders(options.headers ?? {}),
    range: rangeHeader(range),
    'if-match': eTag,
  };
  // S3 takes no range of a part.
  const query = queryPairs(options.params ?? {}).filter(([parameter]) => parameter !== 'partNumber');
  const { answer, body } = await ask(headers, Object.fromEntries(query));
  const isPart = body?.status === 206 && answer.error === undefined;
  if (isPart && isSame({ eTag, size: sizeOfWhole(first) }, body)) {
    checkBody(name, body, { range });
    return body;
  }
  body?.destroy();
  if (isPart || answer.response.status === 412) throw objectChanged(name, cause);
  throw new Error(
    `${s3Uri(name.bucket, name.key)} broke off at byte ${range.start}, and the rest cannot be had: ${answer.error?.code ?? 'the service does not send ranges'}`,
    { cause },
  );
}

/** What tells an object from another that takes its name. */
export interface ObjectIdentity {
  readonly eTag: string | undefined;
  /** Bytes. */
  readonly size: number | undefined;
}

/** Whether an answer is of the object, as far as it tells: not every service minds If-Match. */
export function isSame(
  { eTag, size }: ObjectIdentity,
  answer: Pick<TransportResponse, 'status' | 'headers'>,
): boolean {
  const came = sizeOfWhole(answer) ?? size;
  return (answer.headers['etag'] ?? eTag) === eTag && came === (size ?? came);
}

/** The error of a reading whose object is no longer the one with which it began. */
export function objectChanged({ bucket, key }: ObjectName, cause?: unknown): Error {
  return Object.assign(new Error(`${s3Uri(bucket, key)} was changed while it was being read`, { cause }), {
    code: 'ERR_S3KIT_OBJECT_CHANGED',
  });
}

/**
 * Refuses what is not what was asked for: a whole in place of a range, another range, a part in place of the whole, or what the
 * runtime has made of it.
 */
export function checkBody(name: ObjectName, body: TransportResponse, asked: OpenOptions): void {
  const problem = partProblem(body, asked);
  if (problem === undefined && (!body.decoded || asked.acceptDecoded)) return;
  body.destroy();
  throw problem === undefined
    ? decodedUnasked(name, body.headers)
    : new Error(`${s3Uri(name.bucket, name.key)}: ${problem}`);
}

function partProblem(answer: TransportResponse, asked: OpenOptions): string | undefined {
  const { range } = asked;
  if (answer.status === 206) {
    if (range !== undefined) return rangeProblem(answer, range);
    return asksForPart(asked)
      ? undefined
      : 'the service sent a part of the object, and all of it was asked for';
  }
  return range && 'the service does not send ranges of objects';
}

/** Whether a caller asks for a part of an object in words of S3. */
export function asksForPart({ headers = {}, params = {} }: Pick<OpenOptions, 'headers' | 'params'>): boolean {
  return (
    Object.keys(headers).some((name) => name.toLowerCase() === 'range') ||
    queryPairs(params).some(([name]) => name === 'partNumber')
  );
}

/**
 * What is wrong with the range that came, where the service tells which it is.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-14.4}
 */
export function rangeProblem(
  answer: Pick<TransportResponse, 'status' | 'headers'>,
  asked: ByteRange,
): string | undefined {
  const { start = 0, end = Infinity } = asked;
  const came = answer.headers['content-range'];
  const range = contentRange(answer);
  const lastMeant = Math.min(end, (sizeOfWhole(answer) ?? Infinity) - 1);
  const ends = lastMeant === Infinity || range?.last === lastMeant;
  return came === undefined || (range?.first === start && ends)
    ? undefined
    : `the service sent ${came} where ${rangeHeader(asked)} was asked for`;
}

/** The error of an object whose Content-Encoding the runtime has undone. */
function decodedUnasked({ bucket, key }: ObjectName, headers: HeaderRecord): Error {
  return Object.assign(
    new Error(
      `${s3Uri(bucket, key)} has the Content-Encoding ${headers['content-encoding']}, which this runtime undoes unasked: what S3 stores cannot be had, nor be checked; take what it makes of it with acceptDecoded`,
    ),
    { code: 'ERR_S3KIT_DECODED' },
  );
}

/** Refuses a range that is none. */
export function checkRange({ start = 0, end = start }: ByteRange): void {
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || end < start) {
    throw outOfRange(
      `a range is of whole numbers, from 0 on, its end not before its start; not ${start} to ${end}`,
    );
  }
}
