import type { XmlObject, XmlValue } from '@s3kit/xml';
import { s3Error } from './errors.ts';
import { textOf } from './xml-documents.ts';

/** The refusal of a document that is not as S3's schema wants it. */
export const malformed = (): Error => s3Error('MalformedXML');

/** Refuses unless all hold. */
export function demand(...conditions: readonly boolean[]): void {
  if (conditions.includes(false)) throw malformed();
}

/** Whether a tag has all of the named children. */
export function has(value: XmlObject, ...names: readonly string[]): boolean {
  return names.every((name) => value[name] !== undefined);
}

/** Whether a tag's text is one of the allowed ones. */
export function isOneOf(value: XmlValue, ...allowed: readonly string[]): boolean {
  return allowed.includes(textOf(value)?.trim() ?? '');
}
