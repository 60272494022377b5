import { s3Error } from './errors.ts';

/** A form, read up to its file. */
export interface ReceivedForm {
  /** In the order of the form. */
  fields: [name: string, value: string][];
  /** What the browser calls the file; empty when it said nothing. */
  fileName: string;
  /** The bytes of the file, still to be read. */
  file: AsyncIterable<Uint8Array>;
}

/** Bytes of all that comes before the file, boundaries and heads included. @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html} */
const maximumFields = 20 * 1024;

/**
 * Reads the fields of a `multipart/form-data` body, and stops where the file begins. Fields behind the file are
 * ignored, as S3 ignores them.
 *
 * @param contentType - with the boundary
 * @throws {S3Error} `MalformedPOSTRequest`, `MaxPostPreDataLengthExceeded`; `IncompleteBody` while the file is read
 * @see {@link https://www.rfc-editor.org/rfc/rfc7578}
 */
export async function readForm(
  source: AsyncIterable<Uint8Array>,
  contentType: string,
): Promise<ReceivedForm> {
  const [, quoted, plain] = /boundary=(?:"([^"]{1,70})"|([^\s;]{1,70}))/i.exec(contentType) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) throw malformed();
  const reader = new PieceReader(source, maximumFields);
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  // The first delimiter has no line before it.
  reader.unread(Buffer.from('\r\n'));
  await reader.until(delimiter);
  const fields: ReceivedForm['fields'] = [];
  for (;;) {
    const ending = (await reader.until(Buffer.from('\r\n'))).toString('latin1').trim();
    if (ending !== '') {
      throw s3Error('InvalidArgument', {
        message: 'POST requires exactly one file upload per request.',
        members: { ArgumentName: 'file', ArgumentValue: '0' },
      });
    }
    const head = await readHead(reader);
    const { name, fileName } = dispositionOf(head);
    if (name.toLowerCase() === 'file') return { fields, fileName, file: reader.rest(delimiter) };
    fields.push([name, (await reader.until(delimiter)).toString('utf8')]);
  }
}

async function readHead(reader: PieceReader): Promise<string> {
  const lines: string[] = [];
  for (;;) {
    const line = (await reader.until(Buffer.from('\r\n'))).toString('utf8');
    if (line === '') return lines.join('\n');
    lines.push(line);
  }
}

function dispositionOf(head: string): { name: string; fileName: string } {
  const [line] = /^content-disposition:.*$/im.exec(head) ?? [];
  const parameter = (name: string): string | undefined => {
    const [, text, bare] =
      new RegExp(`;\\s*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\\s]+))`, 'i').exec(line ?? '') ?? [];
    return text?.replace(/%22/g, '"').replace(/\\(["\\])/g, '$1') ?? bare;
  };
  const name = parameter('name');
  if (name === undefined) throw malformed();
  // Some browsers sent the whole path.
  return { name, fileName: (parameter('filename') ?? '').replace(/^.*[/\\]/, '') };
}

function malformed(): Error {
  return s3Error('MalformedPOSTRequest');
}

function tooLong(): Error {
  return s3Error('MaxPostPreDataLengthExceeded');
}

/** Reads up to delimiters, holding back no more than it has to. */
class PieceReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #held: Buffer = Buffer.alloc(0);
  #left: number;

  /** @param maximum - bytes that may be read up to delimiters, all together */
  constructor(source: AsyncIterable<Uint8Array>, maximum: number) {
    this.#left = maximum;
    this.#source = source[Symbol.asyncIterator]();
  }

  unread(bytes: Buffer): void {
    this.#held = Buffer.concat([bytes, this.#held]);
  }

  /** The bytes before a delimiter, which is passed over. */
  async until(delimiter: Buffer): Promise<Buffer> {
    for (;;) {
      const at = this.#held.indexOf(delimiter);
      const passed = (at < 0 ? this.#held.length : at) + delimiter.length;
      if (passed > this.#left) throw tooLong();
      if (at >= 0) {
        this.#left -= passed;
        const found = this.#held.subarray(0, at);
        this.#held = this.#held.subarray(passed);
        return found;
      }
      if (!(await this.#more())) throw malformed();
    }
  }

  /** The bytes before a delimiter as they come; what follows it is read and thrown away. */
  async *rest(delimiter: Buffer): AsyncGenerator<Uint8Array> {
    for (;;) {
      const at = this.#held.indexOf(delimiter);
      if (at >= 0) {
        if (at > 0) yield this.#held.subarray(0, at);
        this.#held = Buffer.alloc(0);
        while (await this.#more()) this.#held = Buffer.alloc(0);
        return;
      }
      // A delimiter may begin in these last bytes.
      const safe = this.#held.length - delimiter.length + 1;
      if (safe > 0) {
        yield this.#held.subarray(0, safe);
        this.#held = this.#held.subarray(safe);
      }
      if (!(await this.#more())) throw s3Error('IncompleteBody');
    }
  }

  async #more(): Promise<boolean> {
    const { done, value } = await this.#source.next();
    if (done) return false;
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    this.#held = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    return true;
  }
}
