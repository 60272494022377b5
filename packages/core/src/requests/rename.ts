import { encodeKey } from '@s3kit/sigv4';
import type { Connection } from '../connection.ts';
import { amazonHost } from '../endpoint.ts';
import type { RequestHeaders } from '../headers.ts';
import { type S3Response, toS3Response } from '../responses.ts';
import { s3Uri } from '../s3-uri.ts';
import { ObjectS3Request, type SendOptions } from './s3-request.ts';

// The directory buckets that a connection's service has shown to have, where it is none of Amazon's.
const knownBy = new WeakMap<Connection, Set<string>>();

/** What is sent with the question too. */
const owner = 'x-amz-expected-bucket-owner';

/**
 * Renames an object of a directory bucket.
 *
 * Elsewhere, `--x-s3` may end any bucket's name, and Ceph's gateway takes the request for the upload of an empty object (seen with
 * 16.2). So a service that is not Amazon's is first asked whether the bucket is such a one.
 */
export class RenameS3Request extends ObjectS3Request {
  readonly #newKey: string;
  readonly #headers: RequestHeaders;

  /** @param headers - in lower case */
  constructor(connection: Connection, bucket: string, key: string, newKey: string, headers: RequestHeaders) {
    super(connection, bucket, key);
    this.#newKey = newKey;
    this.#headers = {
      'x-amz-rename-source': encodeKey(key),
      // An attempt whose answer was lost would have taken the source away for the next one.
      'x-amz-client-token': newToken(),
      ...headers,
    };
  }

  override async send({ signal }: SendOptions = {}): Promise<S3Response> {
    const { bucket, key } = this.object;
    const refusal = await this.#ask(signal);
    if (refusal !== undefined) return refusal;
    const answer = await this.connection.send({
      method: 'PUT',
      bucket,
      key: this.#newKey,
      query: { renameObject: '' },
      headers: this.#headers,
      signal,
    });
    return toS3Response(this.connection, s3Uri(bucket, key), answer);
  }

  /** Asks what the bucket is, once; gives the answer where it is a refusal. */
  async #ask(signal: AbortSignal | undefined): Promise<S3Response | undefined> {
    const { connection } = this;
    const { bucket } = this.object;
    const known = knownBy.get(connection) ?? new Set();
    if (amazonHost.test(connection.endpoint.replace(/:\d+$/, '')) || known.has(bucket)) return undefined;
    const headers = { [owner]: this.#headers[owner] };
    const answer = await connection.send({ method: 'HEAD', bucket, headers, signal });
    if (answer.error !== undefined) return toS3Response(connection, s3Uri(bucket), answer);
    // https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
    if (answer.response.headers['x-amz-bucket-location-type'] === undefined) {
      const text = `${s3Uri(bucket)} is no directory bucket of the service at ${connection.endpoint}: copy the object, and delete the old one`;
      throw Object.assign(new Error(text), { code: 'NotImplemented' });
    }
    knownBy.set(connection, known.add(bucket));
    return undefined;
  }
}

/** 32 hexadecimal digits that no other request has. */
function newToken(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}
