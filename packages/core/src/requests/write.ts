import { orAborted } from '../concurrently.ts';
import type { S3Connection } from '../connection.ts';
import { algorithmOf } from '../digests.ts';
import { outOfRange } from '../errors.ts';
import { normalizeHeaders, type RequestHeaders } from '../headers.ts';
import { bodyLength, type HeaderRecord, type RequestBody } from '../http.ts';
import { type TransferPart, transferInParts } from '../multipart.ts';
import { s3Uri } from '../names.ts';
import { checkPartSize, partSizeFor, streamPartSize } from '../part-plan.ts';
import { type S3Response, toS3Response } from '../responses.ts';
import { openSource, type Source, type WriteSource } from '../sources.ts';
import { S3Request, type SendOptions } from './s3-request.ts';

/** How something large is sent. */
export interface PartOptions {
  /**
   * Bytes of each part, 5 MiB to 5 GiB; of a stream, bytes of its first parts.
   *
   * @default the smallest that fits the file into 10,000 parts; for a stream 8 MiB, which grows as the stream goes on
   */
  readonly partSize?: number | undefined;
  /** Parts under way at a time. A stream is held in memory by as many parts. @default the connection's, 4 */
  readonly concurrency?: number | undefined;
  /** How long a stream will be, in bytes, where that is known: for streams of terabytes. */
  readonly expectedSize?: number | undefined;
}

// What a stream has shown when it is clear that one request will not do.
const firstStreamPart = 8 * 1024 * 1024;

/**
 * Writes a local file, bytes or a stream as an object; in parts, several at a time, where it is large.
 *
 * Of a file, no more is held in memory than the parts that are under way, and of large parts not even those.
 */
export class WriteS3Request extends S3Request {
  readonly #source: WriteSource;
  readonly #bucket: string;
  readonly #key: string;
  readonly #headers: RequestHeaders;
  readonly #options: PartOptions;

  constructor(
    connection: S3Connection,
    source: WriteSource,
    bucket: string,
    key: string,
    headers: RequestHeaders = {},
    options: PartOptions = {},
  ) {
    super(connection);
    this.#source = source;
    this.#bucket = bucket;
    this.#key = key;
    this.#headers = headers;
    this.#options = options;
  }

  override async send({ signal }: SendOptions = {}): Promise<S3Response> {
    const headers = normalizeHeaders(this.#headers);
    const source = await openSource(this.#source);
    try {
      const size = source.size ?? this.#options.expectedSize;
      const partSize = this.#partSize(source, size);
      if (source.size !== undefined && source.size < this.connection.limits.multipartThreshold) {
        return await this.#writeWhole(await source.next(source.size), headers, signal);
      }
      const first = await orAborted(source.next(partSize(1)), signal);
      // A stream that ends within its first part.
      if (bodyLength(first) < partSize(1)) return await this.#writeWhole(first, headers, signal);
      return await this.#writeInParts(source, first, partSize, headers, signal);
    } finally {
      await source.close();
    }
  }

  /** The size of each part, by its number. */
  #partSize(source: Source, size: number | undefined): (partNumber: number) => number {
    const { limits } = this.connection;
    const { partSize, concurrency } = this.#options;
    if (concurrency !== undefined && !(Number.isSafeInteger(concurrency) && concurrency > 0)) {
      throw outOfRange(`concurrency is a whole number, 1 or more, not ${concurrency}`);
    }
    if (partSize !== undefined) checkPartSize(partSize, size, limits);
    if (size !== undefined) {
      const same = Math.max(partSize ?? 0, partSizeFor(size, limits));
      return () => same;
    }
    const first = partSize ?? Math.max(firstStreamPart, limits.minimumPartSize);
    return source.size === undefined
      ? (partNumber) => streamPartSize(partNumber, first, limits)
      : () => first;
  }

  async #writeWhole(
    body: RequestBody,
    headers: HeaderRecord,
    signal: AbortSignal | undefined,
  ): Promise<S3Response> {
    const name = { bucket: this.#bucket, key: this.#key };
    const answer = await this.connection.send({
      ...name,
      method: 'PUT',
      headers,
      body,
      content: true,
      signal,
    });
    return toS3Response(this.connection, s3Uri(this.#bucket, this.#key), answer);
  }

  async #writeInParts(
    source: Source,
    first: RequestBody,
    partSize: (partNumber: number) => number,
    headers: HeaderRecord,
    signal: AbortSignal | undefined,
  ): Promise<S3Response> {
    const { maximumPartNumber } = this.connection.limits;
    async function* parts(): AsyncGenerator<TransferPart> {
      let body = first;
      for (let partNumber = 1; bodyLength(body) > 0; partNumber++) {
        if (partNumber > maximumPartNumber) {
          throw outOfRange(
            `the stream is longer than ${maximumPartNumber} parts can hold; give its expectedSize, or a larger partSize`,
          );
        }
        yield { partNumber, size: bodyLength(body), call: { body, content: true } };
        body = await source.next(partSize(partNumber + 1));
      }
    }
    const outcome = await transferInParts(
      this.connection,
      {
        bucket: this.#bucket,
        key: this.#key,
        headers,
        parts: parts(),
        concurrency: this.#options.concurrency ?? this.connection.partConcurrency,
        partETag: ({ response }) => response.headers['etag'],
        checksum: algorithmOf(this.connection.checksum),
        beforeComplete: () => source.checkUnchanged(),
      },
      signal,
    );
    return toS3Response(this.connection, s3Uri(this.#bucket, this.#key), outcome.answer, outcome.leftBehind);
  }
}
