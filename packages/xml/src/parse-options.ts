import { XmlError } from './errors.ts';
import { type ListRules, listRules } from './lists.ts';
import { boundOption, depthOption } from './values.ts';

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

/** How to read a document: the options of `parseXml`, checked. */
export interface Reading {
  rules: ListRules;
  keepsNamespace: boolean;
  maximumDepth: number;
}

const defaultMaximumSize = 64 * 1024 ** 2;

/** Checks what `parseXml` was given, and fills in the defaults. */
export function readingOf(text: string, options: XmlParseOptions): Reading {
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
  return { rules: listRules(lists), keepsNamespace: attributes === 'keep', maximumDepth };
}
