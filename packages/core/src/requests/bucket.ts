import type { Connection, S3Call } from '../connection.ts';
import type { RequestHeaders } from '../headers.ts';
import { bytesBody } from '../http.ts';
import { type QueryParameters, queryPairs } from '../query.ts';
import { type S3Response, toS3Response } from '../responses.ts';
import { s3Uri } from '../s3-uri.ts';
import { S3Request, type SendOptions } from './s3-request.ts';

/** What a request about a bucket asks. */
export interface BucketRequestOptions {
  readonly method: S3Call['method'];
  /** Null asks the service itself: for the list of buckets. */
  readonly bucket: string | null;
  /** The part of the bucket that is meant, such as `acl`; without it, the bucket itself. */
  readonly subresource?: string | undefined;
  readonly params?: QueryParameters | undefined;
  readonly headers?: RequestHeaders | undefined;
  /** The body, as it is to be sent. */
  readonly data?: string | undefined;
}

/** Asks for, makes, configures or deletes a bucket. */
export class BucketS3Request extends S3Request {
  readonly #options: BucketRequestOptions;

  constructor(connection: Connection, options: BucketRequestOptions) {
    super(connection);
    this.#options = options;
  }

  override async send({ signal }: SendOptions = {}): Promise<S3Response> {
    // Undefined, from whom types do not keep from it, is a variable that is not set: it does not mean the service.
    const { method, bucket = '', subresource, params = {}, headers = {}, data } = this.#options;
    const answer = await this.connection.send({
      method,
      bucket: bucket ?? undefined,
      key: undefined,
      query: Object.fromEntries([
        ...(subresource === undefined ? [] : [[subresource, '']]),
        ...queryPairs(params),
      ]),
      // S3 wants a digest of most of these documents, and MD5 is the one that every service knows.
      headers:
        data === undefined
          ? headers
          : { 'content-md5': (await import('../content-md5.ts')).getContentMd5(data), ...headers },
      body: data === undefined ? undefined : bytesBody(data),
      // A listing that was cut is asked for once more.
      errorInside200: method === 'GET' && subresource === undefined,
      content: undefined,
      borrows: undefined,
      receive: undefined,
      signal,
    });
    return toS3Response(this.connection, s3Uri(bucket), answer);
  }
}
