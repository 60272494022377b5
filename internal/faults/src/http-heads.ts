import { isTlsHello } from './byte-reader.ts';
import type { InjectedAnswer, SeenRequest } from './faults.ts';

/** A head, as far as a proxy has to understand it. */
export type RequestHead = Omit<SeenRequest, 'occurrence'>;

/**
 * Reads the head of a request.
 *
 * @throws {Error} a body without a length, which S3 does not take either
 */
export function readRequestHead(head: Buffer): RequestHead {
  if (isTlsHello(head))
    return { method: 'TLS', target: '', headers: {}, headLength: head.length, bodyLength: 0 };
  const { first, headers } = linesOf(head);
  const [method = '', target = ''] = first.split(' ');
  if (headers['transfer-encoding'] !== undefined)
    throw new Error(`${method} ${target}: a body without a length cannot be forwarded`);
  return {
    method,
    target,
    headers,
    headLength: head.length,
    bodyLength: Number(headers['content-length'] ?? 0),
  };
}

/** Tells where the answer to a request ends. */
export class AnswerEnd {
  readonly #method: string;
  #head: Buffer = Buffer.alloc(0);
  #bodyLeft: number | undefined;

  constructor(method: string) {
    this.#method = method;
  }

  /** Whether all of the answer has been fed; one without a length ends with the connection. */
  get reached(): boolean {
    return this.#bodyLeft === 0;
  }

  feed(chunk: Buffer): void {
    if (this.#bodyLeft !== undefined) {
      this.#bodyLeft = Math.max(0, this.#bodyLeft - chunk.length);
      return;
    }
    this.#head = Buffer.concat([this.#head, chunk]);
    const end = this.#head.indexOf('\r\n\r\n') + 4;
    if (end < 4) return;
    const rest = this.#head.subarray(end);
    const { first, headers } = linesOf(this.#head.subarray(0, end));
    const status = Number(first.split(' ')[1]);
    this.#head = Buffer.alloc(0);
    if (status >= 200) this.#bodyLeft = bodyLengthOf(this.#method, status, headers);
    // After an interim answer (RFC 9110, 15.2) the real one follows.
    this.feed(rest);
  }
}

function bodyLengthOf(method: string, status: number, headers: Readonly<Record<string, string>>): number {
  if (method === 'HEAD' || status === 204 || status === 304) return 0;
  return Number(headers['content-length'] ?? Number.POSITIVE_INFINITY);
}

/** The bytes of an answer that no service gave. */
export function injectedAnswer({ status, code, retryAfter }: InjectedAnswer, method: string): Buffer {
  const document = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>Injected by the fault proxy.</Message><RequestId>0000000000000000</RequestId></Error>`;
  const head = [
    `HTTP/1.1 ${status} Injected`,
    'content-type: application/xml',
    `content-length: ${Buffer.byteLength(document)}`,
    ...(retryAfter === undefined ? [] : [`retry-after: ${retryAfter}`]),
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${method === 'HEAD' ? '' : document}`);
}

function linesOf(head: Buffer): { first: string; headers: Record<string, string> } {
  const [first = '', ...lines] = head.toString('latin1').trimEnd().split('\r\n');
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { first, headers };
}
