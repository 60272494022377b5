import type { Connection } from '../connection.ts';
import type { RequestHeaders } from '../headers.ts';
import type { QueryParameters } from '../query.ts';
import { type S3Response, toS3Response } from '../responses.ts';
import { s3Uri } from '../s3-uri.ts';
import { ObjectS3Request, type SendOptions } from './s3-request.ts';

/** Deletes an object, or one of its versions. S3 answers the same whether there was one or not. */
export class DeleteS3Request extends ObjectS3Request {
  readonly #headers: RequestHeaders;
  readonly #params: QueryParameters;

  constructor(
    connection: Connection,
    bucket: string,
    key: string,
    headers: RequestHeaders = {},
    params: QueryParameters = {},
  ) {
    super(connection, bucket, key);
    this.#headers = headers;
    this.#params = params;
  }

  override async send({ signal }: SendOptions = {}): Promise<S3Response> {
    const answer = await this.connection.send({
      method: 'DELETE',
      query: this.#params,
      headers: this.#headers,
      signal,
      ...this.object,
    });
    return toS3Response(this.connection, s3Uri(this.object.bucket, this.object.key), answer);
  }
}
