import { orAborted } from './concurrently.ts';
import type { S3Answer, S3Call, S3Connection } from './connection.ts';
import type { RequestHeaders } from './headers.ts';
import { type HeaderRecord, isTransportError, type TransportError, type TransportResponse } from './http.ts';
import { type ObjectName, s3Uri } from './names.ts';
import type { QueryParameters } from './query.ts';

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
function rangeHeader({ start = 0, end }: ByteRange): string {
  return `bytes=${start}-${end ?? ''}`;
}

/** Asks for an object. Its bytes are then read from `content`, outside of any attempt. */
export async function openObject(
  connection: S3Connection,
  name: ObjectName,
  options: OpenOptions = {},
): Promise<OpenedObject> {
  const { range, signal, params } = options;
  const ask = async (
    headers: RequestHeaders,
  ): Promise<{ answer: S3Answer; body: TransportResponse | undefined }> => {
    let body: TransportResponse | undefined;
    const call: S3Call = {
      ...name,
      method: 'GET',
      query: params,
      headers,
      content: true,
      receive: async (response) => {
        body = response;
      },
      signal,
    };
    return { answer: await connection.send(call), body };
  };
  const headers = { ...options.headers, ...(range === undefined ? {} : { range: rangeHeader(range) }) };
  const { answer, body } = await ask(headers);
  if (answer.error !== undefined || body === undefined) return { answer, content: undefined };
  if (range !== undefined && body.status !== 206) {
    body.destroy();
    throw new Error(`${s3Uri(name.bucket, name.key)}: the service does not send ranges of objects`);
  }
  if (body.decoded && !options.acceptDecoded) {
    body.destroy();
    throw Object.assign(
      new Error(
        `${s3Uri(name.bucket, name.key)} has the Content-Encoding ${body.headers['content-encoding']}, which this runtime undoes unasked: what S3 stores cannot be had, nor be checked; take what it makes of it with acceptDecoded`,
      ),
      { code: 'ERR_S3KIT_DECODED' },
    );
  }
  const reading = new Reading(connection, name, { ...options, headers: options.headers ?? {} }, ask, body);
  return {
    answer,
    content: {
      size: sizeOfWhole(body),
      headers: body.headers,
      decoded: body.decoded ?? false,
      bytes: reading.bytes(),
      destroy: () => reading.destroy(),
    },
  };
}

/** The size of the whole object, also where only a range of it comes. */
function sizeOfWhole({ status, headers }: TransportResponse): number | undefined {
  const text =
    status === 206 ? /\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1] : headers['content-length'];
  return text === undefined ? undefined : Number(text);
}

type Ask = (headers: RequestHeaders) => Promise<{ answer: S3Answer; body: TransportResponse | undefined }>;

/** The reading of one body, over as many connections as it takes. */
class Reading {
  readonly #connection: S3Connection;
  readonly #name: ObjectName;
  readonly #options: OpenOptions & { readonly headers: RequestHeaders };
  readonly #ask: Ask;
  #body: TransportResponse;
  #position: number;
  #destroyed = false;
  readonly #end: number | undefined;

  constructor(
    connection: S3Connection,
    name: ObjectName,
    options: OpenOptions & { readonly headers: RequestHeaders },
    ask: Ask,
    body: TransportResponse,
  ) {
    this.#connection = connection;
    this.#name = name;
    this.#options = options;
    this.#ask = ask;
    this.#body = body;
    this.#position = options.range?.start ?? 0;
    const size = sizeOfWhole(body);
    this.#end = options.range?.end ?? (size === undefined ? undefined : size - 1);
  }

  destroy(): void {
    this.#destroyed = true;
    this.#body.destroy();
  }

  async *bytes(): AsyncGenerator<Uint8Array> {
    const { signal } = this.#options;
    const retries = this.#connection.bodyRetries({ ...this.#name, method: 'GET', signal });
    for (;;) {
      try {
        for await (const chunk of this.#body.body) {
          this.#position += chunk.byteLength;
          retries.progress();
          yield chunk;
        }
        return;
      } catch (error) {
        if (this.#destroyed) return;
        if (!isTransportError(error) || !(await retries.another(error))) throw error;
        this.#body = await orAborted(this.#rest(error), signal);
      }
    }
  }

  /** Asks for what is missing, of the very object that was being read. */
  async #rest(cause: TransportError): Promise<TransportResponse> {
    const eTag = this.#body.headers['etag'];
    // Without an ETag, the rest could be that of another object; and nobody knows where what was decoded has broken off.
    if (eTag === undefined || this.#body.decoded) throw cause;
    const range = rangeHeader({ start: this.#position, end: this.#end });
    const { answer, body } = await this.#ask({ ...this.#options.headers, range, 'if-match': eTag });
    if (body !== undefined && body.status === 206 && answer.error === undefined) return body;
    body?.destroy();
    const uri = s3Uri(this.#name.bucket, this.#name.key);
    if (answer.response.status === 412)
      throw new Error(`${uri} was changed while it was being read`, { cause });
    throw new Error(
      `${uri} broke off at byte ${this.#position}, and the rest cannot be had: ${answer.error?.code ?? 'the service does not send ranges'}`,
      { cause },
    );
  }
}
