import { type ChunkSeed, ChunkSignatures } from './chunk-signatures.ts';
import { type ChunkedFormat, checkedPayloadHash, checkedSize, DEFAULT_CHUNK_SIZE } from './chunked-length.ts';
import { sha256Hex } from './sha256.ts';
import { type CheckedTrailer, checkedTrailers, type Trailer } from './trailers.ts';

/** How a body is encoded. */
export interface ChunkEncoderOptions extends ChunkedFormat {
  /** Bytes of the body. A body of another length is an error. */
  decodedLength: number;
  /** Fields to send after the body. @default none */
  trailers?: readonly Trailer[];
  /** What the chunk signatures begin with; not needed for unsigned chunks. */
  seed?: ChunkSeed;
}

/**
 * Encodes a body as `aws-chunked`, synchronously, holding back at most one chunk.
 *
 * @throws {TypeError} a trailer is malformed, or `seed` is missing
 * @throws {RangeError} a size is none
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html}
 */
export class ChunkEncoder {
  readonly #chunkSize: number;
  readonly #signatures: ChunkSignatures | undefined;
  readonly #trailers: readonly CheckedTrailer[];
  readonly #decodedLength: number;
  #received = 0;
  #held: Uint8Array = new Uint8Array();
  #filled = 0;
  // What ends the chunk before: it goes out with the next chunk's header, in one piece.
  #separator = '';

  constructor({
    decodedLength,
    payloadHash,
    chunkSize = DEFAULT_CHUNK_SIZE,
    trailers = [],
    seed,
  }: ChunkEncoderOptions) {
    this.#decodedLength = checkedSize(decodedLength, 'decodedLength', 0);
    this.#chunkSize = checkedSize(chunkSize, 'chunkSize', 1);
    this.#trailers = checkedTrailers(trailers);
    const unsigned =
      checkedPayloadHash(payloadHash, trailers.length > 0) === 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';
    if (!unsigned && seed === undefined) throw new TypeError('seed must be given where chunks are signed');
    this.#signatures = unsigned || seed === undefined ? undefined : new ChunkSignatures(seed);
  }

  /**
   * Takes a piece of the body, of any size, and returns what can be sent by now. What is kept is copied.
   *
   * @throws {RangeError} the body is longer than `decodedLength`
   */
  update(data: Uint8Array): Uint8Array[] {
    if (!(data instanceof Uint8Array)) throw new TypeError('body must be made of Uint8Array pieces');
    this.#received += data.length;
    if (this.#received > this.#decodedLength) throw this.#wrongLength();
    const encoded: Uint8Array[] = [];
    for (let offset = 0; offset < data.length; ) {
      if (this.#filled === 0 && data.length - offset >= this.#chunkSize) {
        const chunk = data.subarray(offset, offset + this.#chunkSize);
        encoded.push(this.#header(chunk), chunk);
        offset += chunk.length;
        continue;
      }
      if (this.#filled === 0)
        this.#held = new Uint8Array(Math.min(this.#chunkSize, this.#remaining(data, offset)));
      const piece = data.subarray(offset, offset + this.#held.length - this.#filled);
      this.#held.set(piece, this.#filled);
      this.#filled += piece.length;
      offset += piece.length;
      if (this.#filled === this.#held.length) {
        encoded.push(this.#header(this.#held), this.#held);
        this.#filled = 0;
      }
    }
    return encoded;
  }

  /**
   * Ends the body, and returns the rest: the last chunk and the trailers.
   *
   * @throws {RangeError} the body is shorter than `decodedLength`, or a trailer is not as long as announced
   */
  end(): Uint8Array[] {
    if (this.#received !== this.#decodedLength) throw this.#wrongLength();
    const header = this.#headerText(new Uint8Array());
    const fields = this.#trailers.map(({ name, value }): [string, string] => [name, value()]);
    let ending = header + fields.map(([name, value]) => `${name}:${value}\r\n`).join('');
    if (this.#signatures !== undefined && fields.length > 0) {
      ending += `x-amz-trailer-signature:${this.#signatures.trailer(fields)}\r\n`;
    }
    return [new TextEncoder().encode(`${ending}\r\n`)];
  }

  /** How much of the body is still to come, this piece's rest included: the last chunk is as long as that. */
  #remaining(data: Uint8Array, offset: number): number {
    return this.#decodedLength - this.#received + data.length - offset;
  }

  #header(chunk: Uint8Array): Uint8Array {
    return new TextEncoder().encode(this.#headerText(chunk));
  }

  #headerText(chunk: Uint8Array): string {
    const signature = this.#signatures?.chunk(sha256Hex(chunk));
    const extension = signature === undefined ? '' : `;chunk-signature=${signature}`;
    const text = `${this.#separator}${chunk.length.toString(16)}${extension}\r\n`;
    this.#separator = '\r\n';
    return text;
  }

  #wrongLength(): RangeError {
    return new RangeError(
      `decodedLength says ${this.#decodedLength} bytes, but the body has ${
        this.#received > this.#decodedLength ? 'more' : `only ${this.#received}`
      }`,
    );
  }
}
