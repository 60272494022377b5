import { type ChecksumAlgorithm, isCrcAlgorithm } from '@s3kit/checksums';
import {
  checkComposite,
  createAtomicFile,
  downloadInOrder,
  downloadSideBySide,
  heldByDownload,
  openDownloadJournal,
} from '#files';
import type { Connection, S3Answer } from '../connection.ts';
import { errorCode } from '../errors.ts';
import { type ExpectedChecksum, expectedChecksum } from '../expected-checksum.ts';
import { metadataOf, type RequestHeaders } from '../headers.ts';
import { type HeaderRecord, isTransportError, type TransportError } from '../http.ts';
import { type JournalPlace, wantsJournal } from '../journal-place.ts';
import type { AtomicFile, FileAttributes } from '../node/atomic-file.ts';
import { type ObjectContent, type OpenOptions, openObject } from '../open-object.ts';
import { checkConcurrency, partSizeFor, planParts } from '../part-plan.ts';
import { type ProgressListener, ProgressMeter } from '../progress.ts';
import type { QueryParameters } from '../query.ts';
import { toS3Response } from '../responses.ts';
import type { DownloadBefore, DownloadJournal } from '../resume-download.ts';
import { isSame } from '../resumed-reading.ts';
import type { BodyRetries } from '../retry-policy.ts';
import { s3Uri } from '../s3-uri.ts';
import type { MetadataS3Response } from './exists.ts';
import { S3Request, type SendOptions } from './s3-request.ts';

/** How an object is read into a file. */
export interface ReadOptions {
  /** Any request headers of S3's, such as the key of an object that is encrypted by one. */
  readonly headers?: RequestHeaders | undefined;
  /** Any parameters of S3's, such as `versionId`. */
  readonly params?: QueryParameters | undefined;
  /** Ranges under way at a time, of an object of 16 MiB or more. @default the connection's, 4 */
  readonly concurrency?: number | undefined;
  /**
   * Remembers what of a large object has come, so that the same call, in another process too, goes on after a crash or a failure:
   * `true` for a small file beside the one that is written, or the folder where it is to be. What has come is then kept after a
   * failure, in the temporary file.
   *
   * @default a failure removes the temporary file
   */
  readonly journal?: JournalPlace | undefined;
  /**
   * Tells, from the answer's headers, the object's metadata among them, the time and the permissions that the file gets before it
   * takes its place.
   *
   * @default none: it was changed now, and has the permissions of the file that it replaces, or the system's own
   */
  readonly attributes?: ((headers: HeaderRecord) => FileAttributes) | undefined;
  /** True where the caller knows that there is no such file yet, nor a link of its name: it is then not looked at. @default false */
  readonly isNew?: boolean | undefined;
  /** Is told how far it is. */
  readonly onProgress?: ProgressListener | undefined;
}

// Ranges that are fetched side by side, in bytes: large enough that a request for each is no burden.
const smallestRange = 8 * 1024 * 1024;

/**
 * Reads an object into a local file; a large one in ranges, several at a time.
 *
 * The bytes go to a temporary file beside it, which takes its place when it is whole and is what S3 stores; after a failure
 * the old file is as it was, and nothing is left behind.
 */
export class ReadS3Request extends S3Request<MetadataS3Response> {
  readonly #name: { readonly bucket: string; readonly key: string };
  readonly #localFile: string;
  readonly #options: ReadOptions;
  readonly #meter: ProgressMeter | undefined;

  constructor(
    connection: Connection,
    bucket: string,
    key: string,
    localFile: string,
    options: ReadOptions = {},
  ) {
    super(connection);
    this.#name = { bucket, key };
    this.#localFile = localFile;
    this.#options = options;
    const { onProgress } = options;
    this.#meter = onProgress && new ProgressMeter(onProgress, () => connection.now());
  }

  override async send({ signal }: SendOptions = {}): Promise<MetadataS3Response> {
    const { concurrency = this.connection.partConcurrency, journal: place } = this.#options;
    checkConcurrency(concurrency);
    const journal = wantsJournal(place)
      ? await openDownloadJournal(this.connection, this.#name, this.#localFile, place)
      : undefined;
    try {
      return await this.connection.transfers.use(
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
      throw error;
    }
  }

  async #whileItHelps(begun: Begun, found: DownloadBefore | undefined): Promise<MetadataS3Response> {
    // Most come whole.
    let retries: Promise<BodyRetries> | undefined;
    const another = async (failure: TransportError): Promise<boolean> => {
      retries ??= this.connection.bodyRetries({ ...this.#name, method: 'GET', signal: begun.signal });
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
      const result = await toS3Response(this.connection, s3Uri(this.#name.bucket, this.#name.key), answer);
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
    if (before === undefined) return openObject(this.connection, this.#name, options);
    return openObject(this.connection, this.#name, {
      ...options,
      headers: { ...headers, 'if-match': before.eTag },
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
    const { connection } = this;
    const { limits } = connection;
    const { headers, params } = this.#options;
    const object = before ?? { eTag: content.headers['etag'], size: content.size };
    const { eTag, size } = object;
    if (this.#meter !== undefined) this.#meter.total = size;
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
    const several = concurrency > 1 || journal !== undefined;
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
    if (expected === undefined && connection.checksum !== 'off')
      await checkComposite(connection, this.#name, { params, headers, signal }, content.headers, file);
  }

  #expected({ response }: S3Answer): ExpectedChecksum | undefined {
    // The checksum of a range says nothing of the whole.
    if (this.connection.checksum === 'off' || response.status !== 200) return undefined;
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
  return !['ERR_S3KIT_CHECKSUM', 'ERR_S3KIT_OBJECT_CHANGED'].includes(errorCode(error) ?? '');
}
