import { type ChecksumAlgorithm, isChecksumAlgorithm, isChecksumValue } from '@s3kit/checksums';
import { type ChunkDecoderOptions, decodeChunked, type StreamingPayloadHash } from '@s3kit/sigv4';
import type { Authentication } from './authenticate.ts';
import { Digester, type Digests } from './checksums.ts';
import type { Headers } from './context.ts';
import { invalidArgument, S3Error, s3Error } from './errors.ts';
import { pick } from './pick.ts';

/** Data on its way, and a function that tells its digests after the data was read to the end. */
export interface OpenedBody {
  source: AsyncIterable<Uint8Array>;
  digests: () => Digests;
}

/** Where a checksum's expected value comes from: a header, or the trailer after the body. */
interface ExpectedChecksum {
  algorithm: ChecksumAlgorithm;
  value: string | undefined;
}

const notAlgorithms = new Set(['algorithm', 'type', 'mode']);

/** The body of one request: read once, streamed, and checked against all that the request says of it. */
export class RequestBody {
  readonly #source: () => AsyncIterable<Uint8Array>;
  readonly #headers: Headers;
  readonly #signed: Pick<Authentication, 'payloadHash' | 'verified'>;
  readonly #isSized: boolean;

  /**
   * @param source - starts reading; called once at most
   * @param signed - what the signature says of the body
   * @param isSized - whether the headers say how long it is; the file of a form does not
   */
  constructor(
    source: () => AsyncIterable<Uint8Array>,
    headers: Headers,
    signed: Pick<Authentication, 'payloadHash' | 'verified'>,
    isSized = true,
  ) {
    this.#source = source;
    this.#headers = headers;
    this.#signed = signed;
    this.#isSized = isSized;
  }

  /** Whether the request says by a digest of any kind what its body is. */
  get hasDigest(): boolean {
    const headers = this.#headers;
    return headers['content-md5'] !== undefined || expectedChecksums(headers).length > 0;
  }

  /**
   * Starts reading.
   *
   * @param maximumSize - bytes; a longer body is refused with `EntityTooLarge`
   * @param compute - checksums to compute although the request may not hold them
   * @throws {S3Error} at once: what the headers say is wrong; while reading: the body is not what they say
   */
  open(maximumSize: number, compute: readonly ChecksumAlgorithm[] = []): OpenedBody {
    return this.#open(this.#headers, maximumSize, compute);
  }

