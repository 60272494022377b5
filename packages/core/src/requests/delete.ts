import type { S3Connection } from '../connection.ts';
import { s3Uri } from '../names.ts';
import { type S3Response, toS3Response } from '../responses.ts';
import { S3Request, type SendOptions } from './s3-request.ts';

/** Deletes an object. S3 answers the same whether there was one or not. */
export class DeleteS3Request extends S3Request {
  readonly #bucket: string;
  readonly #key: string;

  constructor(connection: S3Connection, bucket: string, key: string) {
    super(connection);
    this.#bucket = bucket;
    this.#key = key;
  }

  override async send({ signal }: SendOptions = {}): Promise<S3Response> {
    const answer = await this.connection.send({
      method: 'DELETE',
      bucket: this.#bucket,
      key: this.#key,
      signal,
    });
    return toS3Response(this.connection, s3Uri(this.#bucket, this.#key), answer);
  }
}
