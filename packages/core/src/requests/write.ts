import type { Connection } from '../connection.ts';
import type { RequestHeaders } from '../headers.ts';
import { bytesBody } from '../http.ts';
import type { JournalPlace } from '../journal-place.ts';
import type { ProgressListener } from '../progress.ts';
import type { S3Response } from '../responses.ts';
import type { WriteSource } from '../sources.ts';
import { atHand, heldAtHand, type ObjectWrite, writeWhole } from '../write-whole.ts';
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

/**
 * Writes a local file, bytes or a stream as an object; in parts, several at a time, where it is large.
 *
 * Of a file, no more is held in memory than the parts that are under way, and of large parts not even those.
 */
export class WriteS3Request extends S3Request {
  readonly #write: Omit<ObjectWrite, 'signal'>;
  readonly #source: WriteSource;
  readonly #options: PartOptions;

  constructor(
    connection: Connection,
    source: WriteSource,
    bucket: string,
    key: string,
    headers: RequestHeaders = {},
    options: PartOptions = {},
  ) {
    super(connection);
    this.#write = { connection, name: { bucket, key }, headers };
    this.#source = source;
    this.#options = options;
  }

  override async send({ signal }: SendOptions = {}): Promise<S3Response> {
    const { partSize, concurrency, journal, onProgress } = this.#options;
    const write = { ...this.#write, signal };
    const source = atHand(this.#source);
    // Most of what a page writes is at hand and small, and need not wait for the rest.
    if (
      source !== undefined &&
      source.size < this.connection.limits.multipartThreshold &&
      (partSize ?? concurrency ?? journal ?? onProgress) === undefined
    ) {
      return writeWhole(write, heldAtHand(source.size), async () => ({
        body: bytesBody(await source.bytes()),
      }));
    }
    const { SourceWriting } = await import('../write-source.ts');
    return new SourceWriting(write, this.#source, this.#options).send();
  }
}
