import type { ChecksumAlgorithm } from '@s3kit/checksums';
import { dropUploadJournal, openUploadJournal, trailedPiece } from '#files';
import { algorithmOf, partsAlgorithm } from './checksum-settings.ts';
import type { S3Answer } from './connection.ts';
import { invalidArgument, outOfRange } from './errors.ts';
import { bodyLength, type HeaderRecord, type RequestBody } from './http.ts';
import { wantsJournal } from './journal-place.ts';
import type { MultipartTransfer, PartCall, TransferPart } from './multipart.ts';
import { normalizeHeaders } from './normalize-headers.ts';
import { orAborted } from './or-aborted.ts';
import { checkConcurrency, checkPartSize, partSizeFor, planParts, streamPartSize } from './part-plan.ts';
import { countedInMemory, type PieceMemory, pieceMemory } from './piece-memory.ts';
import { ProgressMeter } from './progress.ts';
import type { PartOptions } from './requests/write.ts';
import { type S3Response, toS3Response } from './responses.ts';
import type { JournaledFile } from './resume-upload.ts';
import { s3Uri } from './s3-uri.ts';
import { openSource, type SizedSource, type StreamSource, type WriteSource } from './sources.ts';
import { type ObjectWrite, writeWhole } from './write-whole.ts';

// What a stream has shown when it is clear that one request will not do.
const firstStreamPart = 8 * 1024 * 1024;

/** The writing of what has to be opened first, or goes up in parts, or is followed on its way. */
export class SourceWriting {
  readonly #write: ObjectWrite & { readonly headers: HeaderRecord };
  readonly #source: WriteSource;
  readonly #options: PartOptions;
  readonly #meter: ProgressMeter | undefined;

  constructor(write: ObjectWrite, source: WriteSource, options: PartOptions) {
    this.#write = { ...write, headers: normalizeHeaders(write.headers) };
    this.#source = source;
    this.#options = options;
    const { onProgress } = options;
    this.#meter = onProgress && new ProgressMeter(onProgress, () => write.connection.now());
  }

