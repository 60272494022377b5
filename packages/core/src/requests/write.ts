import type { S3Connection } from '../connection.ts';
import { algorithmOf } from '../digests.ts';
import { normalizeHeaders, type RequestHeaders } from '../headers.ts';
import type { HeaderRecord } from '../http.ts';
import { transferInParts } from '../multipart.ts';
import { s3Uri } from '../names.ts';
import { type LocalFile, openLocalFile } from '../node/local-file.ts';
import { partSizeFor } from '../part-plan.ts';
import { type S3Response, toS3Response } from '../responses.ts';
import { S3Request, type SendOptions } from './s3-request.ts';

/**
 * Writes a local file as an object; in parts, several at a time, from `multipartThreshold` bytes on.
 *
 * The file is never held in memory, whatever its size.
 */
export class WriteS3Request extends S3Request {
  readonly #localFile: string;
  readonly #bucket: string;
  readonly #key: string;
  readonly #headers: RequestHeaders;

  constructor(
    connection: S3Connection,
    localFile: string,
    bucket: string,
    key: string,
    headers: RequestHeaders = {},
  ) {
    super(connection);
    this.#localFile = localFile;
    this.#bucket = bucket;
    this.#key = key;
    this.#headers = headers;
  }

  override async send({ signal }: SendOptions = {}): Promise<S3Response> {
    const headers = normalizeHeaders(this.#headers);
    const file = await openLocalFile(this.#localFile);
    try {
      return file.size < this.connection.limits.multipartThreshold
        ? await this.#writeWhole(file, headers, signal)
        : await this.#writeInParts(file, headers, signal);
    } finally {
      await file.close();
    }
  }

  async #writeWhole(
    file: LocalFile,
    headers: HeaderRecord,
    signal: AbortSignal | undefined,
  ): Promise<S3Response> {
    const answer = await this.connection.send({
      method: 'PUT',
      bucket: this.#bucket,
      key: this.#key,
      headers,
      body: { kind: 'file', file, offset: 0, length: file.size },
      content: true,
      signal,
    });
    return toS3Response(this.connection, s3Uri(this.#bucket, this.#key), answer);
  }

  async #writeInParts(
    file: LocalFile,
    headers: HeaderRecord,
    signal: AbortSignal | undefined,
  ): Promise<S3Response> {
    const outcome = await transferInParts(
      this.connection,
      {
        bucket: this.#bucket,
        key: this.#key,
        headers,
        size: file.size,
        partSize: partSizeFor(file.size, this.connection.limits),
        partCall: ({ offset, length }) => ({ body: { kind: 'file', file, offset, length }, content: true }),
        partETag: ({ response }) => response.headers['etag'],
        checksum: algorithmOf(this.connection.checksum),
        beforeComplete: () => file.checkUnchanged(),
      },
      signal,
    );
    return toS3Response(this.connection, s3Uri(this.#bucket, this.#key), outcome.answer, outcome.leftBehind);
  }
}
