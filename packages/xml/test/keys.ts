import type { XmlObject, XmlValue } from '../src/index.ts';
import { parseWithOther } from './other-parser.ts';

/** Name and attributes in a key, which is a tag's opening text; read by another parser. */
export function readKey(key: string): { name: string; attributes: Record<string, string> } {
  const { name, attributes } = parseWithOther(`<${key}/>`);
  return { name, attributes };
}

/** The key and the value of the child with a tag name, whatever its attributes. */
export function findChild(content: XmlValue, name: string): [key: string, value: XmlValue] | undefined {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return undefined;
  // Neither an array nor null: an object.
  return Object.entries(content as XmlObject).find(([key]) => readKey(key).name === name);
}
