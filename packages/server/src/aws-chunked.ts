import { s3Error } from './errors.ts';

/** Longest chunk header or trailer line in bytes; a longer one is not aws-chunked. */
const maximumLine = 8 * 1024;

/**
 * Takes the `aws-chunked` framing off a body and yields the data.
 *
 * @param onTrailer - is given the trailer fields after the last chunk, names in lower case
 * @throws {S3Error} `IncompleteBody` for a body that ends early or is not framed
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html}
 */
export async function* decodeAwsChunked(
  source: AsyncIterable<Uint8Array>,
  onTrailer: (fields: ReadonlyMap<string, string>) => void,
): AsyncGenerator<Uint8Array> {
  const reader = new ChunkReader(source);
  for (;;) {
    const header = await reader.line();
    const size = /^[0-9a-f]{1,13}$/i.test(header) ? Number.parseInt(header, 16) : Number.NaN;
    if (Number.isNaN(size)) throw malformed();
    if (size === 0) break;
    yield* reader.bytes(size);
    if ((await reader.line()) !== '') throw malformed();
  }
  const fields = new Map<string, string>();
  for (let line = await reader.lastLine(); line !== ''; line = await reader.lastLine()) {
    const colon = line.indexOf(':');
    if (colon < 1 || fields.size >= 16) throw malformed();
    fields.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  if (await reader.hasMore()) throw malformed();
  onTrailer(fields);
}

function malformed(): Error {
  return s3Error('IncompleteBody', { message: 'The request body terminated unexpectedly' });
}

/** Reads lines and counted bytes off chunks of any size, holding back at most one line and one chunk. */
class ChunkReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** A line without its CRLF. */
  async line(): Promise<string> {
    for (let from = 0; ; ) {
      const end = this.#rest.indexOf('\r\n', from);
      if (end >= 0) {
        const line = this.#rest.toString('latin1', 0, end);
        this.#rest = this.#rest.subarray(end + 2);
        return line;
      }
      from = Math.max(0, this.#rest.length - 1);
      if (this.#rest.length > maximumLine || !(await this.#more())) throw malformed();
    }
  }

  /** A line, or nothing at the end: some clients leave the empty line after the trailer out. */
  async lastLine(): Promise<string> {
    return (await this.hasMore()) ? this.line() : '';
  }

  async hasMore(): Promise<boolean> {
    while (this.#rest.length === 0) if (!(await this.#more())) return false;
    return true;
  }

  async *bytes(count: number): AsyncGenerator<Uint8Array> {
    for (let left = count; left > 0; ) {
      if (!(await this.hasMore())) throw malformed();
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }

  async #more(): Promise<boolean> {
    const { done, value } = await this.#source.next();
    if (done) return false;
    this.#rest =
      this.#rest.length === 0
        ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
        : Buffer.concat([this.#rest, value]);
    return true;
  }
}
