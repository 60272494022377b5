import { parseXml, XmlError, type XmlObject, type XmlValue } from '@s3kit/xml';
import { type ErrorCode, s3Error } from './errors.ts';

/** Content of a tag in an answer: a list repeats the tag, undefined leaves it out. */
type Content = string | number | boolean | undefined | Tree | readonly Content[];

/** Tags and their contents; a key may hold attributes after the tag's name. What is under an empty key stands there without a tag. */
export interface Tree {
  [openingText: string]: Content;
}

/** The namespace of S3's documents, as the opening text of a root wants it. */
export const s3Namespace = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';

/**
 * Writes an answer.
 *
 * Control characters, which no XML 1.0 document may hold, go out as `&#x1;`: keys hold them, and S3 writes
 * them so. That is why this is not `buildXml` of `@s3kit/xml`, which refuses them.
 */
export function document(root: Tree): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${fields(root)}`;
}

function fields(tree: Tree): string {
  let text = '';
  for (const [opening, value] of Object.entries(tree)) {
    if (value === undefined) continue;
    // Tags of different names among each other.
    if (opening === '') for (const tree of value as readonly Tree[]) text += fields(tree);
    else if (Array.isArray(value)) for (const item of value) text += element(opening, item);
    // The cast takes the arrays away, which `Array.isArray` does not do for readonly ones.
    else text += element(opening, value as Exclude<Content, readonly Content[]>);
  }
  return text;
}

function element(opening: string, value: Content): string {
  const content = typeof value === 'object' ? fields(value as Tree) : escapeXml(String(value));
  return content === '' ? `<${opening}/>` : `<${opening}>${content}</${opening.split(' ', 1)[0]}>`;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text as the content of a tag. */
export function escapeXml(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is escaped here
  return text.replace(/[&<>"\x00-\x08\x0b-\x1f\ufffe\uffff]/g, (character) => {
    return entities[character] ?? `&#x${character.charCodeAt(0).toString(16).toUpperCase()};`;
  });
}

/**
 * Reads a document that a client sent; the names of its tags are free of namespaces.
 *
 * @param lists - tags that are lists, as `parent/child`
 * @param code - what the refusal is called
 * @returns the content of the root
 * @throws {S3Error} the text is no XML, or its root is another tag
 */
export function readDocument(
  text: string,
  root: string,
  lists: readonly string[] = [],
  code: ErrorCode = 'MalformedXML',
): XmlObject {
  try {
    const parsed = parseXml(text, { lists, attributes: 'drop-default-namespace', maximumDepth: 32 });
    const [name] = Object.keys(parsed);
    if (name?.split(' ', 1)[0] === root) return objectOf(parsed[name]);
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
  }
  throw s3Error(code);
}

/** The children of a tag; none for a tag with no content or with text. */
export function objectOf(value: XmlValue): XmlObject {
  if (typeof value !== 'object' || value === null) return {};
  if (!Array.isArray(value)) return value as XmlObject;
  // Children with one name that is not a list: the last one counts, as in most readers.
  return Object.assign({}, ...value.map(objectOf));
}

/** The items of a tag that was read as a list. */
export function listOf(value: XmlValue): readonly XmlValue[] {
  return Array.isArray(value) ? value : [];
}

/** The text of a tag; undefined when it is missing or has children. */
export function textOf(value: XmlValue): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
