import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildXml, parseXml, tagName, type XmlObject, type XmlValue } from '../src/index.ts';

type Entry = readonly [key: string, value: XmlValue];

const legalText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\r',
        '\n',
        '\t',
        '&',
        '<',
        '>',
        ']]>',
        '"',
        "'",
        '&amp;',
        '\x85',
        '\u2028',
        ' ',
        '\u{1F600}',
      ),
      fc
        .string({ unit: 'binary' })
        .map((text) => text.replace(/[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')),
    ),
  )
  .map((parts) => parts.join(''));

const name = fc.constantFrom('a', 'b', 'Key', 'x:y', 'ns-1.é', '__proto__', 'constructor', 'toString');
const attributes = fc.constantFrom('', '', ' xmlns="foo"', ' xmlns:x="1" x:y="&quot;&lt;&#xA; \'"');
const key = fc.tuple(name, attributes).map((parts) => parts.join(''));

const object = (entries: readonly Entry[]): XmlObject => Object.fromEntries(entries);
const list = (entries: readonly Entry[]): XmlObject[] => entries.map((entry) => object([entry]));
const byName = { selector: (entry: Entry) => tagName(entry[0]), minLength: 1, maxLength: 4 };

/** Objects as `parseXml` gives them: a list where, and only where, tag names repeat. */
function canonical(depth: number): fc.Arbitrary<XmlValue> {
  if (depth === 0) return legalText;
  const entry = fc.tuple(key, canonical(depth - 1));
  return fc.oneof(
    legalText,
    fc.uniqueArray(entry, byName).map(object),
    fc
      .tuple(fc.array(entry, { maxLength: 3 }), entry, canonical(depth - 1))
      .map(([entries, twice, value]) => list([...entries, twice, [twice[0], value]])),
  );
}

/** The same with lists: `L` is one everywhere, `M` below `P`, where it is never missing. */
function canonicalWithLists(depth: number): fc.Arbitrary<XmlValue> {
  if (depth === 0) return legalText;
  const value = canonicalWithLists(depth - 1);
  const other: fc.Arbitrary<Entry> = fc.tuple(key, value);
  const L: fc.Arbitrary<Entry> = fc.tuple(fc.constant('L'), fc.array(value, { minLength: 1, maxLength: 3 }));
  const P: fc.Arbitrary<Entry> = fc.tuple(
    fc.constant('P'),
    fc
      .array(value, { maxLength: 3 })
      .chain((M) =>
        fc.uniqueArray(fc.oneof(other, L), byName).map((entries) => object([...entries, ['M', M]])),
      ),
  );
  const M: fc.Arbitrary<Entry> = fc.tuple(fc.constant('M'), value);
  return fc.oneof(legalText, fc.uniqueArray(fc.oneof(other, L, P, M), byName).map(object));
}

// JSON shows the order of the keys and an own __proto__, both of which `toEqual` overlooks.
test('parse(build(x)) is x', () => {
  fc.assert(
    fc.property(key, canonical(3), (root, value) => {
      const document = object([[root, value]]);
      expect(JSON.stringify(parseXml(buildXml(document)))).toBe(JSON.stringify(document));
    }),
    { numRuns: 500 },
  );
});

test('parse(build(x)) is x, with lists', () => {
  const lists = ['L', 'P/M'];
  fc.assert(
    fc.property(key, canonicalWithLists(3), (root, value) => {
      const document = object([[root, value]]);
      expect(JSON.stringify(parseXml(buildXml(document, { lists }), { lists }))).toBe(
        JSON.stringify(document),
      );
    }),
    { numRuns: 500 },
  );
});
