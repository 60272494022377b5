import type { S3Connection } from '../connection.ts';
import { copyObject } from '../copy-object.ts';
import type { RequestHeaders } from '../headers.ts';
import { s3Uri } from '../names.ts';
import { type S3Response, toS3Response } from '../responses.ts';
import { S3Request, type SendOptions } from './s3-request.ts';

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

  constructor(
    connection: S3Connection,
    sourceBucket: string,
    sourceKey: string,
    destinationBucket: string,
    destinationKey: string,
    headers: RequestHeaders = {},
  ) {
    super(connection);
    this.#source = { bucket: sourceBucket, key: sourceKey };
    this.#destination = { bucket: destinationBucket, key: destinationKey };
    this.#headers = headers;
  }

  override async send({ signal }: SendOptions = {}): Promise<S3Response> {
    const description = {
      source: this.#source,
      destination: this.#destination,
      headers: this.#headers,
      intent: 'copy',
    } as const;
    const { answer, leftBehind } = await copyObject(this.connection, description, signal);
    const subject = `${s3Uri(this.#source.bucket, this.#source.key)} to ${s3Uri(this.#destination.bucket, this.#destination.key)}`;
    return toS3Response(this.connection, subject, answer, leftBehind);
  }
}
