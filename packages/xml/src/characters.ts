import { XmlError } from './errors.ts';

/**
 * Everything outside the `Char` production: controls, lone surrogates, U+FFFE and U+FFFF. The `u` flag makes a
 * surrogate match only when it stands alone.
 * @see {@link https://www.w3.org/TR/xml/#charsets}
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that XML forbids
const illegalCharacter = /[\0-\x08\x0B\x0C\x0E-\x1F\uD800-\uDFFF\uFFFE\uFFFF]/u;

// A carriage return would be read as a line feed (XML 1.0, section 2.11). U+0085 and U+2028 are line ends for an
// XML 1.1 reader, and a line feed at an end is lost to readers that trim: AWS's own clients send all four so.
const textSpecial = /[&<>\r\n\x85\u2028]/g;
// White space in an attribute's value is read as a space (XML 1.0, section 3.3.3).
const attributeSpecial = /[&<>"\t\r\n]/g;

const namedReferences: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&apos;'],
]);
const namedCharacters: ReadonlyMap<string, string> = new Map(
  [...namedReferences].map(([character, reference]) => [reference, character]),
);

function escapeWith(special: RegExp, text: string): string {
  return text.replace(
    special,
    (character) =>
      namedReferences.get(character) ?? `&#x${character.charCodeAt(0).toString(16).toUpperCase()};`,
  );
}

/** Names the first character of a text that XML 1.0 cannot carry, as in `U+0001 (index 3)`. */
export function findIllegalCharacter(text: string): string | undefined {
  const found = illegalCharacter.exec(text);
  if (!found) return undefined;
  return `U+${found[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')} (index ${found.index})`;
}

/**
 * Makes a text safe as the content of a tag: `&`, `<` and `>` become entities, and line ends numeric references,
 * so that every XML reader gives back the very same text. Quotes stay as they are.
 *
 * @throws {XmlError} code `invalid-character`: the text holds a character that XML 1.0 cannot carry
 * @see {@link https://www.w3.org/TR/xml/#charsets}
 */
export function escapeText(text: string): string {
  const illegal = findIllegalCharacter(text);
  if (illegal) throw new XmlError('invalid-character', `XML 1.0 cannot carry the character ${illegal}`);
  return escapeWith(textSpecial, text);
}

/** Escapes an attribute's value, which `readOpeningTag` has checked, for between double quotes. */
export function escapeAttribute(value: string): string {
  return escapeWith(attributeSpecial, value);
}

const reference = '&(?:#(\\d+)|#x([0-9a-fA-F]+)|[a-z]+);|&';
const textEncoded = new RegExp(`\\r\\n?|${reference}`, 'g');
const attributeEncoded = new RegExp(`\\r\\n|[\\t\\r\\n]|${reference}`, 'g');

/** Called with the index of a `&` that starts no known reference. */
export type MalformedReference = (index: number) => never;

function decodeWith(encoded: RegExp, whiteSpace: string, raw: string, malformed: MalformedReference): string {
  return raw.replace(
    encoded,
    (match, decimal: string | undefined, hex: string | undefined, index: number) => {
      if (!match.startsWith('&')) return whiteSpace;
      const code = decimal ? Number.parseInt(decimal, 10) : hex ? Number.parseInt(hex, 16) : undefined;
      if (code === undefined) return namedCharacters.get(match) ?? malformed(index);
      const isSurrogate = code >= 0xd800 && code <= 0xdfff;
      return isSurrogate || code > 0x10ffff ? malformed(index) : String.fromCodePoint(code);
    },
  );
}

/**
 * Reads raw text as XML does: references become characters, and `\r\n` or a lone `\r` becomes `\n`.
 *
 * Numeric references to control characters are taken, although XML 1.0 forbids them: S3 writes `&#x1;` for a key
 * that holds such a character.
 */
export function decodeText(raw: string, malformed: MalformedReference): string {
  return decodeWith(textEncoded, '\n', raw, malformed);
}

/** The same for an attribute's value, where white space that is no reference becomes spaces. */
export function decodeAttribute(raw: string, malformed: MalformedReference): string {
  return decodeWith(attributeEncoded, ' ', raw, malformed);
}
