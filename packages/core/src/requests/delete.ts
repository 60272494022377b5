import type { S3Connection } from '../connection.ts';
import type { RequestHeaders } from '../headers.ts';
import { s3Uri } from '../names.ts';
import { type S3Response, toS3Response } from '../responses.ts';
import { ObjectS3Request, type SendOptions } from './s3-request.ts';

/** Deletes an object. S3 answers the same whether there was one or not. */
export class DeleteS3Request extends ObjectS3Request {
  readonly #headers: RequestHeaders;

  constructor(connection: S3Connection, bucket: string, key: string, headers: RequestHeaders = {}) {
    super(connection, bucket, key);
    this.#headers = headers;
  }

  override async send({ signal }: SendOptions = {}): Promise<S3Response> {
    const answer = await this.connection.send({
      ...this.object,
      method: 'DELETE',
      headers: this.#headers,
      signal,
    });
    return toS3Response(this.connection, s3Uri(this.object.bucket, this.object.key), answer);
  }
}
