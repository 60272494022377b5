import type { Connection } from '../connection.ts';
import { type Metadata, metadataOf, type RequestHeaders } from '../headers.ts';
import type { QueryParameters } from '../query.ts';
import { type S3Response, toS3Response } from '../responses.ts';
import { s3Uri } from '../s3-uri.ts';
import { ObjectS3Request, type SendOptions } from './s3-request.ts';

/** A response that also has the object's metadata; none where the request failed. */
export type MetadataS3Response = S3Response & { readonly metadata: Metadata };

/** Asks whether an object is there, and for its metadata. Its response is not ok, with status 404, where it is not. */
export class ExistsS3Request extends ObjectS3Request<MetadataS3Response> {
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

  override async send({ signal }: SendOptions = {}): Promise<MetadataS3Response> {
    const answer = await this.connection.send({
      method: 'HEAD',
      query: this.#params,
      headers: this.#headers,
      signal,
      ...this.object,
    });
    const result = await toS3Response(this.connection, s3Uri(this.object.bucket, this.object.key), answer);
    return result.with({ metadata: result.ok ? metadataOf(answer.response.headers) : {} });
  }
}
