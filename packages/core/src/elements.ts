import { tagName, type XmlObject, type XmlValue } from '@s3kit/xml/light';

/** True for a tag's content that has child tags of different names. */
export function isElement(value: XmlValue | undefined): value is XmlObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A child's content by its tag's name, whatever attributes its tag has. */
export function childOf(value: XmlValue | undefined, name: string): XmlValue | undefined {
  if (!isElement(value)) return undefined;
  return value[name] ?? Object.entries(value).find(([tag]) => tagName(tag) === name)?.[1];
}

/** A child's text. */
export function textIn(value: XmlValue | undefined, name: string): string | undefined {
  const child = childOf(value, name);
  return typeof child === 'string' ? child : undefined;
}

/** The children of one name, where that is read as a list. */
export function elementsIn(value: XmlValue | undefined, name: string): readonly XmlObject[] {
  const child = childOf(value, name);
  return Array.isArray(child) ? child.filter(isElement) : [];
}
