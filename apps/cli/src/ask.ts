import {
  type HttpResponse,
  type S3Call,
  type S3ErrorDocument,
  type Storage,
  StorageError,
} from '@s3kit/core';
import { parseXml, type XmlObject } from '@s3kit/xml/light';
import { uriOf } from './s3-uri.ts';

/**
 * Makes one request that has no method of its own.
 *
 * @param operation - S3's name of it, for errors
 * @throws {StorageError} S3 refused, or the network failed
 */
export async function ask(storage: Storage, operation: string, call: S3Call): Promise<HttpResponse> {
  let answer: Awaited<ReturnType<typeof storage.connection.send>>;
  try {
    answer = await storage.connection.send(call);
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError || call.signal?.aborted) throw error;
    throw StorageError.failed(operation, error);
  }
  const { response, error } = answer;
  if (error === undefined) return response;
  throw StorageError.refused({
    operation,
    detail: detailOf(call, error, response),
    response,
    document: error,
  });
}

function detailOf(
  { bucket = '', key }: S3Call,
  { code, message }: S3ErrorDocument,
  { status }: HttpResponse,
): string {
  const subject = key === undefined ? `s3://${bucket}` : uriOf(bucket, key);
  return `${subject}: ${code}${message === '' || message === code ? '' : `: ${message}`} (HTTP ${status})`;
}

/** The content of a document's root; `lists` are the tags that are lists however often they stand there. */
export function documentIn(response: HttpResponse, root: string, lists: readonly string[]): XmlObject {
  const document = parseXml(response.body, { lists, attributes: 'drop-default-namespace' });
  const content = document[root];
  return typeof content === 'object' && content !== null && !Array.isArray(content)
    ? (content as XmlObject)
    : {};
}

/** The text of an element; empty where there is none. */
export function textOf(element: XmlObject, tag: string): string {
  const value = element[tag];
  return typeof value === 'string' ? value : '';
}

/** The elements of a tag that is a list. */
export function elementsOf(element: XmlObject, tag: string): readonly XmlObject[] {
  const value = element[tag];
  // The reader makes objects of elements that have children, and texts of others.
  return Array.isArray(value) ? (value.filter((one) => typeof one === 'object') as XmlObject[]) : [];
}
