import { XMLParser } from 'fast-xml-parser';
import { XmlError } from './errors.ts';
import { type Complain, doctypeRefused, tooDeep } from './faults.ts';

/** Where an element stands in the text, as far as fast-xml-parser can tell. */
export interface ElementSpan {
  /** Index of the `<` of the opening tag. */
  start: number;
  /** Index behind the closing tag; undefined when the text ends before it. */
  end: number | undefined;
  children: ElementSpan[];
}

/** What fast-xml-parser calls every element and every piece of text here; see `transformTagName` below. */
const elementName = 'e';
interface ParsedNode {
  [elementName]?: ParsedNode[];
}
type SpanOf = (node: ParsedNode) => { startIndex: number; endIndex?: number } | undefined;

/**
 * Finds the elements of a text with fast-xml-parser; returns those at the top.
 *
 * Only the structure is taken from it. It takes many a malformed document as it comes, refuses the tag names
 * `constructor` and `prototype`, and renames others; so names, attributes and text are read, and every character
 * checked, from the text itself, at the places found here.
 *
 * @throws {XmlError} codes `too-deep`, `unexpected-end`, `doctype`
 */
export function elementTree(text: string, maximumDepth: number, complain: Complain): ElementSpan[] {
  const parser = new XMLParser({
    preserveOrder: true,
    captureMetaData: true,
    ignoreAttributes: true,
    ignoreDeclaration: true,
    ignorePiTags: true,
    parseTagValue: false,
    trimValues: false,
    processEntities: false,
    strictReservedNames: false,
    // A path as text for every element would make a deep document quadratic.
    jPath: false,
    // The slash is how fast-xml-parser knows that the tag closes itself.
    transformTagName: (tag) => (tag.endsWith('/') ? `${elementName}/` : elementName),
    maxNestedTags: Number.POSITIVE_INFINITY,
    updateTag: (tag, matcher) => {
      // A matcher it is, because of `jPath: false`.
      if (typeof matcher !== 'string' && matcher.getDepth() > maximumDepth) {
        throw tooDeep(maximumDepth);
      }
      return tag;
    },
  });
  // Its declared type is the wrapper object `Symbol`; the value is a symbol.
  const metaData = XMLParser.getMetaDataSymbol() as symbol;
  // `captureMetaData` puts this on every element, under a symbol that its types do not name.
  const spanOf = ((node) => Reflect.get(node, metaData)) as SpanOf;
  try {
    // `preserveOrder` gives nodes of this shape; the declared type is `any`.
    return toSpans(parser.parse(text) as ParsedNode[], spanOf);
  } catch (error) {
    if (error instanceof XmlError) throw error;
    const doctype = text.indexOf('<!DOCTYPE');
    if (doctype >= 0) return complain('doctype', doctype, doctypeRefused);
    // What is left for fast-xml-parser to complain of is markup that never ends.
    return complain(
      'unexpected-end',
      text.length,
      'the text ends inside a tag, a comment or a CDATA section',
    );
  }
}

function toSpans(nodes: readonly ParsedNode[], spanOf: SpanOf): ElementSpan[] {
  const spans: ElementSpan[] = [];
  for (const node of nodes) {
    const span = spanOf(node);
    // Text has no meta data, and is read elsewhere. A malformed tag may have another name, and is no text.
    if (span) {
      const children = toSpans(node[elementName] ?? [], spanOf);
      spans.push({ start: span.startIndex, end: span.endIndex, children });
    }
  }
  return spans;
}
