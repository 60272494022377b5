import { startChecksum } from '../checksums.ts';
import type { Connection } from '../connection.ts';
import type { ExpectedChecksum } from '../expected-checksum.ts';
import { type Metadata, metadataOf } from '../headers.ts';
import type { HeaderRecord } from '../http.ts';
import { type OpenOptions, openObject } from '../open-object.ts';
import { type S3Response, toS3Response } from '../responses.ts';
import type { ObjectName } from '../s3-name.ts';
import { s3Uri } from '../s3-uri.ts';
import { S3Request, type SendOptions } from './s3-request.ts';

/** An object whose bytes are there to be read. */
export interface ReadableObject {
  readonly metadata: Metadata;
  /** Bytes of the whole object, also where only a range of it is read; undefined where S3 did not tell. */
  readonly size: number | undefined;
  /** The headers of the answer: content type, ETag and so on. */
  readonly headers: HeaderRecord;
  /**
   * True where the runtime has undone the object's Content-Encoding (see `acceptDecoded`): then the bytes are not those that S3
   * stores, and nothing was checked.
   */
  readonly decoded: boolean;
  /**
   * The bytes, to be read once. A connection that breaks is made anew, and goes on where the old one broke. At the end, the whole
   * is checked against S3's checksum.
   *
   * Who does not read it to its end has to `break` out of the loop, or the connection stays open.
   */
  readonly body: AsyncIterable<Uint8Array>;
}

/** A response that also has the object, where the request succeeded. */
export type OpenS3Response = S3Response & { readonly object: ReadableObject | undefined };

/** Asks for an object, or for a range of its bytes, to be read as it comes. */
export class OpenS3Request extends S3Request<OpenS3Response> {
  readonly #name: ObjectName;
  readonly #options: Omit<OpenOptions, 'signal'>;

  constructor(
    connection: Connection,
    bucket: string,
    key: string,
    options: Omit<OpenOptions, 'signal'> = {},
  ) {
    super(connection);
    this.#name = { bucket, key };
    this.#options = options;
  }

  override async send({ signal }: SendOptions = {}): Promise<OpenS3Response> {
    const { connection } = this;
    const { answer, content } = await openObject(connection, this.#name, { ...this.#options, signal });
    const result = await toS3Response(connection, s3Uri(this.#name.bucket, this.#name.key), answer);
    if (content === undefined) return result.with({ object: undefined });
    const { size, headers, decoded, bytes } = content;
    // The checksum of a whole says nothing of a range.
    const isWhole = answer.response.status === 200 && connection.checksum !== 'off' && !decoded;
    const expected = isWhole ? await expectedOf(headers) : undefined;
    const body = readThrough(bytes, expected);
    const leave = body.return;
    // Who leaves gives the connection back also before the reading has begun, when a generator's own `return` does nothing.
    body.return = (value) => {
      content.destroy();
      return leave.call(body, value);
    };
    return result.with({ object: { metadata: metadataOf(headers), size, headers, decoded, body } });
  }
}

/** What s3kit itself has written has a CRC32; all else is looked for by what is loaded then. */
async function expectedOf(headers: HeaderRecord): Promise<ExpectedChecksum | undefined> {
  const header = 'x-amz-checksum-crc32';
  const value = headers[header] ?? '';
  return /^[\w+/]{5}[AQgw]==$/.test(value) && headers['x-amz-checksum-type'] !== 'COMPOSITE'
    ? { algorithm: 'crc32', value, header }
    : (await import('../expected-checksum.ts')).expectedChecksum(headers);
}

async function* readThrough(
  bytes: AsyncIterable<Uint8Array>,
  expected: ExpectedChecksum | undefined,
): AsyncGenerator<Uint8Array> {
  const checksum = expected === undefined ? undefined : await startChecksum(expected.algorithm);
  for await (const chunk of bytes) {
    checksum?.update(chunk);
    yield chunk;
  }
  if (expected !== undefined && checksum?.base64() !== expected.value)
    throw (await import('../expected-checksum.ts')).wrongChecksum(expected);
}
