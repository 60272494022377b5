import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { decodeAwsChunked } from './aws-chunked.ts';
import {
  type Checksum,
  type ChecksumAlgorithm,
  createChecksum,
  isChecksumAlgorithm,
  isChecksumValue,
} from './checksums.ts';
import { invalidArgument, S3Error, s3Error } from './errors.ts';

/** What is known of a body once all of it was read and found to be what the request said. */
export interface BodyDigests {
  /** Bytes. */
  size: number;
  /** MD5 in hex. */
  md5: string;
  /** The checksums that came with the request: lower-case algorithm to Base64. */
  checksums: Record<string, string>;
}

/** Where a checksum's expected value comes from: a header, or the trailer after the body. */
interface ExpectedChecksum {
  algorithm: ChecksumAlgorithm;
  value: string | undefined;
}

const notAlgorithms = new Set(['algorithm', 'type', 'mode']);

/** The body of one request: read once, streamed, and checked against all that the request says of it. */
export class RequestBody {
  readonly #request: IncomingMessage;
  readonly #payloadHash: string;
  readonly #onRead: () => void;

  /**
   * @param payloadHash - `x-amz-content-sha256` as it was signed
   * @param onRead - called when reading starts: the moment to send 100 Continue
   */
  constructor(request: IncomingMessage, payloadHash: string, onRead: () => void) {
    this.#request = request;
    this.#payloadHash = payloadHash;
    this.#onRead = onRead;
  }

  /** Whether the request says by a digest of any kind what its body is. */
  get hasDigest(): boolean {
    const { headers } = this.#request;
    return headers['content-md5'] !== undefined || expectedChecksums(headers).length > 0;
  }

