import { algorithmOf } from './checksum-settings.ts';
import type { S3Answer } from './connection.ts';
import { invalidArgument, outOfRange } from './errors.ts';
import { bodyLength } from './http.ts';
import { wantsJournal } from './journal-place.ts';
import type { MultipartTransfer, PartCall, TransferPart } from './multipart.ts';
import { normalizeHeaders } from './normalize-headers.ts';
import { orAborted } from './or-aborted.ts';
import { checkConcurrency, checkPartSize, partSizeFor, planParts, streamPartSize } from './part-plan.ts';
import { ProgressMeter } from './progress.ts';
import type { PartOptions } from './requests/write.ts';
import { type S3Response, toS3Response } from './responses.ts';
import { s3Uri } from './s3-uri.ts';
import { openSource, type SizedSource, type StreamSource, type WriteSource } from './sources.ts';
import { type CheckedWrite, type ObjectWrite, writeWhole } from './write-whole.ts';

// What a stream has shown when it is clear that one request will not do.
const firstStreamPart = 8 * 1024 * 1024;

/** The writing of what has to be opened first, or goes up in parts, or is followed on its way. */
export class SourceWriting {
  readonly #write: CheckedWrite;
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
    const source = await openSource(this.#source, this.#write, this.#options);
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
    const inParts = size >= limits.multipartThreshold;
    const upload = await source.journal?.(inParts ? partSize : undefined);
    try {
      if (!inParts) return await this.#writeWhole(size, source.held(size), () => source.piece(0, size));
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
          const call = (): Promise<PartCall> => source.piece(offset, length);
          yield { partNumber, size: length, held: source.held(length), call };
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

  async #writeWhole(size: number, held: number, callOf: () => Promise<PartCall>): Promise<S3Response> {
    const watch = this.#meter?.watch();
    const { headers } = this.#write;
    const response = await writeWhole(this.#write, held, async () => {
      const { body, headers: more } = await callOf();
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
      const size = bodyLength(first);
      return this.#writeWhole(size, size, async () => ({ body: first, content: true }));
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
