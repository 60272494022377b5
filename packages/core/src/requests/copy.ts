import type { Connection } from '../connection.ts';
import type { RequestHeaders } from '../headers.ts';
import type { ProgressListener } from '../progress.ts';
import type { S3Response } from '../responses.ts';
import { S3Request, type SendOptions } from './s3-request.ts';

/** How an object above 5 GiB, which is copied in parts, is copied. */
export interface CopyOptions {
  /** Parts under way at a time. @default the connection's, 4 */
  readonly concurrency?: number | undefined;
  /** The source's version that is copied. @default the latest */
  readonly sourceVersionId?: string | undefined;
  /** Is told how far it is. */
  readonly onProgress?: ProgressListener | undefined;
}

/**
 * Copies an object within the service, whatever its size.
 *
 * The copy has the metadata of `headers` when these hold any, else the source's. Content type, cache control and the
 * like come from the source unless given.
 */
export class CopyS3Request extends S3Request {
  readonly #source: { readonly bucket: string; readonly key: string };
  readonly #destination: { readonly bucket: string; readonly key: string };
  readonly #headers: RequestHeaders;
  readonly #options: CopyOptions;

  constructor(
    connection: Connection,
    sourceBucket: string,
    sourceKey: string,
    destinationBucket: string,
    destinationKey: string,
    headers: RequestHeaders = {},
    options: CopyOptions = {},
  ) {
    super(connection);
    this.#source = { bucket: sourceBucket, key: sourceKey };
    this.#destination = { bucket: destinationBucket, key: destinationKey };
    this.#headers = headers;
    this.#options = options;
  }

  override async send({ signal }: SendOptions = {}): Promise<S3Response> {
    const { sendCopy } = await import('../send-copy.ts');
    return sendCopy(this.connection, this.#source, this.#destination, this.#headers, this.#options, signal);
  }
}
