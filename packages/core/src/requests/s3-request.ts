import type { Connection } from '../connection.ts';
import type { S3Response } from '../responses.ts';
import type { ObjectName } from '../s3-name.ts';

/** What every `send` takes. */
export interface SendOptions {
  /** Ends the request, and the waiting between its attempts, with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** A request to S3 that is ready to be sent. The layer under `Storage`. */
export abstract class S3Request<R extends S3Response = S3Response> {
  protected readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /**
   * Sends the request.
   *
   * Resolves whether S3 does what is asked (`ok`) or refuses; rejects where there is no answer, or where the request
   * cannot be made.
   */
  abstract send(options?: SendOptions): Promise<R>;
}

/** A request about one object, of which nothing but the name has to be known. */
export abstract class ObjectS3Request<R extends S3Response = S3Response> extends S3Request<R> {
  protected readonly object: ObjectName;

  constructor(connection: Connection, bucket: string, key: string) {
    super(connection);
    this.object = { bucket, key };
  }
}
