import { decodeAttribute, escapeAttribute, findIllegalCharacter } from './characters.ts';
import type { Complain } from './faults.ts';

// https://www.w3.org/TR/xml/#NT-Name
const nameStart =
  ':A-Z_a-z\\u{C0}-\\u{D6}\\u{D8}-\\u{F6}\\u{F8}-\\u{2FF}\\u{370}-\\u{37D}\\u{37F}-\\u{1FFF}\\u{200C}\\u{200D}' +
  '\\u{2070}-\\u{218F}\\u{2C00}-\\u{2FEF}\\u{3001}-\\u{D7FF}\\u{F900}-\\u{FDCF}\\u{FDF0}-\\u{FFFD}\\u{10000}-\\u{EFFFF}';
/** The `Name` production, for a regular expression with the `u` flag. */
export const namePattern: string = `[${nameStart}][${nameStart}\\-.0-9\\u{B7}\\u{300}-\\u{36F}\\u{203F}\\u{2040}]*`;

const tagStart = new RegExp(`<(${namePattern})`, 'uy');
const attribute = new RegExp(
  `[ \\t\\r\\n]+(${namePattern})[ \\t\\r\\n]*=[ \\t\\r\\n]*(?:"([^"<]*)"|'([^'<]*)')`,
  'uy',
);
const tagEnd = /[ \t\r\n]*(\/?)>/y;
const closing = new RegExp(`</(${namePattern})[ \\t\\r\\n]*>`, 'uy');

/** A tag as it was opened. */
export interface OpeningTag {
  name: string;
  /** In document order, decoded. */
  attributes: ReadonlyMap<string, string>;
  /** Whether it closes itself (`<a/>`). */
  closed: boolean;
  /** Index behind the `>`. */
  end: number;
}

/** Reads the opening tag that starts at an index of the text. */
export function readOpeningTag(text: string, start: number, complain: Complain): OpeningTag {
  tagStart.lastIndex = start;
  const opened = tagStart.exec(text)?.[1];
  if (opened === undefined) return complain('malformed-tag', start, `'<' is not followed by a tag's name`);

  const attributes = new Map<string, string>();
  let index = tagStart.lastIndex;
  for (;;) {
    attribute.lastIndex = index;
    const match = attribute.exec(text);
    if (!match) break;
    const [whole, attributeName = '', inDoubleQuotes, inSingleQuotes = ''] = match;
    if (attributes.has(attributeName)) {
      return complain('malformed-tag', index, `attribute ${attributeName} of <${opened}> is there twice`);
    }
    const raw = inDoubleQuotes ?? inSingleQuotes;
    const valueStart = index + whole.length - raw.length - 1;
    const value = decodeAttribute(raw, (at) =>
      complain(
        'malformed-reference',
        valueStart + at,
        `a '&' in attribute ${attributeName} starts no known reference`,
      ),
    );
    const illegal = findIllegalCharacter(value);
    if (illegal) {
      return complain(
        'invalid-character',
        valueStart,
        `attribute ${attributeName} may not hold the character ${illegal}`,
      );
    }
    attributes.set(attributeName, value);
    index = attribute.lastIndex;
  }

  tagEnd.lastIndex = index;
  const end = tagEnd.exec(text);
  if (!end) return complain('malformed-tag', index, `<${opened}> is not well formed here`);
  return { name: opened, attributes, closed: end[1] === '/', end: tagEnd.lastIndex };
}

/** Reads the closing tag that starts at an index of the text: its name and the index behind it. */
export function readClosingTag(text: string, start: number): { name: string; end: number } | undefined {
  closing.lastIndex = start;
  const closed = closing.exec(text)?.[1];
  return closed === undefined ? undefined : { name: closed, end: closing.lastIndex };
}

/** The opening text of a tag in its normal form: single spaces, double quotes, escaped values. */
export function openingText(tag: OpeningTag): string {
  const attributes = Array.from(tag.attributes, ([key, value]) => ` ${key}="${escapeAttribute(value)}"`);
  return tag.name + attributes.join('');
}

/** The key of an element: its opening text, with or without its default namespace. */
export function keyOf(tag: OpeningTag, keepsNamespace: boolean): string {
  if (keepsNamespace || !tag.attributes.has('xmlns')) return openingText(tag);
  return openingText({
    ...tag,
    attributes: new Map([...tag.attributes].filter(([name]) => name !== 'xmlns')),
  });
}

/**
 * The tag's name in a key, which is a tag's opening text: `'Grantee xsi:type="Group"'` has the name `'Grantee'`.
 */
export function tagName(key: string): string {
  return key.split(/[ \t\r\n]/, 1)[0] ?? key;
}
