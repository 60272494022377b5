import type { S3Connection } from '../connection.ts';
import { type Metadata, metadataOf } from '../headers.ts';
import { s3Uri } from '../names.ts';
import { type S3Response, toS3Response } from '../responses.ts';
import { S3Request, type SendOptions } from './s3-request.ts';

/** A response that also has the object's metadata; none where the request failed. */
export type MetadataS3Response = S3Response & { readonly metadata: Metadata };

/** Asks whether an object is there, and for its metadata. Its response is not ok, with status 404, where it is not. */
export class ExistsS3Request extends S3Request<MetadataS3Response> {
  readonly #bucket: string;
  readonly #key: string;

  constructor(connection: S3Connection, bucket: string, key: string) {
    super(connection);
    this.#bucket = bucket;
    this.#key = key;
  }

  override async send({ signal }: SendOptions = {}): Promise<MetadataS3Response> {
    const answer = await this.connection.send({
      method: 'HEAD',
      bucket: this.#bucket,
      key: this.#key,
      signal,
    });
    const result = toS3Response(this.connection, s3Uri(this.#bucket, this.#key), answer);
    return result.with({ metadata: result.ok ? metadataOf(answer.response.headers) : {} });
  }
}
