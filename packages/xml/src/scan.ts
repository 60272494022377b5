import { decodeText, normalizeLineEnds } from './characters.ts';
import { define, ElementContent, textValue } from './content.ts';
import { complainer, doctypeRefused, malformedReference, tooDeep } from './faults.ts';
import { keyOf, namePattern, readClosingTag, readOpeningTag } from './opening-tag.ts';
import type { Reading } from './parse-options.ts';
import { copyOf, deepestRepeated, type KnownTag, learnElement, type RepeatedElement } from './repeated.ts';
import type { XmlObject, XmlValue } from './values.ts';

/** An opening tag as it stands in the text; equal markup is read once. */
interface Tag extends KnownTag {
  readonly opening: string;
  /** The tag that came next the last time: pages repeat themselves, so it is the likeliest now. */
  next: Tag | undefined;
  /** How often its content was read tag by tag. */
  times: number;
  /** How its content is likely to come again. */
  repeated: RepeatedElement | undefined;
}

// What a tag's content is learnt from: not from the only one, from few that differ, and from none that is large.
const firstLearnt = 2;
const lastLearnt = 5;
const longestLearnt = 4096;
const instruction = new RegExp(`<\\?${namePattern}(?=[ \\t\\r\\n]|\\?>)`, 'uy');
const slash = 0x2f;
const exclamationMark = 0x21;
const questionMark = 0x3f;

/**
 * Reads a document from its first character to its last, in one pass and without another parser's help.
 *
 * Everything is found by `indexOf` and by comparing slices, which engines run as machine code: a page of 1,000 keys takes about
 * a millisecond. Every search starts where the last one ended, so that the time grows with the text's length and no
 * faster, whatever the text.
 */
