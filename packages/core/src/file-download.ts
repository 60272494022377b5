import { type ChecksumAlgorithm, isCrcAlgorithm } from '@s3kit/checksums';
import { checkComposite } from './composite.ts';
import type { Connection, S3Answer } from './connection.ts';
import { contentRange } from './content-range.ts';
import { downloadInOrder, downloadSideBySide, heldByDownload, RangeRefused } from './download.ts';
import { errorCode } from './errors.ts';
import { type ExpectedChecksum, expectedChecksum } from './expected-checksum.ts';
import { metadataOf } from './headers.ts';
import { type HeaderRecord, isTransportError, type TransportError } from './http.ts';
import { wantsJournal } from './journal-place.ts';
import { type AtomicFile, createAtomicFile } from './node/atomic-file.ts';
import { normalizeHeaders } from './normalize-headers.ts';
import { type ObjectContent, type OpenOptions, openObject } from './open-object.ts';
import { checkConcurrency, partSizeFor, planParts } from './part-plan.ts';
import { ProgressMeter } from './progress.ts';
import type { MetadataS3Response } from './requests/exists.ts';
import type { ReadOptions } from './requests/read.ts';
import { toS3Response } from './responses.ts';
import { type DownloadBefore, type DownloadJournal, openDownloadJournal } from './resume-download.ts';
import { asksForPart, isSame } from './resumed-reading.ts';
import type { BodyRetries } from './retry-policy.ts';
import type { ObjectName } from './s3-name.ts';
import { s3Uri } from './s3-uri.ts';

// Ranges that are fetched side by side, in bytes: large enough that a request for each is no burden.
const smallestRange = 8 * 1024 * 1024;

/** Reads an object into a local file; resolves to S3's answer, whatever it is. */
export async function downloadFile(
  connection: Connection,
  name: ObjectName,
  localFile: string,
  options: ReadOptions,
  signal: AbortSignal | undefined,
): Promise<MetadataS3Response> {
  return new FileDownload(connection, name, localFile, options).send(signal);
}

class FileDownload {
  readonly #connection: Connection;
  readonly #name: ObjectName;
  readonly #localFile: string;
  readonly #options: ReadOptions & { readonly headers: HeaderRecord };
  /** Whether the caller wants a part of the object: that is then the whole that has to come. */
  readonly #isPart: boolean;
  readonly #meter: ProgressMeter | undefined;

  constructor(connection: Connection, name: ObjectName, localFile: string, options: ReadOptions) {
    this.#connection = connection;
    this.#name = name;
    this.#localFile = localFile;
    this.#options = { ...options, headers: normalizeHeaders(options.headers ?? {}) };
    this.#isPart = asksForPart(options);
    const { onProgress } = options;
    this.#meter = onProgress && new ProgressMeter(onProgress, () => connection.now());
  }

  async send(signal: AbortSignal | undefined): Promise<MetadataS3Response> {
    const { concurrency = this.#connection.partConcurrency, journal: place } = this.#options;
    checkConcurrency(concurrency);
    const journal =
      wantsJournal(place) && !this.#isPart
        ? await openDownloadJournal(this.#connection, this.#name, this.#localFile, place)
        : undefined;
    try {
      return await this.#connection.transfers.use(
        heldByDownload,
        () => this.#fetch(journal, concurrency, signal),
        signal,
      );
    } finally {
      await journal?.close();
    }
  }

  /** Fills a temporary file, and puts it into its place; or removes it, or leaves it to another run. */
  async #fetch(
    journal: DownloadJournal | undefined,
    concurrency: number,
    signal: AbortSignal | undefined,
  ): Promise<MetadataS3Response> {
    // Made first: where it cannot be written, nothing needs to be asked.
    const file = await createAtomicFile(this.#localFile, {
      resumable: journal?.digest,
      completeSize: journal?.completeSize,
      isNew: this.#options.isNew,
      exclusive: this.#options.exclusive,
    });
    const begun = { file, journal, concurrency, signal };
    try {
      const before = await journal?.recall(file);
      const result = await this.#whileItHelps(begun, before);
      if (result.ok) await file.commit(this.#options.attributes?.(result.response?.headers ?? {}));
      else if (before !== undefined && mayBeGranted(result)) {
        await file.keep();
        return result;
      } else await file.discard();
      await journal?.remove();
      this.#meter?.end();
      return result;
    } catch (error) {
      if (journal?.hasTask() && isWorthKeeping(error)) await file.keep();
      else {
        await file.discard();
        await journal?.remove();
      }
      // What S3 says is told as what it says to any other call.
      if (error instanceof RangeRefused) return this.#refusal(error.answer);
      throw error;
    }
  }

