import { openUploadJournal } from '#files';
import { orAborted } from '../concurrently.ts';
import type { S3Answer, S3Connection } from '../connection.ts';
import { algorithmOf, partsAlgorithm } from '../digests.ts';
import { invalidArgument, outOfRange } from '../errors.ts';
import { normalizeHeaders, type RequestHeaders } from '../headers.ts';
import { bodyLength, type HeaderRecord, type RequestBody } from '../http.ts';
import { type JournalPlace, wantsJournal } from '../journal-place.ts';
import type { MultipartTransfer, TransferPart } from '../multipart.ts';
import { s3Uri } from '../names.ts';
import { checkConcurrency, checkPartSize, partSizeFor, planParts, streamPartSize } from '../part-plan.ts';
import { heldInMemory } from '../piece-memory.ts';
import { type ProgressListener, ProgressMeter } from '../progress.ts';
import { type S3Response, toS3Response } from '../responses.ts';
import type { JournaledUpload } from '../resume-upload.ts';
import { openSource, type SizedSource, type StreamSource, type WriteSource } from '../sources.ts';
import { S3Request, type SendOptions } from './s3-request.ts';

/** How something large is sent. */
export interface PartOptions {
  /**
   * Bytes of each part, 5 MiB to 5 GiB; of a stream, bytes of its first parts.
   *
   * @default the smallest that fits the file into 10,000 parts; for a stream 8 MiB, which grows as the stream goes on, unless the
   * service wants all parts of one size
   */
  readonly partSize?: number | undefined;
  /** Parts under way at a time. A stream is held in memory by as many parts. @default the connection's, 4 */
  readonly concurrency?: number | undefined;
  /** How long a stream will be, in bytes, where that is known: for streams of terabytes. */
  readonly expectedSize?: number | undefined;
  /**
   * Remembers what of a file has gone up, so that the same call, in another process too, goes on after a crash or a failure:
   * `true` for a small file beside the one that is written, or the folder where it is to be. What was sent is then kept after a
   * failure, and is billed until the call was made again and succeeded.
   *
   * @default a failure aborts the upload
   */
  readonly journal?: JournalPlace | undefined;
  /** Is told how far it is. */
  readonly onProgress?: ProgressListener | undefined;
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
  readonly #meter: ProgressMeter | undefined;

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
    const { onProgress } = options;
    this.#meter = onProgress && new ProgressMeter(onProgress, () => connection.now());
  }

  override async send({ signal }: SendOptions = {}): Promise<S3Response> {
    const { concurrency, journal } = this.#options;
    checkConcurrency(concurrency);
    if (wantsJournal(journal) && typeof this.#source !== 'string') {
      throw invalidArgument(
        'only the upload of a local file can have a journal: nothing else is there again',
      );
    }
    const headers = normalizeHeaders(this.#headers);
    const source = await openSource(this.#source);
    try {
      const result = await (source.size === undefined
        ? this.#writeStream(source, headers, signal)
        : this.#writeSized(source, headers, signal));
      this.#meter?.end();
      return result;
    } finally {
      await source.close();
    }
  }

  async #writeSized(
    source: SizedSource,
    headers: HeaderRecord,
    signal: AbortSignal | undefined,
  ): Promise<S3Response> {
    const { limits } = this.connection;
    const { size } = source;
    const partSize = this.#partSizeOf(size);
    if (this.#meter !== undefined) this.#meter.total = size;
    if (size < limits.multipartThreshold) {
      return this.connection.transfers.use(
        heldInMemory(size),
        async () => this.#writeWhole(await source.piece(0, size), headers, signal),
        signal,
      );
    }
    const upload = await this.#journal(source, partSize, headers, signal);
    try {
      if (upload?.completed !== undefined) return this.#response(upload.completed);
      const before = upload?.before?.parts ?? [];
      this.#meter?.resume(
        before.reduce((sum, part) => sum + part.size, 0),
        before.length,
      );
      const done = new Set(before.map(({ part }) => part.partNumber));
      function* parts(): Generator<TransferPart> {
        for (const { partNumber, offset, length } of planParts(size, partSize)) {
          if (done.has(partNumber)) continue;
          const call = async (): ReturnType<TransferPart['call']> => ({
            body: await source.piece(offset, length),
            content: true,
          });
          yield { partNumber, size: length, held: heldInMemory(length), call };
        }
      }
      return await this.#writeInParts(
        { headers, parts: parts(), beforeComplete: () => source.checkUnchanged(), memory: upload },
        signal,
      );
    } finally {
      await upload?.close();
    }
  }

  async #journal(
    { file }: SizedSource,
    partSize: number,
    headers: HeaderRecord,
    signal: AbortSignal | undefined,
  ): Promise<JournaledUpload | undefined> {
    const { connection } = this;
    const { journal } = this.#options;
    if (!wantsJournal(journal) || file === undefined) return undefined;
    const algorithm = partsAlgorithm({ headers, checksum: algorithmOf(connection.checksum) });
    const name = { bucket: this.#bucket, key: this.#key };
    return openUploadJournal({ connection, ...name, file, headers, partSize, algorithm, journal }, signal);
  }

  async #writeStream(
    source: StreamSource,
    headers: HeaderRecord,
    signal: AbortSignal | undefined,
  ): Promise<S3Response> {
    const { limits, service } = this.connection;
    const { maximumPartNumber } = limits;
    const { expectedSize } = this.#options;
    const smallest = this.#partSizeOf(expectedSize);
    const partSize = (partNumber: number): number =>
      expectedSize === undefined && !service.equalParts
        ? streamPartSize(partNumber, smallest, limits)
        : smallest;
    const equal = service.equalParts
      ? ` (all must be of one size for the service ${service.name}, here ${smallest} bytes)`
      : '';
    if (this.#meter !== undefined) this.#meter.total = expectedSize;
    const first = await orAborted(source.next(partSize(1)), signal);
    // A stream that ends within its first part.
    if (bodyLength(first) < partSize(1)) {
      return this.connection.transfers.use(
        bodyLength(first),
        () => this.#writeWhole(first, headers, signal),
        signal,
      );
    }
    async function* parts(): AsyncGenerator<TransferPart> {
      let body = first;
      for (let partNumber = 1; bodyLength(body) > 0; partNumber++) {
        if (partNumber > maximumPartNumber) {
          throw outOfRange(
            `the stream is longer than ${maximumPartNumber} parts can hold${equal}; give its expectedSize, or a larger partSize`,
          );
        }
        const part = { body, content: true };
        const size = bodyLength(body);
        yield { partNumber, size, held: size, call: async () => part };
        body = await source.next(partSize(partNumber + 1));
      }
    }
    return this.#writeInParts({ headers, parts: parts() }, signal);
  }

  /** The size of each part; of a stream of unknown length, that of its first. */
  #partSizeOf(size: number | undefined): number {
    const { limits } = this.connection;
    const { partSize } = this.#options;
    if (partSize !== undefined) checkPartSize(partSize, size, limits);
    const chosen = partSize ?? this.connection.partSize;
    if (size === undefined) return chosen ?? Math.max(firstStreamPart, limits.minimumPartSize);
    return Math.max(chosen ?? 0, partSizeFor(size, limits));
  }

  async #writeWhole(
    body: RequestBody,
    headers: HeaderRecord,
    signal: AbortSignal | undefined,
  ): Promise<S3Response> {
    const name = { bucket: this.#bucket, key: this.#key };
    const watch = this.#meter?.watch();
    const answer = await this.connection.send({
      ...name,
      method: 'PUT',
      headers,
      body,
      content: true,
      watch,
      signal,
    });
    if (answer.error === undefined) watch?.arrived(bodyLength(body));
    return this.#response(answer);
  }

  async #writeInParts(
    how: Pick<MultipartTransfer, 'headers' | 'parts' | 'beforeComplete' | 'memory'>,
    signal: AbortSignal | undefined,
  ): Promise<S3Response> {
    const { connection } = this;
    // Most of what is written is small, and need not wait for this.
    const { transferInParts } = await import('../multipart.ts');
    const outcome = await transferInParts(
      connection,
      {
        ...how,
        bucket: this.#bucket,
        key: this.#key,
        concurrency: this.#options.concurrency ?? connection.partConcurrency,
        partResult: ({ response, sentChecksum }) => ({
          eTag: response.headers['etag'],
          checksum: sentChecksum,
        }),
        checksum: algorithmOf(connection.checksum),
        meter: this.#meter,
      },
      signal,
    );
    return this.#response(outcome.answer, outcome.leftBehind);
  }

  #response(answer: S3Answer, leftBehind?: string): S3Response {
    return toS3Response(this.connection, s3Uri(this.#bucket, this.#key), answer, leftBehind);
  }
}
