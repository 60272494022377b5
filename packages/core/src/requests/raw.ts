import type { Connection, S3Call } from '../connection.ts';
import { type S3Response, toS3Response } from '../responses.ts';
import { s3Uri } from '../s3-uri.ts';
import { S3Request, type SendOptions } from './s3-request.ts';

/** Any request, as it is described. */
export class RawS3Request extends S3Request {
  readonly #call: S3Call;

  constructor(connection: Connection, call: S3Call) {
    super(connection);
    this.#call = call;
  }

  override async send({ signal }: SendOptions = {}): Promise<S3Response> {
    const answer = await this.connection.send({ ...this.#call, signal });
    return toS3Response(this.connection, s3Uri(this.#call.bucket, this.#call.key), answer);
  }
}
