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

/** Sends a reply; resolves when it is handed over, rejects when the client went away or a file cannot be read. */
export async function writeReply(response: ServerResponse, reply: Reply, method: string): Promise<void> {
  const { status, headers = {}, body } = reply;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (typeof body === 'string') response.setHeader('content-length', Buffer.byteLength(body));
  else if (!body && status !== 204 && status !== 304 && !Object.hasOwn(headers, 'content-length'))
    response.setHeader('content-length', 0);
  // A file that is shorter than the index says must not pass for a whole answer.
  response.strictContentLength = method !== 'HEAD';
  response.writeHead(status);
  try {
    if (method !== 'HEAD' && typeof body === 'object') {
      await pipeline(Readable.from(body.source, { objectMode: false }), response);
    } else {
      response.end(method === 'HEAD' ? undefined : body);
      await finished(response);
    }
  } finally {
    if (typeof body === 'object') await body.release();
  }
}