export function scanDocument(text: string, { rules, keepsNamespace, maximumDepth }: Reading): XmlObject {
  const open: string[] = [];
  const complain = complainer(text, () => open.join('.'));
  const tags = new Map<string, Tag>();
  let index = text.startsWith('\uFEFF') ? 1 : 0;
  let previous: Tag | undefined;
  // Where these are next: most texts hold none of them, and need not be looked at one by one.
  let nextReference = -1;
  let nextReturn = -1;
  let nextSectionEnd = -1;

  function find(what: string, from: number): number {
    const found = text.indexOf(what, from);
    return found < 0 ? text.length : found;
  }

  function endOf(what: string, from: number): number {
    const found = text.indexOf(what, from);
    if (found < 0) complain('unexpected-end', text.length, `the text ends before '${what}'`);
    return found;
  }

  /** What `text.startsWith` tells, in half the time (V8). */
  function stands(what: string, at: number): boolean {
    return text.slice(at, at + what.length) === what;
  }

  function readTag(): Tag {
    const likeliest = previous?.next;
    const tag = likeliest && stands(likeliest.opening, index) ? likeliest : findTag();
    if (previous) previous.next = tag;
    previous = tag;
    index += tag.opening.length;
    return tag;
  }

  function findTag(): Tag {
    const known = tags.get(text.slice(index, endOf('>', index) + 1));
    if (known) return known;
    const opened = readOpeningTag(text, index, complain);
    const opening = text.slice(index, opened.end);
    const { name, closed: isClosed } = opened;
    const key = keyOf(opened, keepsNamespace);
    const lists = rules(name);
    const closing = `</${name}>`;
    const tag = {
      name,
      key,
      isClosed,
      lists,
      opening,
      closing,
      next: undefined,
      times: 0,
      repeated: undefined,
    };
    tags.set(opening, tag);
    return tag;
  }

  /** Reads what is in an element, and its closing tag. */
  function readContent(tag: Tag): XmlValue {
    if (open.length >= maximumDepth) throw tooDeep(maximumDepth);
    if (tag.isClosed) return textValue('', tag.lists);
    const start = index;
    open.push(tag.name);
    let children: ElementContent | undefined;
    let content = readText(tag);
    while (text.charCodeAt(index + 1) !== slash) {
      const child = readTag();
      children ??= new ElementContent(tag.lists);
      children.add(child.name, child.key, readContent(child));
      readRun(child, children);
      content = readText(tag);
    }
    index = endOfClosing(tag);
    open.pop();
    if (children === undefined) return textValue(content, tag.lists);
    tag.times++;
    if (tag.times >= firstLearnt && tag.times <= lastLearnt && index - start <= longestLearnt)
      tag.repeated = learnElement(text.slice(start, index), tag, tags);
    return children.value();
  }

  /** Reads the elements that come again right behind one. */
  function readRun({ opening, name, key, repeated }: Tag, siblings: ElementContent): void {
    if (repeated === undefined || open.length + deepestRepeated >= maximumDepth) return;
    while (stands(opening, index)) {
      const start = index + opening.length;
      const found = repeated(text, start, referenceFrom(start));
      if (found === undefined) return;
      index = found.end;
      siblings.add(name, key, found.value);
    }
  }

  /** Returns the index behind the closing tag that must stand here. */
  function endOfClosing({ name, closing }: Tag): number {
    if (stands(closing, index)) return index + closing.length;
    endOf('>', index);
    const tag = readClosingTag(text, index);
    if (!tag) return complain('malformed-tag', index, `the closing tag of <${name}> is not well formed`);
    if (tag.name === name) return tag.end;
    return complain('mismatched-tag', index, `</${tag.name}> stands where </${name}> is due`);
  }

  /** Reads up to the next tag of an element; comments and instructions are no text, and CDATA sections are. */
  function readText(tag: Tag): string {
    let content = '';
    for (;;) {
      const start = index;
      index = find('<', start);
      if (index === text.length) complain('unexpected-end', index, `the text ends before </${tag.name}>`);
      if (index > start) content += readCharacters(start, index);
      if (!isAside()) return content;
      content += readAside();
    }
  }

  /** Where the first reference from an index on stands. */
  function referenceFrom(start: number): number {
    if (nextReference < start) nextReference = find('&', start);
    return nextReference;
  }

  function readCharacters(start: number, end: number): string {
    if (nextReturn < start) nextReturn = find('\r', start);
    if (nextSectionEnd < start) nextSectionEnd = find(']]>', start);
    if (nextSectionEnd < end) complain('stray-markup', nextSectionEnd, `']]>' may not stand here`);
    if (referenceFrom(start) < end || nextReturn < end) {
      return decodeText(text.slice(start, end), (at) =>
        complain('malformed-reference', start + at, malformedReference),
      );
    }
    return copyOf(text.slice(start, end));
  }

  /** Whether a `<` starts neither an opening nor a closing tag. */
  function isAside(): boolean {
    const mark = text.charCodeAt(index + 1);
    return mark === exclamationMark || mark === questionMark;
  }

  /** Reads a comment, an instruction or a CDATA section; returns its text, which only the last has. */
  function readAside(): string {
    const start = index;
    if (stands('<!--', start)) {
      index = endOf('-->', start + 4) + 3;
      return '';
    }
    if (stands('<![CDATA[', start)) {
      const end = endOf(']]>', start + 9);
      index = end + 3;
      return normalizeLineEnds(copyOf(text.slice(start + 9, end)));
    }
    if (stands('<!DOCTYPE', start)) complain('doctype', start, doctypeRefused);
    endOf('>', start);
    instruction.lastIndex = start;
    if (!instruction.test(text)) complain('malformed-tag', start, `'<' is not followed by a tag's name`);
    index = endOf('?>', instruction.lastIndex) + 2;
    return '';
  }

  /** Reads up to the next tag, or the end; only white space, comments and instructions may stand there. */
  function readOutside(): void {
    for (;;) {
      const start = index;
      index = find('<', start);
      const at = text.slice(start, index).search(/[^ \t\r\n]/);
      if (at >= 0 && (previous || index < text.length)) {
        complain('content-outside-root', start + at, 'there is text outside the root element');
      }
      if (!isAside()) break;
      if (stands('<![CDATA[', index)) {
        complain('content-outside-root', index, 'there is text outside the root element');
      }
      readAside();
    }
    if (stands('</', index)) complain('stray-markup', index, `'<' may not stand here`);
  }

  readOutside();
  if (index === text.length) complain('no-root', index, 'there is no element');
  const root = readTag();
  const document: XmlObject = {};
  define(document, root.key, readContent(root));
  readOutside();
  if (index < text.length) complain('content-outside-root', index, 'there is a second root element');
  return document;
}