  async #refusal(answer: S3Answer): Promise<MetadataS3Response> {
    const { bucket, key } = this.#name;
    return (await toS3Response(this.#connection, s3Uri(bucket, key), answer)).with({ metadata: {} });
  }

  async #whileItHelps(begun: Begun, found: DownloadBefore | undefined): Promise<MetadataS3Response> {
    // Most come whole.
    let retries: Promise<BodyRetries> | undefined;
    const another = async (failure: TransportError): Promise<boolean> => {
      retries ??= this.#connection.bodyRetries({ ...this.#name, method: 'GET', signal: begun.signal });
      return (await retries).another(failure);
    };
    let before = found;
    for (let count = 1; ; count++) {
      const { answer, content } = await this.#open(before, begun.signal);
      // The object is not the one of which an earlier run has fetched something.
      const { response } = answer;
      const isOther = content !== undefined && before !== undefined && !isSame(before, response);
      if (isOther || (before !== undefined && [404, 412, 416].includes(response.status))) {
        content?.destroy();
        before = undefined;
        continue;
      }
      const result = await toS3Response(this.#connection, s3Uri(this.#name.bucket, this.#name.key), answer);
      if (content === undefined) return result.with({ metadata: {} });
      try {
        await this.#download(begun, content, answer, before);
        return result.with({ metadata: metadataOf(answer.response.headers) });
      } catch (error) {
        content.destroy();
        if (!(await this.#helps(error, content, count, another))) throw error;
        this.#meter?.restart();
        before = undefined;
        await begun.file.resize(0);
      }
    }
  }

  #open(before: DownloadBefore | undefined, signal: AbortSignal | undefined): ReturnType<typeof openObject> {
    const { headers, params } = this.#options;
    const options: OpenOptions = { headers, params, borrows: true, signal };
    if (before === undefined) return openObject(this.#connection, this.#name, options);
    // The caller's conditions hold as they are: whether it is still the same object is then seen by the answer.
    const isConditional = Object.keys(headers).some((name) => name.startsWith('if-'));
    return openObject(this.#connection, this.#name, {
      ...options,
      headers: isConditional ? headers : { ...headers, 'if-match': before.eTag },
      range: before.next,
    });
  }

  /** Whether it helps to begin anew. */
  async #helps(
    error: unknown,
    content: ObjectContent,
    count: number,
    another: (failure: TransportError) => Promise<boolean>,
  ): Promise<boolean> {
    // What came was changed on its way; or it is so in S3, and comes like that again.
    if (errorCode(error) === 'ERR_S3KIT_CHECKSUM') return count === 1;
    // What could not be asked for piece by piece, for want of an ETag.
    return isTransportError(error) && content.headers['etag'] === undefined && another(error);
  }

  async #download(
    { file, journal, concurrency, signal }: Begun,
    content: ObjectContent,
    answer: S3Answer,
    before: DownloadBefore | undefined,
  ): Promise<void> {
    const connection = this.#connection;
    const { limits } = connection;
    const { headers, params } = this.#options;
    const object = before ?? { eTag: content.headers['etag'], size: content.size };
    const { eTag, size } = object;
    if (this.#meter !== undefined)
      this.#meter.total = (this.#isPart ? contentRange(answer.response)?.length : undefined) ?? size;
    const expected = before?.expected ?? this.#expected(answer);
    const download = {
      connection,
      name: this.#name,
      content,
      object,
      options: { headers, params, signal },
      expected,
      meter: this.#meter,
    };
    const canSplit =
      (before !== undefined || content.headers['accept-ranges'] === 'bytes') && eTag !== undefined;
    const several = !this.#isPart && (concurrency > 1 || journal !== undefined);
    if (size === undefined || size < limits.multipartThreshold || !canSplit || !several) {
      // An earlier run may have left more than there is now.
      if (journal !== undefined) await file.resize(0);
      await downloadInOrder(file, download);
    } else {
      const partSize =
        before?.partSize ??
        Math.max(partSizeFor(size, limits), Math.min(smallestRange, limits.multipartThreshold));
      const algorithm = before?.algorithm ?? rangeAlgorithm(expected, journal);
      if (before === undefined && algorithm !== undefined)
        await journal?.begin({ eTag, size, partSize, algorithm, expected });
      const done = before?.done ?? new Map<number, string>();
      const ranges = [...planParts(size, partSize)];
      this.#meter?.resume(bytesOf(ranges, done), done.size);
      await file.resize(size);
      await downloadSideBySide(file, {
        ...download,
        ranges,
        before: done,
        algorithm,
        remember: journal?.remember,
        concurrency,
      });
    }
    if (expected === undefined && connection.checksum !== 'off' && !this.#isPart)
      await checkComposite(connection, this.#name, { params, headers, signal }, content.headers, file);
  }

  #expected({ response }: S3Answer): ExpectedChecksum | undefined {
    // The checksum of a range says nothing of the whole.
    if (this.#connection.checksum === 'off' || response.status !== 200) return undefined;
    return expectedChecksum(response.headers);
  }
}

/** What all attempts of a download have in common. */
interface Begun {
  readonly file: AtomicFile;
  readonly journal: DownloadJournal | undefined;
  readonly concurrency: number;
  readonly signal: AbortSignal | undefined;
}

/** What the ranges' checksums are of: those that make up the whole's, where that can be; else what a journal needs. */
function rangeAlgorithm(
  expected: ExpectedChecksum | undefined,
  journal: DownloadJournal | undefined,
): ChecksumAlgorithm | undefined {
  if (expected !== undefined && isCrcAlgorithm(expected.algorithm)) return expected.algorithm;
  return journal === undefined ? undefined : 'crc32';
}

function bytesOf(
  ranges: readonly { readonly partNumber: number; readonly length: number }[],
  done: ReadonlyMap<number, string>,
): number {
  return ranges.reduce((sum, { partNumber, length }) => sum + (done.has(partNumber) ? length : 0), 0);
}

/** Whether what is refused now may be had later: with other keys, or when the service is well again. */
function mayBeGranted({ response }: MetadataS3Response): boolean {
  const status = response?.status ?? 0;
  return status >= 500 || [401, 403, 408, 429].includes(status);
}

/** Whether another run could go on: not with bytes that are wrong, or of an object that is no longer there. */
function isWorthKeeping(error: unknown): boolean {
  return !['ERR_S3KIT_CHECKSUM', 'ERR_S3KIT_OBJECT_CHANGED', 'EEXIST'].includes(errorCode(error) ?? '');
}