  #open(headers: Headers, maximumSize: number, compute: readonly ChecksumAlgorithm[]): OpenedBody {
    const { payloadHash, verified } = this.#signed;
    const framing = framingOf(payloadHash, verified);
    const encoding = headers['content-encoding'];
    if (!framing && encoding?.includes('aws-chunked')) {
      throw invalidArgument(
        'aws-chunked needs a STREAMING- value of x-amz-content-sha256',
        'Content-Encoding',
        encoding,
      );
    }
    const size = this.#isSized ? declaredSize(headers, framing !== undefined) : undefined;
    if (size !== undefined && size > maximumSize) throw tooLarge(size, maximumSize);
    const checks = new BodyChecks(headers, payloadHash, { size, maximumSize }, compute);
    const raw = this.#source();
    const data = framing
      ? decodeChunked(
          raw,
          { ...framing, decodedLength: size ?? 0, trailers: trailersOf(headers) },
          (fields) => checks.useTrailer(fields),
        )
      : raw;
    return { source: checks.watch(data), digests: () => checks.digests() };
  }

  /**
   * The whole body as text.
   *
   * @param checksumOf - what `x-amz-checksum-*` of the request is about; `object`: not about this body
   * @throws {S3Error} `MaxMessageLengthExceeded`, or as {@link open}
   */
  async text(maximumSize: number, checksumOf: 'body' | 'object' = 'body'): Promise<string> {
    const chunks: Uint8Array[] = [];
    const headers = this.#headers;
    if (headers['transfer-encoding'] === undefined && !Number(headers['content-length'])) return '';
    try {
      const { source } = this.#open(
        checksumOf === 'body' ? headers : withoutChecksums(headers),
        maximumSize,
        [],
      );
      for await (const chunk of source) chunks.push(chunk);
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

/** Bytes that a body has, where that is known, and may have at most. */
interface SizeRule {
  size: number | undefined;
  maximumSize: number;
}

/** Compares passing data with what the request says of it; the end of the data is where they must agree. */
class BodyChecks {
  readonly #expectedMd5: string | undefined;
  readonly #expectedSha256: string | undefined;
  readonly #expected: ExpectedChecksum[];
  readonly #kept: readonly ChecksumAlgorithm[];
  readonly #size: SizeRule;
  readonly #digester: Digester;
  #result: Digests | undefined;

  constructor(headers: Headers, payloadHash: string, size: SizeRule, compute: readonly ChecksumAlgorithm[]) {
    this.#expectedMd5 = contentMd5(headers);
    this.#expectedSha256 = /^[0-9a-f]{64}$/.test(payloadHash) ? payloadHash : undefined;
    this.#expected = expectedChecksums(headers);
    this.#size = size;
    const given = this.#expected.map(({ algorithm }) => algorithm);
    const other = compute.length > 0 && given.find((algorithm) => !compute.includes(algorithm));
    if (other) {
      throw s3Error('InvalidRequest', {
        message: `Checksum Type mismatch occurred, expected checksum Type: ${compute[0]}, actual checksum Type: ${other}`,
      });
    }
    this.#kept = [...new Set([...given, ...compute])];
    this.#digester = new Digester(this.#expectedSha256 ? [...this.#kept, 'sha256'] : this.#kept);
  }

  useTrailer(fields: ReadonlyMap<string, string>): void {
    for (const expected of this.#expected) {
      const name = `x-amz-checksum-${expected.algorithm}`;
      expected.value ??= checkedValue(expected.algorithm, fields.get(name) ?? '');
    }
  }

  async *watch(data: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const { size, maximumSize } = this.#size;
    for await (const chunk of this.#digester.watch(data)) {
      const { size: sofar } = this.#digester;
      if (size !== undefined && sofar > size) throw incomplete(size);
      if (sofar > maximumSize) throw tooLarge(sofar, maximumSize);
      yield chunk;
    }
    if (size !== undefined && this.#digester.size < size) throw incomplete(size);
    this.#result = this.#compare(this.#digester.finish());
  }

  digests(): Digests {
    if (!this.#result) throw new Error('digests are known only after the body was read to its end');
    return this.#result;
  }

  #compare({ size, md5, checksums }: Digests): Digests {
    const { sha256: base64 = '' } = checksums;
    const sha256 = Buffer.from(base64, 'base64').toString('hex');
    if (this.#expectedSha256 && sha256 !== this.#expectedSha256) {
      throw s3Error('XAmzContentSHA256Mismatch', {
        members: { ClientComputedContentSHA256: this.#expectedSha256, S3ComputedContentSHA256: sha256 },
      });
    }
    if (this.#expectedMd5 && md5.toString('base64') !== this.#expectedMd5) {
      throw s3Error('BadDigest', {
        message: 'The Content-MD5 you specified did not match what we received.',
        members: { ExpectedDigest: this.#expectedMd5, CalculatedDigest: md5.toString('base64') },
      });
    }
    for (const { algorithm, value } of this.#expected) {
      if (checksums[algorithm] !== value) {
        throw s3Error('BadDigest', {
          message: `The ${algorithm.toUpperCase()} you specified did not match the calculated checksum.`,
        });
      }
    }
    return { size, md5, checksums: pick(checksums, this.#kept) };
  }
}

/** The framing that a payload hash names, if any. */
function framingOf(
  payloadHash: string,
  verified: Authentication['verified'],
): Pick<ChunkDecoderOptions, 'payloadHash' | 'verified'> | undefined {
  if (!payloadHash.startsWith('STREAMING-')) return undefined;
  if (payloadHash === 'STREAMING-UNSIGNED-PAYLOAD-TRAILER') return { payloadHash };
  // Elliptic curves (SigV4a) are not here; and nobody but a known caller signs chunks.
  if (!/^STREAMING-AWS4-HMAC-SHA256-PAYLOAD(-TRAILER)?$/.test(payloadHash)) throw s3Error('NotImplemented');
  if (!verified) {
    throw s3Error('NotImplemented', {
      message: 'Signed chunks need a verified signature in the Authorization header',
    });
  }
  // Cast: the test above leaves these two.
  return { payloadHash: payloadHash as StreamingPayloadHash, verified };
}

function trailersOf(headers: Headers): string[] {
  const names = headers['x-amz-trailer']?.trim() ?? '';
  return names === '' ? [] : names.split(',');
}

function tooLarge(size: number, maximumSize: number): S3Error {
  return s3Error('EntityTooLarge', {
    members: { ProposedSize: String(size), MaxSizeAllowed: String(maximumSize) },
  });
}

function incomplete(size: number): S3Error {
  return s3Error('IncompleteBody', { members: { NumberBytesExpected: String(size) } });
}

function declaredSize(headers: Headers, framed: boolean): number {
  const text = framed ? headers['x-amz-decoded-content-length'] : headers['content-length'];
  if (text === undefined) throw s3Error('MissingContentLength');
  if (!/^\d{1,15}$/.test(text)) throw invalidArgument('The length is not a number', 'Content-Length', text);
  return Number(text);
}

function contentMd5(headers: Headers): string | undefined {
  const value = headers['content-md5'];
  if (value === undefined) return undefined;
  if (!isChecksumValue('md5', value)) {
    throw s3Error('InvalidDigest', { message: 'The Content-MD5 you specified was invalid.' });
  }
  return value;
}

/** The one checksum that a request may carry, by its header or as the announced trailer. */
function expectedChecksums(headers: Headers): ExpectedChecksum[] {
  const found: ExpectedChecksum[] = [];
  for (const [name, value] of Object.entries(headers)) {
    const algorithm = /^x-amz-checksum-(.+)$/.exec(name)?.[1];
    if (value === undefined || algorithm === undefined || notAlgorithms.has(algorithm)) continue;
    if (!isChecksumAlgorithm(algorithm)) throw s3Error('NotImplemented');
    found.push({ algorithm, value: checkedValue(algorithm, value) });
  }
  const trailer = /^x-amz-checksum-(.+)$/.exec((headers['x-amz-trailer'] ?? '').trim().toLowerCase())?.[1];
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

function withoutChecksums(headers: Headers): Headers {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !/^x-amz-(sdk-)?checksum-/.test(name)),
  );
}

function checkedValue(algorithm: ChecksumAlgorithm, value: string): string {
  if (isChecksumValue(algorithm, value)) return value;
  throw s3Error('InvalidRequest', { message: `Value for x-amz-checksum-${algorithm} header is invalid.` });
}
