import { formatAmzDate } from './amz-date.ts';
import { signatureMismatch } from './check-signature.ts';
import { ChunkSignatures } from './chunk-signatures.ts';
import { equalInConstantTime } from './equal-in-constant-time.ts';
import type { StreamingPayloadHash } from './payload-hash.ts';
import { createHmacKey, createSha256 } from './sha256.ts';
import type { Sha256 } from './sha256-types.ts';
import { SignatureError } from './signature-error.ts';
import type { VerifiedSignature } from './verify.ts';

/** What a received body in the `aws-chunked` encoding has to be. */
export interface ChunkDecoderOptions {
  /** The request's `x-amz-content-sha256`. */
  payloadHash: StreamingPayloadHash;
  /** Bytes of the body itself: the request's `x-amz-decoded-content-length`. */
  decodedLength: number;
  /** The names in the request's `x-amz-trailer`. @default none */
  trailers?: readonly string[];
  /** What `verify` found, where chunks are signed. */
  verified?: VerifiedSignature;
  /** Bytes of data that each chunk but the last must have. @default 8192, as S3 */
  minimumChunkSize?: number;
}

/** Longest chunk header, in bytes: 16 digits of size, and a signature. */
const MAXIMUM_HEADER = 128;

/** Longest trailer, in bytes, all fields together. */
const MAXIMUM_TRAILER = 8192;

const LINE_FEED = 10;

/**
 * Takes a body out of the `aws-chunked` encoding, and verifies each chunk's signature and the trailer's.
 *
 * Nothing is held back but the line that is being read: data are handed on as they come, at most one chunk
 * before its signature has been seen. Do not act on any before `end` has returned.
 *
 * @throws {TypeError} `verified` is missing where chunks are signed
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html}
 */
export class ChunkDecoder {
  readonly #decodedLength: number;
  readonly #minimumChunkSize: number;
  readonly #announced: readonly string[];
  readonly #signatures: ChunkSignatures | undefined;
  readonly #signedTrailer: boolean;
  readonly #accessKeyId: string;
  readonly #fields: Map<string, string> = new Map();

  #expects: 'header' | 'data' | 'end of data' | 'trailer' | 'nothing' = 'header';
  #line = '';
  #trailerLength = 0;
  #received = 0;
  // Of the chunk that is being read.
  #size = Number.POSITIVE_INFINITY;
  #left = 0;
  #signature = '';
  #hash: Sha256 | undefined;

