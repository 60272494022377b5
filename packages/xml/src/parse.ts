import { readDocument } from './document.ts';
import { XmlError } from './errors.ts';
import { listRules } from './lists.ts';
import { boundOption, depthOption, type XmlObject } from './values.ts';

/** How {@link parseXml} reads a text. */
export interface XmlParseOptions {
  /**
   * Tags that are lists, as tag names (`'Contents'`) or as pairs (`'Buckets/Bucket'`).
   *
   * The children with such a tag are one array under their own key, also when there is only one. Where the parent
   * of a pair has none of them, the array is there and empty, even if the parent is an empty tag.
   *
   * @default []
   */
  lists?: readonly string[];
  /**
   * What a key holds beside the tag's name: all attributes (`'keep'`), or all but a default namespace
   * (`xmlns="..."`), so that `parsed.AccessControlPolicy` works whatever namespace a service sends.
   *
   * @default 'keep'
   */
  attributes?: 'keep' | 'drop-default-namespace';
  /**
   * The deepest nesting of elements to take, 1 to 1,000.
   *
   * @default 64
   */
  maximumDepth?: number;
  /**
   * The longest text to take, in UTF-16 units.
   *
   * @default 67_108_864 (64 Mi)
   */
  maximumSize?: number;
}

const defaultMaximumSize = 64 * 1024 ** 2;

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
  if (typeof text !== 'string') throw new TypeError(`text must be a string, not ${typeof text}`);
  const { lists, attributes = 'keep' } = options;
  if (attributes !== 'keep' && attributes !== 'drop-default-namespace') {
    throw new TypeError(`attributes must be 'keep' or 'drop-default-namespace', not ${String(attributes)}`);
  }
  const maximumDepth = depthOption(options.maximumDepth);
  const maximumSize = boundOption(
    'maximumSize',
    options.maximumSize,
    defaultMaximumSize,
    Number.MAX_SAFE_INTEGER,
  );
  if (text.length > maximumSize) {
    throw new XmlError('too-large', `the text is longer than ${maximumSize} characters (maximumSize)`);
  }
  return readDocument(text, { rules: listRules(lists), keepsNamespace: attributes === 'keep', maximumDepth });
}
