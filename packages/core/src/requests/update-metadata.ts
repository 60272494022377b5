import type { Connection } from '../connection.ts';
import type { RequestHeaders } from '../headers.ts';
import { type S3Response, toS3Response } from '../responses.ts';
import { s3Uri } from '../s3-uri.ts';
import { S3Request, type SendOptions } from './s3-request.ts';

/**
 * Replaces an object's metadata, by a copy onto itself within the service.
 *
 * All else stays as it is unless `headers` say otherwise: content type, cache control and the like, storage class,
 * encryption, tags, grants, retention.
 */
export class UpdateMetadataS3Request extends S3Request {
  readonly #name: { readonly bucket: string; readonly key: string };
  readonly #headers: RequestHeaders;

  constructor(connection: Connection, bucket: string, key: string, headers: RequestHeaders = {}) {
    super(connection);
    this.#name = { bucket, key };
    this.#headers = headers;
  }

  override async send({ signal }: SendOptions = {}): Promise<S3Response> {
    const description = {
      source: this.#name,
      destination: this.#name,
      headers: this.#headers,
      intent: 'update',
    } as const;
    const { copyObject } = await import('../copy-object.ts');
    const { answer, leftBehind } = await copyObject(this.connection, description, signal);
    return toS3Response(this.connection, s3Uri(this.#name.bucket, this.#name.key), answer, leftBehind);
  }
}
