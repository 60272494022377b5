/** The head of a response. */
export interface ResponseHead {
  readonly status: number;
  readonly statusText: string;
  /** Names in lower case; repeated headers joined by ', '. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Is told of a response as it comes. */
export interface ResponseListener {
  /** An interim response (1xx) has come; the final one is still to come. */
  onInterim(status: number): void;
  onHead(head: ResponseHead): void;
  /** Bytes of the body: those of the chunk that is being read, from `start` up to and without `end`. */
  onBytes(start: number, end: number): void;
  /** The response is whole. */
  onEnd(): void;
}

/** How a response's body is told from what comes after it (RFC 9112 §6.3). */
type Framing = 'none' | 'length' | 'chunked' | 'until-close';

type State = 'head' | 'body' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailer' | 'done';

// Bytes: S3's own heads are below 8 KiB, its metadata included.
const longestHead = 64 * 1024;
// Bytes: a chunk's size with its extensions, or one trailer.
const longestLine = 16 * 1024;

const endOfHead = Buffer.from('\r\n\r\n');

/**
 * Reads one response to a request of HTTP/1.1, in whatever pieces it comes.
 *
 * It is strict, as what is read in two ways can be made to say two things: lines end with CR LF, lengths are digits, and a response
 * that has both a Content-Length and a Transfer-Encoding is refused.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112.html}
 */
export class ResponseReader {
  readonly #method: string;
  readonly #listener: ResponseListener;
  #state: State = 'head';
  #framing: Framing = 'none';
  /** Bytes that are still to come, of the body or of its chunk. */
  #left = 0;
  /** The beginning of a head or a line whose end has not come. */
  #ahead: Buffer | undefined;
  #trailers = 0;
  #persistent = false;
  #begun = false;

  /** @param method - the request's: there is no body in an answer to HEAD */
  constructor(method: string, listener: ResponseListener) {
    this.#method = method;
    this.#listener = listener;
  }

  /** Whether any byte has come. */
  get begun(): boolean {
    return this.#begun;
  }

  get done(): boolean {
    return this.#state === 'done';
  }

  /** Whether the connection can be used again once the response is whole. */
  get persistent(): boolean {
    return this.#persistent;
  }

  /** Bytes of the body that are still to come, where its head tells. */
  get left(): number | undefined {
    return this.#state === 'body' && this.#framing === 'length' ? this.#left : undefined;
  }

  /**
   * Takes in what has come.
   *
   * @throws {Error} it is no response, or more than one
   */
  read(chunk: Buffer): void {
    this.#begun = true;
    for (let position = 0; position < chunk.length; ) {
      switch (this.#state) {
        case 'head':
          position = this.#readHead(chunk, position);
          break;
        case 'body':
        case 'chunk':
          position = this.#readBody(chunk, position);
          break;
        case 'done':
          // Nobody has asked for it, so nobody can tell what it belongs to.
          this.#persistent = false;
          return;
        default:
          position = this.#readLine(chunk, position);
      }
    }
  }

  /** The connection has been closed by the other side: whether that completes the response. */
  close(): boolean {
    this.#persistent = false;
    if (this.#state === 'body' && this.#framing === 'until-close') this.#finish();
    return this.#state === 'done';
  }

  #readHead(chunk: Buffer, position: number): number {
    const before = this.#ahead;
    let start = position;
    // An empty line before the head is overlooked (RFC 9112 §2.2).
    while (before === undefined && (chunk[start] === 13 || chunk[start] === 10)) start++;
    if (start === chunk.length) return start;
    const bytes = before === undefined ? chunk : Buffer.concat([before, chunk.subarray(position)]);
    const from = before === undefined ? start : 0;
    const end = bytes.indexOf(endOfHead, before === undefined ? from : Math.max(0, before.length - 3));
    if ((end < 0 ? bytes.length : end) - from > longestHead)
      throw new Error(`the answer's head is longer than ${longestHead} bytes`);
    if (end < 0) {
      // Whoever speaks something else may say no more, and wait.
      if (!beginning.startsWith(bytes.toString('latin1', from, from + beginning.length))) throw noHttp();
      this.#ahead = before === undefined ? Buffer.from(bytes.subarray(from)) : bytes;
      return chunk.length;
    }
    this.#ahead = undefined;
    this.#take(bytes.toString('latin1', from, end));
    return chunk.length - (bytes.length - end - endOfHead.length);
  }