  constructor(options: ChunkDecoderOptions) {
    const { payloadHash, decodedLength, trailers = [], verified, minimumChunkSize = 8192 } = options;
    if (!Number.isSafeInteger(decodedLength) || decodedLength < 0) {
      throw new SignatureError('InvalidArgument', 'x-amz-decoded-content-length must be a number of bytes.', {
        ArgumentName: 'x-amz-decoded-content-length',
      });
    }
    this.#decodedLength = decodedLength;
    this.#minimumChunkSize = minimumChunkSize;
    this.#announced = trailers.map((name) => name.trim().toLowerCase());
    this.#signedTrailer = payloadHash === 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER';
    this.#accessKeyId = verified?.accessKeyId ?? '';
    if (payloadHash === 'STREAMING-UNSIGNED-PAYLOAD-TRAILER') return;
    if (!this.#signedTrailer && payloadHash !== 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD') {
      throw new TypeError(
        'payloadHash must be one of the three STREAMING- literals for HMAC and unsigned chunks',
      );
    }
    if (verified === undefined) throw new TypeError('verified must be given where chunks are signed');
    const { date, scope, signature } = verified;
    const key = createHmacKey(verified.signingKey());
    this.#signatures = new ChunkSignatures({
      amzDate: formatAmzDate(date),
      scope,
      signature,
      sign: (text) => key.hex(text),
    });
  }

  /**
   * Takes a piece of the encoded body, cut anywhere, and returns the data in it: parts of that same piece.
   *
   * @throws {SignatureError} `SignatureDoesNotMatch`, `IncompleteBody`, `InvalidChunkSizeError`, `MalformedTrailerError`
   */
  update(bytes: Uint8Array): Uint8Array[] {
    const data: Uint8Array[] = [];
    for (let offset = 0; offset < bytes.length; ) {
      if (this.#expects === 'nothing') throw malformed();
      if (this.#expects !== 'data') {
        offset = this.#readLine(bytes, offset);
        continue;
      }
      const piece = bytes.subarray(offset, offset + this.#left);
      offset += piece.length;
      this.#left -= piece.length;
      this.#received += piece.length;
      this.#hash?.update(piece);
      if (this.#left === 0) this.#endChunk();
      data.push(piece);
    }
    return data;
  }

  /**
   * Ends the body, and returns the trailers, by name in lower case.
   *
   * @throws {SignatureError} as `update`; `IncompleteBody`: the body breaks off, or is not `decodedLength` long
   */
  end(): ReadonlyMap<string, string> {
    // Some clients leave out the last, empty line.
    if (this.#expects === 'trailer' && this.#line === '') this.#endTrailer();
    if (this.#expects !== 'nothing') throw malformed();
    return this.#fields;
  }

  /** Reads up to the end of a line, or of the bytes; returns where it stopped. */
  #readLine(bytes: Uint8Array, offset: number): number {
    const end = bytes.indexOf(LINE_FEED, offset);
    const piece = bytes.subarray(offset, end < 0 ? bytes.length : end + 1);
    const maximum = this.#expects === 'trailer' ? MAXIMUM_TRAILER - this.#trailerLength : MAXIMUM_HEADER;
    if (this.#line.length + piece.length > maximum)
      throw this.#expects === 'trailer' ? badTrailer() : malformed();
    this.#line += String.fromCharCode(...piece);
    // A line feed alone ends no line: S3's documentation shows one at the end of a trailer's value.
    if (!this.#line.endsWith('\r\n')) return offset + piece.length;
    const line = this.#line.slice(0, -2);
    this.#line = '';
    if (this.#expects === 'header') this.#header(line);
    else if (this.#expects === 'trailer') this.#trailer(line);
    else if (line === '') this.#expects = 'header';
    else throw malformed();
    return offset + piece.length;
  }

  #header(line: string): void {
    const pattern = this.#signatures
      ? /^([0-9a-f]{1,13});chunk-signature=([0-9a-f]{64})$/i
      : /^([0-9a-f]{1,13})$/i;
    const [, digits, signature = ''] = pattern.exec(line) ?? [];
    if (digits === undefined) throw malformed();
    const size = Number.parseInt(digits, 16);
    if (size > 0 && this.#size < this.#minimumChunkSize) {
      throw new SignatureError(
        'InvalidChunkSizeError',
        `Only the last chunk is allowed to have a size less than ${this.#minimumChunkSize} bytes`,
        { BadChunkSize: String(this.#size) },
      );
    }
    if (size > this.#decodedLength - this.#received) throw this.#wrongLength();
    this.#size = size;
    this.#left = size;
    this.#signature = signature;
    this.#hash = this.#signatures && createSha256();
    this.#expects = 'data';
    if (size === 0) this.#endChunk();
  }

  #endChunk(): void {
    const expected = this.#hash && this.#signatures?.chunk(this.#hash.digestHex());
    if (expected !== undefined) this.#compare(this.#signature, expected);
    this.#expects = this.#size === 0 ? 'trailer' : 'end of data';
  }

  #trailer(line: string): void {
    this.#trailerLength += line.length + 2;
    if (line === '') {
      this.#endTrailer();
      return;
    }
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).trim().toLowerCase();
    const known = name === 'x-amz-trailer-signature' ? this.#signedTrailer : this.#announced.includes(name);
    if (!known || this.#fields.has(name)) throw badTrailer();
    this.#fields.set(name, line.slice(colon + 1).trim());
  }

  #endTrailer(): void {
    if (this.#received !== this.#decodedLength) throw this.#wrongLength();
    const given = this.#fields.get('x-amz-trailer-signature');
    this.#fields.delete('x-amz-trailer-signature');
    if (this.#fields.size !== this.#announced.length) throw badTrailer();
    if (this.#signedTrailer) {
      if (given === undefined) throw badTrailer();
      const expected = this.#signatures?.trailer(this.#fields) ?? '';
      this.#compare(given, expected);
    }
    this.#expects = 'nothing';
  }

  #compare(given: string, expected: string): void {
    if (equalInConstantTime(given, expected)) return;
    throw signatureMismatch(this.#accessKeyId, this.#signatures?.stringToSign ?? '', given);
  }

  #wrongLength(): SignatureError {
    return new SignatureError(
      'IncompleteBody',
      'You did not provide the number of bytes specified by the x-amz-decoded-content-length HTTP header.',
      { NumberBytesExpected: String(this.#decodedLength) },
    );
  }
}

function malformed(): SignatureError {
  return new SignatureError('IncompleteBody', 'The request body terminated unexpectedly');
}

function badTrailer(): SignatureError {
  return new SignatureError(
    'MalformedTrailerError',
    'The request contained trailing data that was not well-formed or did not conform to our published schema.',
  );
}

/**
 * Takes a streamed body out of the `aws-chunked` encoding, and verifies it: `ChunkDecoder` for a stream.
 *
 * The loop over it ends without an error only if all of the body was right; until then, keep what came to
 * yourself.
 *
 * @param onTrailers - is given the trailers, by name in lower case, before the loop ends
 * @throws {SignatureError} as `ChunkDecoder.update` and `ChunkDecoder.end`
 * @example
 * const verified = verify(request, { secretFor });
 * const options = { payloadHash: verified.payloadHash, decodedLength: 66_560, verified };
 * for await (const data of decodeChunked(incoming, options)) await file.write(data);
 */
export async function* decodeChunked(
  encoded: AsyncIterable<Uint8Array>,
  options: ChunkDecoderOptions,
  onTrailers?: (trailers: ReadonlyMap<string, string>) => void,
): AsyncGenerator<Uint8Array, void> {
  const decoder = new ChunkDecoder(options);
  for await (const bytes of encoded) yield* decoder.update(bytes);
  const trailers = decoder.end();
  onTrailers?.(trailers);
}
