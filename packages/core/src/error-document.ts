import { parseXml, type XmlValue } from '@s3kit/xml/light';
import type { Outcome, S3Call } from './connection.ts';
import { childOf, isElement } from './elements.ts';
import type { Address } from './endpoint.ts';
import type { S3ErrorDocument } from './errors.ts';
import { type HttpResponse, TransportError } from './http.ts';

// An answer without a document (HEAD has no body) has its status only.
const codeOfStatus: Readonly<Record<number, string>> = {
  301: 'PermanentRedirect',
  304: 'NotModified',
  307: 'TemporaryRedirect',
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  409: 'Conflict',
  412: 'PreconditionFailed',
  416: 'InvalidRange',
  429: 'TooManyRequests',
  500: 'InternalError',
  501: 'NotImplemented',
  503: 'ServiceUnavailable',
};

// With a refusal, S3 gives back what was signed, and with what.
const secrets =
  /(<(Token|SignatureProvided|CanonicalRequestBytes)[^>]*>|x-amz-(security-token|signature)[:=])[^<&\n]*/gi;

/** What proxies, consoles and portals answer to whatever is asked. */
export const webPage: RegExp = /^\s*<(?:!doctype\s+)?html\b/i;

/**
 * An answer, and what is wrong with it. Nobody is shown what in a refusal could be used to sign another request.
 *
 * @throws {Error} with the code `ERR_S3KIT_NO_S3`: a success that is none of S3's
 */
export async function outcomeOf(
  response: HttpResponse,
  { key, content, errorInside200 = false }: S3Call,
): Promise<Outcome> {
  const { status, body, method, headers } = response;
  if (status < 300) {
    // An object may be a page.
    const isPage = webPage.test(body) && !(method === 'GET' && key);
    // S3 tells the ETag of what it has stored.
    const isUnstored = content && method === 'PUT' && !headers['etag'];
    if (isPage || isUnstored) throw (await import('./no-s3.ts')).noS3(response);
  }
  const shown = status < 300 ? response : { ...response, body: body.replace(secrets, '$1***') };
  return { response: shown, error: errorOf(shown, errorInside200) };
}

/** What is wrong with an answer, or undefined where S3 did what was asked. */
export function errorOf(response: HttpResponse, errorInside200: boolean): S3ErrorDocument | undefined {
  const { status, body } = response;
  if (status >= 200 && status < 300) return errorInside200 ? errorInside(response) : undefined;
  try {
    const element = errorElement(body);
    if (element) return errorFrom(response, element);
  } catch {
    // There is none, or it is no document.
  }
  return errorFrom(response);
}

/**
 * S3 sends the 200 of a copy or of a completed upload before it has done the work, and can then only say in the body
 * that it failed. A body that was cut short says neither.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html}
 */
function errorInside(response: HttpResponse): S3ErrorDocument | undefined {
  const { body } = response;
  const root = /^(?:<\?[^>]*>)?\s*<(\w+)/.exec(body)?.[1];
  // It ends as it begins: to read a page of a listing for that would take as long as to read what it says.
  if (root !== 'Error' && body.trimEnd().endsWith(`</${root}>`)) return undefined;
  try {
    const element = errorElement(body);
    return element && errorFrom(response, element);
  } catch {
    return errorFrom(response, { Code: 'InternalError', Message: 'the answer is not whole' });
  }
}

/** What a document tells of an error. @throws {Error} it is none, or not whole */
function errorElement(body: string): Record<string, string> | undefined {
  const document = parseXml(body, { attributes: 'drop-default-namespace' });
  // Some services and STS wrap the element.
  const element = childOf(document, 'Error') ?? childOf(childOf(document, 'ErrorResponse'), 'Error');
  return element === undefined ? element : asFields(element);
}

function asFields(element: XmlValue): Record<string, string> {
  if (!isElement(element)) return {};
  const texts = Object.entries(element).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(texts);
}

/** An error, by what its document says, and by the answer's head where that is nothing. */
function errorFrom(
  { status, statusText, headers }: HttpResponse,
  fields: Record<string, string> = {},
): S3ErrorDocument {
  const { Code, Message, RequestId, HostId } = fields;
  return {
    code: Code || (codeOfStatus[status] ?? `Http${status}`),
    message: Message ?? (Code ? '' : statusText),
    requestId: RequestId ?? headers['x-amz-request-id'],
    hostId: HostId ?? headers['x-amz-id-2'],
    fields,
  };
}

/** The failure of a body that is no answer of S3's. */
export function tooLong({ hostname, port }: Pick<Address, 'hostname' | 'port'>): TransportError {
  const code = 'ERR_S3KIT_ANSWER_TOO_LONG';
  return new TransportError('the answer is far longer than any of S3', { code, hostname, port });
}
