import type { S3Connection } from '../connection.ts';
import { metadataOf } from '../headers.ts';
import type { TransportResponse } from '../http.ts';
import { s3Uri } from '../names.ts';
import { type AtomicFile, createAtomicFile } from '../node/atomic-file.ts';
import { toS3Response } from '../responses.ts';
import type { MetadataS3Response } from './exists.ts';
import { S3Request, type SendOptions } from './s3-request.ts';

/**
 * Reads an object into a local file.
 *
 * The bytes go to a temporary file beside it, which takes its place at the end; after a failure the old file is as it
 * was, and nothing is left behind.
 */
export class ReadS3Request extends S3Request<MetadataS3Response> {
  readonly #bucket: string;
  readonly #key: string;
  readonly #localFile: string;

  constructor(connection: S3Connection, bucket: string, key: string, localFile: string) {
    super(connection);
    this.#bucket = bucket;
    this.#key = key;
    this.#localFile = localFile;
  }

  override async send({ signal }: SendOptions = {}): Promise<MetadataS3Response> {
    // Made first: where it cannot be written, nothing needs to be asked.
    const file = await createAtomicFile(this.#localFile);
    try {
      const answer = await this.connection.send({
        method: 'GET',
        bucket: this.#bucket,
        key: this.#key,
        receive: (response) => receiveInto(file, response),
        content: true,
        signal,
      });
      const result = toS3Response(this.connection, s3Uri(this.#bucket, this.#key), answer);
      if (result.ok) await file.commit();
      else await file.discard();
      return result.with({ metadata: result.ok ? metadataOf(answer.response.headers) : {} });
    } catch (error) {
      await file.discard();
      throw error;
    }
  }
}

async function receiveInto(file: AtomicFile, { body }: TransportResponse): Promise<void> {
  await file.restart();
  for await (const chunk of body) await file.write(chunk);
}
