import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isXmlError, type XmlObject, type XmlValue } from '../src/index.ts';
import { readKey } from './keys.ts';
import { type OtherElement, parseWithOther } from './other-parser.ts';
import { readers } from './readers.ts';

/** Pieces of markup, whole and broken, that make something close to XML in any order. */
const piece = fc.constantFrom(
  ...[
    '<a>',
    '</a>',
    '<b>',
    '</b>',
    '<a/>',
    '<b c="1">',
    "<b c='&lt;\n>'/>",
    '</a >',
    '<a',
    '</',
    '<',
    '>',
    '/>',
    '/',
  ],
  ...[
    '"',
    "'",
    '=',
    ' c="1"',
    ' c=1',
    ' ',
    '\n',
    '\r\n',
    '\t',
    'x',
    'é',
    '1',
    ']',
    ']]>',
    '&',
    ';',
    '#',
    '&amp;',
    '&#65;',
  ],
  ...['&#x41;', '&#xD800;', '&nbsp;', '<!--', ' x ', '-->', '<![CDATA[', '<?p', '?>', '<!', '!', '?'],
);
const soup = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
const insideRoot = soup.map((text) => `<r>${text}</r>`);

function toElements(content: XmlValue): OtherElement[] {
  if (Array.isArray(content)) return content.flatMap(toElements);
  // What is neither text nor list is an object, in all that `parseXml` gives.
  return Object.entries(content as XmlObject).map(([key, value]) => ({
    ...readKey(key),
    content: typeof value === 'string' ? value : toElements(value),
  }));
}

function theirs(text: string): OtherElement | undefined {
  try {
    return parseWithOther(text);
  } catch {
    return undefined;
  }
}

/** Where we differ by intent or by fast-xml-parser, as the README says. */
function isOurDifference(text: string): boolean {
  const comments = [...text.matchAll(/<!--([\s\S]*?)-->/g)];
  return (
    // `--` in a comment harms nobody.
    comments.some(([, inside = '']) => inside.includes('--') || inside.endsWith('-')) ||
    // fast-xml-parser looks for quotes in processing instructions.
    /<\?(?:(?!\?>)[\s\S])*["']/.test(text)
  );
}

describe.each(readers)('%s', (_entry, parseXml) => {
  function ours(text: string): OtherElement | undefined {
    try {
      return toElements(parseXml(text))[0];
    } catch (error) {
      if (isXmlError(error)) return undefined;
      throw error;
    }
  }

  test.each([
    ['any pieces', soup],
    ['any pieces in a root', insideRoot],
  ])('%s: what is well formed, and what it says, is as another parser sees it', (_name, texts) => {
    let accepted = 0;
    fc.assert(
      fc.property(texts, (text) => {
        fc.pre(!isOurDifference(text));
        const expected = theirs(text);
        expect(ours(text)).toEqual(expected);
        if (expected) accepted++;
      }),
      { numRuns: 10_000 },
    );
    // Otherwise this would only show that both refuse everything.
    expect(accepted).toBeGreaterThan(20);
  });
});
