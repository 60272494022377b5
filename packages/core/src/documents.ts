import { buildXml, tagName, type XmlObject } from '@s3kit/xml/light';
import type { ConfigurationFamily } from './configuration-family.ts';
import { invalidArgument } from './errors.ts';

const namespace = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';

/**
 * A document's text. An object becomes XML in S3's namespace, or JSON.
 *
 * @throws {TypeError} the object cannot be XML; names the place
 */
export function toDocument(
  data: string | object,
  { format, lists = [] }: Pick<ConfigurationFamily, 'format' | 'lists'>,
): string {
  if (typeof data === 'string') return data;
  if (format === 'text') throw invalidArgument(`data must be text, not ${typeof data}`);
  try {
    if (format === 'json') return JSON.stringify(data);
    // Whether it is an XML object is for buildXml to find out, with the place of the fault.
    return buildXml(inNamespace(data as XmlObject), { lists });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw invalidArgument(
      `data cannot be turned into ${format === 'json' ? 'JSON' : 'XML'}: ${reason}`,
      error,
    );
  }
}

function inNamespace(document: XmlObject): XmlObject {
  const [root, ...more] = Object.keys(document);
  if (root === undefined || more.length > 0 || root !== tagName(root)) return document;
  return { [`${root} ${namespace}`]: document[root] ?? '' };
}
