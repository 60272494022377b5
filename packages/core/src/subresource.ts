import type { Connection, S3Answer, S3Call } from './connection.ts';
import type { TransportResponse } from './http.ts';

// Bytes. What is longer is no such document, but an object that a service sent in its place.
const longestDocument = 4 * 1024 * 1024;

/**
 * What a service has of a subresource of a bucket or an object.
 *
 * With `errorInside200`, a document that is empty, cut or an error is asked for again. A service that does not know the subresource
 * can send something else: an object that is empty or no XML is handed on as it is.
 *
 * @throws {Error} with the code NotImplemented: the answer is too long for a document
 */
export async function getSubresource(
  connection: Connection,
  call: Omit<S3Call, 'method'>,
): Promise<S3Answer> {
  const answer = await connection.send({ ...call, method: 'GET', receive: documentText });
  const { status, body } = answer.response;
  return status < 300 && !/^\s*</.test(body) ? { ...answer, error: undefined } : answer;
}

/** The text of a document; its length, as announced or as it comes, shows whether it can be one. */
async function documentText(response: TransportResponse): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  checkLength(response, Number(response.headers['content-length'] ?? 0));
  for await (const chunk of response.body) {
    text += decoder.decode(chunk, { stream: true });
    checkLength(response, text.length);
  }
  return text + decoder.decode();
}

function checkLength(response: TransportResponse, length: number): void {
  if (length <= longestDocument) return;
  response.destroy();
  const code = { code: 'NotImplemented' };
  throw Object.assign(new Error('the service sent the object itself in place of what belongs to it'), code);
}
