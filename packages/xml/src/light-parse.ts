import { readingOf, type XmlParseOptions } from './parse-options.ts';
import { scanDocument } from './scan.ts';
import type { XmlObject } from './values.ts';

/**
 * Reads an XML text into an object that has one key, the root's opening text.
 *
 * - A tag with text only becomes a string, exactly as written; nothing is trimmed, no number is guessed.
 * - An empty tag becomes `''`.
 * - A tag with children becomes an object, or, if children with the same name repeat, a list of objects with one
 *   key each: `[{ Contents: {...} }, { Contents: {...} }, { Name: 'x' }]`. Those named in `lists` never count as
 *   repeated: they become an array under their own key.
 * - White space, and any other text, beside child tags is dropped, as are comments and processing instructions.
 *
 * The objects are plain ones, made as `JSON.parse` makes them: a tag called `__proto__` is an own property.
 *
 * @param text - the document; a byte order mark and white space before it are skipped (S3 sends white space to keep
 *   a connection open)
 * @throws {XmlError} the text is not well formed, holds a DOCTYPE, or passes a bound; `code`, `line`, `column`, `offset`
 *   and `excerpt` say more
 * @throws {TypeError} the text is no string, or `lists` or `attributes` is wrong
 * @throws {RangeError} a bound is not a whole number in its range
 * @see {@link https://www.w3.org/TR/xml/}
 * @example
 * const { Tagging } = parseXml('<Tagging><TagSet/></Tagging>', { lists: ['TagSet/Tag'] });
 * // Tagging is { TagSet: { Tag: [] } }
 */
export function parseXml(text: string, options: XmlParseOptions = {}): XmlObject {
  return scanDocument(text, readingOf(text, options));
}
