import { decodeText, normalizeLineEnds } from './characters.ts';
import { define, ElementContent, textValue } from './content.ts';
import { type ElementSpan, elementTree } from './element-tree.ts';
import { type Complain, complainer, doctypeRefused, malformedReference } from './faults.ts';
import { keyOf, namePattern, readClosingTag, readOpeningTag } from './opening-tag.ts';
import type { Reading } from './parse-options.ts';
import type { XmlObject, XmlValue } from './values.ts';

/** An element that was read: its key in the parent, its content, and the index behind it. */
interface Field {
  name: string;
  key: string;
  value: XmlValue;
  end: number;
}

/** A stretch of text between tags: as it is (CDATA), or with references in it. */
interface TextPiece {
  index: number;
  raw: string;
  isVerbatim: boolean;
}

/** A comment or processing instruction; a CDATA section; what must not be here; text. */
const textPiece = new RegExp(
  `<!--[\\s\\S]*?-->|<\\?${namePattern}(?:[ \\t\\r\\n][\\s\\S]*?)?\\?>|` +
    '<!\\[CDATA\\[([\\s\\S]*?)\\]\\]>|(<|\\]\\]>)|([^<\\]]+|\\])',
  'gu',
);

/**
 * Reads a document along the tree of its elements, and checks on the way that every character has its place: what
 * stands between two tags must be character data. So it takes well-formed documents only, whatever the tree says.
 */
export function readDocument(text: string, { rules, keepsNamespace, maximumDepth }: Reading): XmlObject {
  const path: string[] = [];
  const complain: Complain = complainer(text, () => path.join('.'));

  function readElement(span: ElementSpan): Field {
    const tag = readOpeningTag(text, span.start, complain);
    const key = keyOf(tag, keepsNamespace);
    const lists = rules(tag.name);
    path.push(tag.name);

    let end = tag.end;
    let content = '';
    let children: ElementContent | undefined;
    if (!tag.closed) {
      for (const child of span.children) {
        readText(end, child.start);
        const field = readElement(child);
        children ??= new ElementContent(lists);
        children.add(field.name, field.key, field.value);
        end = field.end;
      }
      if (span.end === undefined) {
        return complain('unexpected-end', text.length, `the text ends before </${tag.name}>`);
      }
      const closing = text.lastIndexOf('</', span.end - 1);
      content = readText(end, closing);
      end = readClosing(closing, tag.name);
    }

    path.pop();
    return { name: tag.name, key, value: children ? children.value() : textValue(content, lists), end };
  }

  function readClosing(start: number, expected: string): number {
    const closing = readClosingTag(text, start);
    if (!closing)
      return complain('malformed-tag', start, `the closing tag of <${expected}> is not well formed`);
    if (closing.name !== expected) {
      return complain('mismatched-tag', start, `</${closing.name}> stands where </${expected}> is due`);
    }
    return closing.end;
  }

  /** Reads what stands between two tags. */
  function readText(start: number, end: number): string {
    const raw = text.slice(start, end);
    // Nearly every text of a listing is as plain as this, and white space between tags is too.
    if (!/[<&\]\r]/.test(raw)) return raw;
    return Array.from(textPieces(raw, start), decodePiece).join('');
  }

  function* textPieces(raw: string, start: number): Generator<TextPiece> {
    for (const match of raw.matchAll(textPiece)) {
      const [, verbatim, misplaced, escaped] = match;
      const index = start + match.index;
      if (misplaced !== undefined) {
        if (text.startsWith('<!DOCTYPE', index)) complain('doctype', index, doctypeRefused);
        complain('stray-markup', index, `'${misplaced}' may not stand here`);
      }
      if (verbatim !== undefined) yield { index, raw: verbatim, isVerbatim: true };
      if (escaped !== undefined) yield { index, raw: escaped, isVerbatim: false };
    }
  }

  function decodePiece({ index, raw, isVerbatim }: TextPiece): string {
    if (isVerbatim) return normalizeLineEnds(raw);
    return decodeText(raw, (at) => complain('malformed-reference', index + at, malformedReference));
  }

  /** Only white space, comments and processing instructions may stand before and after the root. */
  function checkOutside(start: number, end: number): void {
    for (const { index, raw, isVerbatim } of textPieces(text.slice(start, end), start)) {
      const at = isVerbatim ? 0 : raw.search(/[^ \t\r\n]/);
      if (at >= 0) complain('content-outside-root', index + at, 'there is text outside the root element');
    }
  }

  const [root, second] = elementTree(text, maximumDepth, complain);
  if (!root) return complain('no-root', text.length, 'there is no element');
  checkOutside(text.startsWith('\uFEFF') ? 1 : 0, root.start);
  const { key, value, end } = readElement(root);
  checkOutside(end, second?.start ?? text.length);
  if (second) return complain('content-outside-root', second.start, 'there is a second root element');
  const document: XmlObject = {};
  define(document, key, value);
  return document;
}
