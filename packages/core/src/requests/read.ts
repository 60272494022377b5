import type { S3Connection } from '../connection.ts';
import { type Download, downloadInto } from '../download.ts';
import { outOfRange } from '../errors.ts';
import { metadataOf, type RequestHeaders } from '../headers.ts';
import { isTransportError } from '../http.ts';
import { s3Uri } from '../names.ts';
import { type AtomicFile, createAtomicFile } from '../node/atomic-file.ts';
import { openObject } from '../open-object.ts';
import { toS3Response } from '../responses.ts';
import type { MetadataS3Response } from './exists.ts';
import { S3Request, type SendOptions } from './s3-request.ts';

/** How an object is read into a file. */
export interface ReadOptions {
  /** Any request headers of S3's, such as the key of an object that is encrypted by one. */
  readonly headers?: RequestHeaders | undefined;
  /** Ranges under way at a time, of an object of 16 MiB or more. @default the connection's, 4 */
  readonly concurrency?: number | undefined;
}

/**
 * Reads an object into a local file; a large one in ranges, several at a time.
 *
 * The bytes go to a temporary file beside it, which takes its place when it is whole and is what S3 stores; after a failure
 * the old file is as it was, and nothing is left behind.
 */
export class ReadS3Request extends S3Request<MetadataS3Response> {
  readonly #bucket: string;
  readonly #key: string;
  readonly #localFile: string;
  readonly #options: ReadOptions;

  constructor(
    connection: S3Connection,
    bucket: string,
    key: string,
    localFile: string,
    options: ReadOptions = {},
  ) {
    super(connection);
    this.#bucket = bucket;
    this.#key = key;
    this.#localFile = localFile;
    this.#options = options;
  }

  override async send({ signal }: SendOptions = {}): Promise<MetadataS3Response> {
    const { headers, concurrency = this.connection.partConcurrency } = this.#options;
    if (!Number.isSafeInteger(concurrency) || concurrency < 1) {
      throw outOfRange(`concurrency is a whole number, 1 or more, not ${concurrency}`);
    }
    // Made first: where it cannot be written, nothing needs to be asked.
    const file = await createAtomicFile(this.#localFile);
    try {
      const result = await this.#readInto(file, { headers, signal }, concurrency);
      if (result.ok) await file.commit();
      else await file.discard();
      return result;
    } catch (error) {
      await file.discard();
      throw error;
    }
  }

  async #readInto(
    file: AtomicFile,
    options: Download['options'],
    concurrency: number,
  ): Promise<MetadataS3Response> {
    const { connection } = this;
    const name = { bucket: this.#bucket, key: this.#key };
    const retries = connection.bodyRetries({ ...name, method: 'GET', signal: options.signal });
    for (;;) {
      const { answer, content } = await openObject(connection, name, options);
      const result = toS3Response(connection, s3Uri(this.#bucket, this.#key), answer);
      if (content === undefined) return result.with({ metadata: {} });
      try {
        await downloadInto(file, { connection, name, content, options, concurrency });
        return result.with({ metadata: metadataOf(answer.response.headers) });
      } catch (error) {
        content.destroy();
        // What could not be asked for piece by piece, for want of an ETag, is asked for again from the beginning.
        const again =
          isTransportError(error) && content.headers['etag'] === undefined && (await retries.another(error));
        if (!again) throw error;
        await file.resize(0);
      }
    }
  }
}
