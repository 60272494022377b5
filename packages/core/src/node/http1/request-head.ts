import { bodyLength, type HttpRequest } from '../../http.ts';

const target = /^[!-~]+$/;
const token = /^[\w!#$%&'*+.^`|~-]+$/;
const fieldValue = /^[\t -~\x80-\xff]*$/;

/**
 * The head of a request, as it goes on the wire (RFC 9112 §3, §5).
 *
 * @throws {TypeError} something in it would make another request of it
 */
export function requestHead(request: HttpRequest): string {
  const { method, body, headers } = request;
  if (!target.test(request.target)) throw new TypeError('the request target has characters that no URL has');
  let text = `${method} ${request.target} HTTP/1.1\r\n`;
  for (const name in headers) {
    const value = headers[name] ?? '';
    if (!token.test(name) || !fieldValue.test(value))
      throw new TypeError(
        `the header ${JSON.stringify(name)} cannot be sent: it has characters that no header has`,
      );
    text += `${name}: ${value}\r\n`;
  }
  const length = bodyLength(body);
  // Where a body is usual, its absence is said (RFC 9110 §8.6).
  if (length > 0 || method === 'PUT' || method === 'POST') text += `content-length: ${length}\r\n`;
  if (request.expectContinue === true) text += 'expect: 100-continue\r\n';
  return `${text}connection: keep-alive\r\n\r\n`;
}