  #take(text: string): void {
    const head = parseHead(text);
    const { status, headers } = head;
    if (status < 200) {
      if (status === 101) throw new Error('the service changed the protocol, unasked');
      this.#listener.onInterim(status);
      return;
    }
    const connection = (headers['connection'] ?? '').toLowerCase();
    this.#framing = this.#method === 'HEAD' || status === 204 || status === 304 ? 'none' : framingOf(headers);
    this.#persistent =
      this.#framing !== 'until-close' &&
      (head.minor === 1 ? !/\bclose\b/.test(connection) : /\bkeep-alive\b/.test(connection));
    if (this.#framing === 'length') this.#left = Number(headers['content-length']);
    this.#state = this.#framing === 'chunked' ? 'chunk-size' : 'body';
    this.#listener.onHead(head);
    if (this.#framing === 'none' || (this.#framing === 'length' && this.#left === 0)) this.#finish();
  }

  #readBody(chunk: Buffer, position: number): number {
    const end =
      this.#framing === 'until-close' ? chunk.length : Math.min(chunk.length, position + this.#left);
    this.#left -= end - position;
    this.#listener.onBytes(position, end);
    if (this.#framing !== 'until-close' && this.#left === 0) {
      if (this.#state === 'chunk') this.#state = 'chunk-end';
      else this.#finish();
    }
    return end;
  }

  /** One line of the chunked encoding's own (RFC 9112 §7.1). */
  #readLine(chunk: Buffer, position: number): number {
    const end = chunk.indexOf(10, position);
    const piece = chunk.subarray(position, end < 0 ? chunk.length : end + 1);
    const line = this.#ahead === undefined ? piece : Buffer.concat([this.#ahead, piece]);
    if (line.length > longestLine)
      throw new Error(`a line of the answer is longer than ${longestLine} bytes`);
    if (end < 0) {
      this.#ahead = Buffer.from(line);
      return chunk.length;
    }
    this.#ahead = undefined;
    if (line.at(-2) !== 13) throw new Error('a line of the answer does not end as lines of HTTP do');
    this.#takeLine(line.toString('latin1', 0, line.length - 2));
    return end + 1;
  }

  #takeLine(line: string): void {
    if (this.#state === 'chunk-end') {
      if (line !== '') throw new Error('a chunk of the answer is longer than it says');
      this.#state = 'chunk-size';
    } else if (this.#state === 'chunk-size') {
      const size = /^([\da-f]{1,12})[ \t]*(?:;.*)?$/i.exec(line)?.[1];
      if (size === undefined) throw new Error('a chunk of the answer has no length');
      this.#left = Number.parseInt(size, 16);
      this.#state = this.#left === 0 ? 'trailer' : 'chunk';
    } else if (line === '') this.#finish();
    else {
      this.#trailers += line.length;
      if (this.#trailers > longestHead) throw new Error('the answer has trailers without end');
    }
  }

  #finish(): void {
    this.#state = 'done';
    this.#listener.onEnd();
  }
}

const statusLine = /^HTTP\/1\.([01]) (\d{3})(?: ([^\r\n\0]*))?$/;
// All of them at once: to look at each by itself costs more than the rest of the reading.
const fieldLines = /^(?:\r\n[\w!#$%&'*+.^`|~-]+:[^\r\n\0]*)*$/;

// The names of the last head's headers, in their order: the next head mostly has the same ones.
const lastNames: { readonly raw: string; readonly name: string }[] = [];
const remembered = 32;

const beginning = 'HTTP/1.';

function noHttp(): Error {
  return new Error('the answer does not begin as one of HTTP does');
}

/**
 * Reads a head, without the empty line that ends it.
 *
 * @throws {Error} it is none
 */
function parseHead(text: string): ResponseHead & { readonly minor: number } {
  let end = text.indexOf('\r\n');
  const [, minor, status, statusText = ''] = statusLine.exec(end < 0 ? text : text.slice(0, end)) ?? [];
  if (status === undefined) throw noHttp();
  if (end >= 0 && !fieldLines.test(text.slice(end))) throw new Error('the answer has a header that is none');
  const headers: Record<string, string> = {};
  for (let place = 0; end >= 0; place++) {
    const start = end + 2;
    end = text.indexOf('\r\n', start);
    let field = lastNames[place];
    if (field === undefined || !text.startsWith(field.raw, start)) {
      const raw = text.slice(start, text.indexOf(':', start) + 1);
      field = { raw, name: raw.slice(0, -1).toLowerCase() };
      if (place < remembered) lastNames[place] = field;
    }
    const value = text.slice(start + field.raw.length, end < 0 ? undefined : end).trim();
    // What all objects have is no header.
    const before: unknown = headers[field.name];
    headers[field.name] = typeof before === 'string' ? `${before}, ${value}` : value;
  }
  return { status: Number(status), statusText, headers, minor: Number(minor) };
}

function framingOf(headers: Readonly<Record<string, string>>): Framing {
  const coding = headers['transfer-encoding'];
  const length = headers['content-length'];
  if (coding !== undefined) {
    if (length !== undefined) throw new Error('the answer has two lengths');
    if (coding.toLowerCase() !== 'chunked')
      throw new Error('the answer has a transfer encoding that was not asked for');
    return 'chunked';
  }
  if (length === undefined) return 'until-close';
  if (!/^\d{1,15}$/.test(length)) throw new Error('the answer has a length that is none');
  return 'length';
}