  /**
   * Starts reading.
   *
   * @param maximumSize - bytes; a longer body is refused with `EntityTooLarge`
   * @returns the data, and a function that tells its digests after the data was read to the end
   * @throws {S3Error} at once: what the headers say is wrong; while reading: the body is not what they say
   */
  open(maximumSize: number): { source: AsyncIterable<Uint8Array>; digests: () => BodyDigests } {
    const { headers } = this.#request;
    const framed = this.#payloadHash === 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';
    if (this.#payloadHash.startsWith('STREAMING-') && !framed) throw s3Error('NotImplemented');
    const size = declaredSize(headers, framed);
    if (size > maximumSize) {
      throw s3Error('EntityTooLarge', {
        members: { ProposedSize: String(size), MaxSizeAllowed: String(maximumSize) },
      });
    }
    const checks = new BodyChecks(headers, this.#payloadHash, size);
    this.#onRead();
    // An early end of the loop, as on a full disk, must leave the socket open for the answer.
    const raw: AsyncIterable<Uint8Array> = this.#request.iterator({ destroyOnReturn: false });
    const data = framed ? decodeAwsChunked(raw, (fields) => checks.useTrailer(fields)) : raw;
    return { source: checks.watch(data), digests: () => checks.digests() };
  }

  /** The whole body as text. @throws {S3Error} `MaxMessageLengthExceeded`, or as {@link open} */
  async text(maximumSize: number): Promise<string> {
    const chunks: Uint8Array[] = [];
    if (this.#request.headers['transfer-encoding'] === undefined && !Number(this.#request.headers['content-length'])) return '';
    try {
      for await (const chunk of this.open(maximumSize).source) chunks.push(chunk);
    } catch (error) {
      if (error instanceof S3Error && error.code === 'EntityTooLarge') {
        throw s3Error('MaxMessageLengthExceeded', {
          members: { MaxMessageLengthBytes: String(maximumSize) },
        });
      }
      throw error;
    }
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
    } catch {
      throw s3Error('MalformedXML');
    }
  }
}

/** Computes the digests of passing data; the end of the data is where they must agree. */
class BodyChecks {
  readonly #md5 = createHash('md5');
  readonly #expectedMd5: string | undefined;
  readonly #sha256 = createHash('sha256');
  readonly #expectedSha256: string | undefined;
  readonly #checksums: { expected: ExpectedChecksum; checksum: Checksum }[];
  readonly #declaredSize: number;
  #result: BodyDigests | undefined;

  constructor(headers: IncomingHttpHeaders, payloadHash: string, size: number) {
    this.#expectedMd5 = contentMd5(headers);
    this.#expectedSha256 = /^[0-9a-f]{64}$/.test(payloadHash) ? payloadHash : undefined;
    this.#checksums = expectedChecksums(headers).map((expected) => ({
      expected,
      checksum: createChecksum(expected.algorithm),
    }));
    this.#declaredSize = size;
  }

  useTrailer(fields: ReadonlyMap<string, string>): void {
    for (const { expected } of this.#checksums) {
      expected.value ??= checkedValue(expected.algorithm, fields.get(`x-amz-checksum-${expected.algorithm}`) ?? '');
    }
  }

  async *watch(data: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let size = 0;
    for await (const chunk of data) {
      size += chunk.byteLength;
      if (size > this.#declaredSize) throw incomplete(this.#declaredSize);
      this.#md5.update(chunk);
      if (this.#expectedSha256) this.#sha256.update(chunk);
      for (const { checksum } of this.#checksums) checksum.update(chunk);
      yield chunk;
    }
    if (size < this.#declaredSize) throw incomplete(this.#declaredSize);
    this.#result = this.#compare(size);
  }

  digests(): BodyDigests {
    if (!this.#result) throw new Error('digests are known only after the body was read to its end');
    return this.#result;
  }

  #compare(size: number): BodyDigests {
    const sha256 = this.#expectedSha256 && this.#sha256.digest('hex');
    if (this.#expectedSha256 && sha256 !== this.#expectedSha256) {
      throw s3Error('XAmzContentSHA256Mismatch', {
        members: {
          ClientComputedContentSHA256: this.#expectedSha256,
          S3ComputedContentSHA256: sha256 ?? '',
        },
      });
    }
    const md5 = this.#md5.digest();
    if (this.#expectedMd5 && md5.toString('base64') !== this.#expectedMd5) {
      throw s3Error('BadDigest', {
        message: 'The Content-MD5 you specified did not match what we received.',
        members: { ExpectedDigest: this.#expectedMd5, CalculatedDigest: md5.toString('base64') },
      });
    }
    const checksums: Record<string, string> = {};
    for (const { expected, checksum } of this.#checksums) {
      const value = checksum.base64();
      if (value !== expected.value) {
        throw s3Error('BadDigest', {
          message: `The ${expected.algorithm.toUpperCase()} you specified did not match the calculated checksum.`,
        });
      }
      checksums[expected.algorithm] = value;
    }
    return { size, md5: md5.toString('hex'), checksums };
  }
}

function incomplete(size: number): S3Error {
  return s3Error('IncompleteBody', { members: { NumberBytesExpected: String(size) } });
}

function declaredSize(headers: IncomingHttpHeaders, framed: boolean): number {
  const text = framed ? headers['x-amz-decoded-content-length'] : headers['content-length'];
  if (typeof text !== 'string') throw s3Error('MissingContentLength');
  if (!/^\d{1,15}$/.test(text)) throw invalidArgument('The length is not a number', 'Content-Length', text);
  return Number(text);
}

function contentMd5(headers: IncomingHttpHeaders): string | undefined {
  const value = headers['content-md5'];
  if (typeof value !== 'string') return undefined;
  if (!isChecksumValue('md5', value)) {
    throw s3Error('InvalidDigest', { message: 'The Content-MD5 you specified was invalid.' });
  }
  return value;
}

/** The one checksum that a request may carry, by its header or as the announced trailer. */
function expectedChecksums(headers: IncomingHttpHeaders): ExpectedChecksum[] {
  const found: ExpectedChecksum[] = [];
  for (const [name, value] of Object.entries(headers)) {
    const algorithm = /^x-amz-checksum-(.+)$/.exec(name)?.[1];
    if (algorithm === undefined || notAlgorithms.has(algorithm)) continue;
    if (!isChecksumAlgorithm(algorithm)) throw s3Error('NotImplemented');
    found.push({ algorithm, value: checkedValue(algorithm, String(value)) });
  }
  const trailer = /^x-amz-checksum-(.+)$/.exec(String(headers['x-amz-trailer'] ?? '').trim().toLowerCase())?.[1];
  if (trailer !== undefined) {
    if (!isChecksumAlgorithm(trailer)) throw s3Error('NotImplemented');
    found.push({ algorithm: trailer, value: undefined });
  }
  if (found.length > 1) {
    throw s3Error('InvalidRequest', {
      message: 'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    });
  }
  if (found.length === 0 && headers['x-amz-sdk-checksum-algorithm'] !== undefined) {
    throw s3Error('InvalidRequest', {
      message:
        'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    });
  }
  return found;
}

function checkedValue(algorithm: ChecksumAlgorithm, value: string): string {
  if (isChecksumValue(algorithm, value)) return value;
  throw s3Error('InvalidRequest', { message: `Value for x-amz-checksum-${algorithm} header is invalid.` });
}