  async send(): Promise<S3Response> {
    const { concurrency, journal } = this.#options;
    checkConcurrency(concurrency ?? this.#write.connection.partConcurrency);
    if (wantsJournal(journal) && typeof this.#source !== 'string') {
      throw invalidArgument(
        'only the upload of a local file can have a journal: nothing else is there again',
      );
    }
    const source = await openSource(this.#source);
    try {
      const result = await (source.size === undefined ? this.#writeStream(source) : this.#writeSized(source));
      this.#meter?.end();
      return result;
    } finally {
      await source.close();
    }
  }

  async #writeSized(source: SizedSource): Promise<S3Response> {
    const { limits } = this.#write.connection;
    const { size } = source;
    const partSize = this.#partSizeOf(size);
    if (this.#meter !== undefined) this.#meter.total = size;
    if (size < limits.multipartThreshold) {
      await this.#journaled(source, dropUploadJournal);
      return this.#writeWhole(size, () => source.piece(0, size, this.#memory().largest));
    }
    const algorithm = this.#partsAlgorithm();
    const upload = await this.#journaled(source, (file, signal) =>
      openUploadJournal({ ...file, partSize, algorithm }, signal),
    );
    try {
      if (upload?.completed !== undefined) return this.#response(upload.completed);
      const before = upload?.before?.parts ?? [];
      this.#meter?.resume(
        before.reduce((sum, part) => sum + part.size, 0),
        before.length,
      );
      const done = new Set(before.map(({ part }) => part.partNumber));
      const callOf = (body: RequestBody): Promise<PartCall> => this.#callOf(body);
      const memory = this.#memory();
      function* parts(): Generator<TransferPart> {
        for (const { partNumber, offset, length } of planParts(size, partSize)) {
          if (done.has(partNumber)) continue;
          const call = async (): Promise<PartCall> =>
            callOf(await source.piece(offset, length, memory.largest));
          yield { partNumber, size: length, held: countedInMemory(length, memory), call };
        }
      }
      return await this.#writeInParts({
        parts: parts(),
        beforeComplete: () => source.checkUnchanged(),
        memory: upload,
      });
    } finally {
      await upload?.close();
    }
  }

  #memory(): PieceMemory {
    const { transfers, partConcurrency, runtime } = this.#write.connection;
    return pieceMemory({
      memory: transfers.limits.bytes,
      isChosen: runtime.transferMemory !== undefined,
      concurrency: this.#options.concurrency ?? partConcurrency,
      canBeStreamed: this.#canBeStreamed(),
    });
  }

  /** Whether a piece of a file can be sent as it is read, with its checksum behind it. */
  #canBeStreamed(): boolean {
    const { connection, headers } = this.#write;
    const { tls, service } = connection;
    return tls && service.trailers === true && headers['x-amz-content-sha256'] === undefined;
  }

  async #writeWhole(size: number, bodyOf: () => Promise<RequestBody>): Promise<S3Response> {
    const watch = this.#meter?.watch();
    const { headers } = this.#write;
    const response = await writeWhole(this.#write, countedInMemory(size, this.#memory()), async () => {
      const { body, headers: more } = await this.#callOf(await bodyOf());
      const encoding = headers['content-encoding'];
      // What S3 takes off stands before what it keeps.
      const both =
        more !== undefined && encoding !== undefined
          ? { 'content-encoding': `${more['content-encoding']},${encoding}` }
          : {};
      return { headers: { ...headers, ...more, ...both }, body, watch };
    });
    if (response.ok) watch?.arrived(size);
    return response;
  }

  /** What sends a body. The checksum of one that is not held in memory goes behind it, where that can be. */
  async #callOf(body: RequestBody): Promise<PartCall> {
    const algorithm = this.#partsAlgorithm();
    if (body.kind !== 'file' || algorithm === undefined || !this.#canBeStreamed())
      return { body, content: true };
    return trailedPiece(body, algorithm);
  }

  #partsAlgorithm(): ChecksumAlgorithm | undefined {
    const { connection, headers } = this.#write;
    return partsAlgorithm({ headers, checksum: algorithmOf(connection.checksum) });
  }

  /** Does something with the file's journal, where there is to be one. */
  async #journaled<T>(
    { file }: SizedSource,
    task: (file: JournaledFile, signal: AbortSignal | undefined) => Promise<T>,
  ): Promise<T | undefined> {
    const { connection, name, headers, signal } = this.#write;
    const { journal } = this.#options;
    if (!wantsJournal(journal) || file === undefined) return undefined;
    return task({ connection, ...name, file, headers, journal }, signal);
  }

  async #writeStream(source: StreamSource): Promise<S3Response> {
    const { connection, signal } = this.#write;
    const { limits, service } = connection;
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
      return this.#writeWhole(bodyLength(first), async () => first);
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
    return this.#writeInParts({ parts: parts() });
  }

  /** The size of each part; of a stream of unknown length, that of its first. */
  #partSizeOf(size: number | undefined): number {
    const { limits } = this.#write.connection;
    const { partSize } = this.#options;
    if (partSize !== undefined) checkPartSize(partSize, size, limits);
    const chosen = partSize ?? this.#write.connection.runtime.partSize;
    if (size === undefined) return chosen ?? Math.max(firstStreamPart, limits.minimumPartSize);
    return Math.max(chosen ?? 0, partSizeFor(size, limits));
  }

  async #writeInParts(
    how: Pick<MultipartTransfer, 'parts' | 'beforeComplete' | 'memory'>,
  ): Promise<S3Response> {
    const { connection, name, headers, signal } = this.#write;
    const { transferInParts } = await import('./multipart.ts');
    const outcome = await transferInParts(
      connection,
      {
        ...how,
        ...name,
        headers,
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

  #response(answer: S3Answer, leftBehind?: string): S3Response | Promise<S3Response> {
    const { connection, name } = this.#write;
    return toS3Response(connection, s3Uri(name.bucket, name.key), answer, leftBehind);
  }
}
