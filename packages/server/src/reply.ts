import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import type { OpenBody } from './store.ts';

/** What an operation answers; {@link writeReply} adds what every answer has. */
export interface Reply {
  status: number;
  headers?: Record<string, string>;
  /** A text, or the bytes of an object together with a `content-length` header. */
  body?: string | OpenBody;
}

/** An answer with an XML document. */
export function xmlReply(document: string, headers: Record<string, string> = {}): Reply {
  return { status: 200, headers: { 'content-type': 'application/xml', ...headers }, body: document };
}

/** Whether a body is still to be read. */
function hasStream(body: Reply['body']): body is OpenBody {
  return typeof body === 'object' && body.bytes === undefined;
}

/** A body that is there already: a text, or one piece of bytes. */
function wholeOf(body: Reply['body']): string | Uint8Array | undefined {
  return typeof body === 'object' ? body.bytes : body;
}

/** The headers of a reply, with the length where it is known. */
export function replyHeaders({ status, headers = {}, body }: Reply): Record<string, string> {
  if (typeof body === 'string') return { ...headers, 'content-length': String(Buffer.byteLength(body)) };
  const hasLength = status === 204 || status === 304 || Object.hasOwn(headers, 'content-length');
  return body || hasLength ? headers : { ...headers, 'content-length': '0' };
}

/**
 * The bytes of a reply's body.
 *
 * @param truncate - after so many bytes a longer body breaks off with an error
 */
export async function* replyBytes({ body }: Reply, truncate?: number): AsyncGenerator<Uint8Array> {
  const source = typeof body === 'string' ? [Buffer.from(body)] : (body?.source ?? []);
  let left = truncate ?? Number.POSITIVE_INFINITY;
  try {
    for await (const chunk of source) {
      const whole = chunk.byteLength <= left;
      if (whole || left > 0) yield chunk.subarray(0, left);
      if (!whole) throw new Error('the answer was cut on purpose');
      left -= chunk.byteLength;
    }
  } finally {
    if (typeof body === 'object') await body.release();
  }
}

/**
 * Sends a reply; resolves when it is handed over, rejects when the client went away or a file cannot be read.
 *
 * @param truncate - the connection ends after so many bytes of the body
 */
export async function writeReply(
  response: ServerResponse,
  reply: Reply,
  method: string,
  truncate?: number,
): Promise<void> {
  const { status, body } = reply;
  // A file that is shorter than the index says must not pass for a whole answer.
  response.strictContentLength = method !== 'HEAD';
  for (const [name, value] of Object.entries(replyHeaders(reply))) response.setHeader(name, value);
  response.writeHead(status);
  if (method !== 'HEAD' && (hasStream(body) || truncate !== undefined)) {
    await pipeline(Readable.from(replyBytes(reply, truncate), { objectMode: false }), response);
    return;
  }
  try {
    response.end(method === 'HEAD' ? undefined : wholeOf(body));
    await finished(response);
  } finally {
    if (typeof body === 'object') await body.release();
  }
}
