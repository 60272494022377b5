import type { Connection, S3Answer } from './connection.ts';
import type { RequestHeaders } from './headers.ts';
import { type HeaderRecord, isTransportError, type TransportError, type TransportResponse } from './http.ts';
import type { QueryParameters } from './query.ts';
import type { ObjectName } from './s3-name.ts';

/** A stretch of an object's bytes. */
export interface ByteRange {
  /** The first byte's position. @default 0 */
  readonly start?: number | undefined;
  /** The last byte's position, included. @default the object's last */
  readonly end?: number | undefined;
}

/** How an object is asked for. */
export interface OpenOptions {
  readonly headers?: RequestHeaders | undefined;
  readonly params?: QueryParameters | undefined;
  readonly range?: ByteRange | undefined;
  /**
   * Takes an object that has a Content-Encoding (`gzip`) also where the runtime undoes it unasked, as every `fetch` does: then
   * neither its length nor its checksum can be checked. Without it, such an object is an error there.
   *
   * @default false
   */
  readonly acceptDecoded?: boolean | undefined;
  /** True where each piece of the bytes is needed only until the next is asked for. @default false */
  readonly borrows?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** An object whose bytes are on their way; or S3's refusal. */
export type OpenedObject = { readonly answer: S3Answer; readonly content: ObjectContent | undefined };

/** The bytes of an object that was asked for. */
export interface ObjectContent {
  /** Bytes of the whole object, where S3 told. */
  readonly size: number | undefined;
  readonly headers: HeaderRecord;
  /** Whether the runtime has undone the object's Content-Encoding. */
  readonly decoded: boolean;
  /**
   * The bytes, each once, in order. When the connection breaks, what is missing is asked for, and it must be of the same
   * object: an object that was changed meanwhile is an error.
   */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Drops what has not been read; the bytes then end. */
  destroy(): void;
}

/** The value of a Range header (RFC 9110 §14.2). */
export function rangeHeader({ start = 0, end }: ByteRange): string {
  return `bytes=${start}-${end ?? ''}`;
}

/** Asks for an object. Its bytes are then read from `content`, outside of any attempt. */
export async function openObject(
  connection: Connection,
  name: ObjectName,
  options: OpenOptions = {},
): Promise<OpenedObject> {
  const { range, signal, params } = options;
  const ask: Ask = async (headers, query) => {
    let body: TransportResponse | undefined;
    // What listings ask for has the same properties in the same order: engines compile what sends them once.
    const answer = await connection.send({
      method: 'GET',
      bucket: name.bucket,
      key: name.key,
      query,
      headers,
      body: undefined,
      content: true,
      borrows: options.borrows,
      receive: async (response) => {
        body = response;
      },
      signal,
    });
    return { answer, body };
  };
  if (range) (await import('./resumed-reading.ts')).checkRange(range);
  const headers = { ...options.headers, ...(range && { range: rangeHeader(range) }) };
  const { answer, body } = await ask(headers, params);
  if (answer.error !== undefined || body === undefined) return { answer, content: undefined };
  if (range || body.status === 206 || body.decoded)
    (await import('./resumed-reading.ts')).checkBody(name, body, options);
  const reading: Reading = {
    connection,
    name,
    options,
    ask,
    body,
    received: 0,
    destroyed: false,
  };
  return {
    answer,
    content: {
      size: sizeOfWhole(body),
      headers: body.headers,
      decoded: body.decoded ?? false,
      bytes: bytesOf(reading),
      destroy() {
        reading.destroyed = true;
        reading.body.destroy();
      },
    },
  };
}

/** The size of the whole object, also where only a range of it comes. */
export function sizeOfWhole({
  status,
  headers,
}: Pick<TransportResponse, 'status' | 'headers'>): number | undefined {
  const text =
    status === 206 ? /\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1] : headers['content-length'];
  return text === undefined ? undefined : Number(text);
}

/** Asks for an object, or for a range of its bytes. */
type Ask = (
  headers: RequestHeaders,
  query: QueryParameters | undefined,
) => Promise<{ readonly answer: S3Answer; readonly body: TransportResponse | undefined }>;

/** The reading of one body, over as many connections as it takes. */
export interface Reading {
  readonly connection: Connection;
  readonly name: ObjectName;
  readonly options: OpenOptions;
  readonly ask: Ask;
  body: TransportResponse;
  /** Bytes, of all bodies so far. */
  received: number;
  destroyed: boolean;
}

async function* bytesOf(reading: Reading): AsyncGenerator<Uint8Array> {
  let failure: TransportError;
  try {
    for await (const chunk of reading.body.body) {
      reading.received += chunk.byteLength;
      yield chunk;
    }
    return;
  } catch (error) {
    if (reading.destroyed) return;
    if (!isTransportError(error)) throw error;
    failure = error;
  }
  const { restOf } = await import('./resumed-reading.ts');
  yield* restOf(reading, failure);
}
