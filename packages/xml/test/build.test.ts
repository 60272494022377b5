import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import {
  buildXml,
  escapeText,
  isXmlError,
  tagName,
  type XmlBuildOptions,
  type XmlError,
  type XmlObject,
} from '../src/index.ts';

/** What `buildXml` throws for an object that it must refuse. */
function refusal(object: unknown, options?: XmlBuildOptions): XmlError {
  try {
    // The point of these tests is what the types do not let through.
    buildXml(object as XmlObject, options);
  } catch (error) {
    if (isXmlError(error)) return error;
    throw error;
  }
  throw new Error('buildXml took the object');
}

describe('buildXml', () => {
  test.each<[name: string, object: XmlObject, expected: string]>([
    [
      'the documented example',
      { 'a xmlns="foo"': [{ b1: { c1: 1 } }, { b2: { c2: 2 } }] },
      '<a xmlns="foo"><b1><c1>1</c1></b1><b2><c2>2</c2></b2></a>',
    ],
    ['properties in their order', { a: { z: '1', b: '2' } }, '<a><z>1</z><b>2</b></a>'],
    [
      'numbers, booleans and bigints as text',
      { a: { b: -1.5, c: true, d: 2n ** 70n } },
      '<a><b>-1.5</b><c>true</c><d>1180591620717411303424</d></a>',
    ],
    [
      'null, empty text, empty object and empty list as empty tags',
      { a: { b: null, c: '', d: {}, e: [] } },
      '<a><b/><c/><d/><e/></a>',
    ],
    ['undefined properties not at all', { a: { b: undefined, c: '1' }, z: undefined }, '<a><c>1</c></a>'],
    [
      'repeated tags as a list',
      { a: [{ b: '1' }, { c: '2' }, { b: '3' }] },
      '<a><b>1</b><c>2</c><b>3</b></a>',
    ],
    ['text escaped', { a: `<&>"'` }, `<a>&lt;&amp;&gt;"'</a>`],
    ['line ends as references', { a: '\r\n\t\x85\u2028' }, '<a>&#xD;&#xA;\t&#x85;&#x2028;</a>'],
    ['characters beyond the basic plane', { a: '\u{1F600}' }, '<a>\u{1F600}</a>'],
    [
      'attributes in their normal form',
      { 'a  b = \'"1\'\tc="&amp;>"': '' },
      '<a b="&quot;1" c="&amp;&gt;"/>',
    ],
    ['objects without a prototype', { a: Object.assign(Object.create(null), { b: '1' }) }, '<a><b>1</b></a>'],
    ['objects of another realm', runInNewContext('({ a: { b: "1" } })'), '<a><b>1</b></a>'],
    ['__proto__ like any other', JSON.parse('{"a":{"__proto__":"1"}}'), '<a><__proto__>1</__proto__></a>'],
  ])('writes %s', (_name, object, expected) => {
    expect(buildXml(object)).toBe(expected);
  });

  test('writes the same object twice, since that is no circle', () => {
    const owner = { ID: '1' };
    expect(buildXml({ a: { b: owner, c: owner } })).toBe('<a><b><ID>1</ID></b><c><ID>1</ID></c></a>');
  });

  test('writes an array under a listed tag as that many tags', () => {
    const object = { a: { B: ['1', { c: '2' }, [{ d: '3' }, { d: '4' }], null] } };
    const expected = '<a><B>1</B><B><c>2</c></B><B><d>3</d><d>4</d></B><B/></a>';
    expect(buildXml(object, { lists: ['B'] })).toBe(expected);
    expect(buildXml(object, { lists: ['a/B'] })).toBe(expected);
    expect(refusal(object, { lists: ['x/B'] })).toMatchObject({ code: 'invalid-value', path: 'a.B[0]' });
  });

  test('writes a listed tag without an array once, and an empty array not at all', () => {
    expect(buildXml({ a: { B: '1', C: [] } }, { lists: ['B', 'C'] })).toBe('<a><B>1</B></a>');
    expect(buildXml({ a: { B: [] } }, { lists: ['a/B'] })).toBe('<a/>');
  });

  test('writes a declaration when asked', () => {
    expect(buildXml({ a: '' }, { declaration: true })).toBe('<?xml version="1.0" encoding="UTF-8"?>\n<a/>');
  });
});

describe('an object that cannot be XML', () => {
  const circle: XmlObject = {};
  circle['b'] = { c: circle };
  const loop: XmlObject[] = [];
  loop.push({ b: loop });

  test.each<[name: string, object: unknown, code: string, path: string | undefined]>([
    ['no root', {}, 'invalid-root', undefined],
    ['two roots', { a: '', b: '' }, 'invalid-root', undefined],
    ['a list as the document', [{ a: '' }], 'invalid-root', undefined],
    ['no object', 'a', 'invalid-root', undefined],
    ['nothing', undefined, 'invalid-root', undefined],
    ['NaN', { a: { b: Number.NaN } }, 'invalid-value', 'a.b'],
    ['infinity', { a: Number.POSITIVE_INFINITY }, 'invalid-value', 'a'],
    ['a function', { a: { b: () => 1 } }, 'invalid-value', 'a.b'],
    ['a symbol', { a: Symbol('x') }, 'invalid-value', 'a'],
    ['a date', { a: { b: new Date(0) } }, 'invalid-value', 'a.b'],
    ['a map', { a: new Map([['b', '1']]) }, 'invalid-value', 'a'],
    ['bytes', { a: new Uint8Array(1) }, 'invalid-value', 'a'],
    ['undefined in a listed array', { a: { Tag: ['1', undefined] } }, 'invalid-value', 'a.Tag[1]'],
    ['a list of texts', { a: { b: ['1'] } }, 'invalid-value', 'a.b[0]'],
    ['a list item with two keys', { a: [{ b: '1' }, { c: '2', d: '3' }] }, 'invalid-value', 'a[1]'],
    ['a list item without a key', { a: [{}] }, 'invalid-value', 'a[0]'],
    [
      'a fault below a list',
      { Tagging: { TagSet: { Tag: [{}, { Value: () => 1 }] } } },
      'invalid-value',
      'Tagging.TagSet.Tag[1].Value',
    ],
    ['a fault below a documented list', { a: [{ b: '' }, { c: Number.NaN }] }, 'invalid-value', 'a[1].c'],
    ['a control character', { a: { b: 'x\x01' } }, 'invalid-character', 'a.b'],
    ['a lone surrogate', { a: '\uD800' }, 'invalid-character', 'a'],
    ['a noncharacter', { a: '\uFFFF' }, 'invalid-character', 'a'],
    ['a control character in an attribute', { 'a b="\x01"': '' }, 'invalid-key', ''],
    ['an empty key', { '': '' }, 'invalid-key', ''],
    ['two tags in a key', { 'a><b': '' }, 'invalid-key', ''],
    ['a closed tag in a key', { 'a/': '' }, 'invalid-key', ''],
    ['a comment in a key', { '!-- a --': '' }, 'invalid-key', ''],
    ['an instruction in a key', { '?xml version="1.0"?': '' }, 'invalid-key', ''],
    ['a space before the name', { ' a': '' }, 'invalid-key', ''],
    ['a digit as the first character', { a: { '1': '' } }, 'invalid-key', 'a'],
    ['an attribute without quotes', { 'a b=1': '' }, 'invalid-key', ''],
    ['an attribute that ends the tag', { 'a b="1"><c d="2"': '' }, 'invalid-key', ''],
    ['an attribute with a bare &', { 'a b="&"': '' }, 'invalid-key', ''],
    ['an attribute twice', { 'a b="1" b="1"': '' }, 'invalid-key', ''],
    ['an object in itself', { a: circle }, 'circular', 'a.b.c'],
    ['a list in itself', { a: loop }, 'circular', 'a[0].b'],
  ])('%s is refused, with the path', (_name, object, code, path) => {
    expect(refusal(object, { lists: ['Tag'] })).toMatchObject({ code, path });
  });

  test('nesting is bounded', () => {
    const object: XmlObject = {};
    let inner = object;
    for (let depth = 1; depth < 65; depth++) {
      const next: XmlObject = {};
      inner['a'] = next;
      inner = next;
    }
    expect(buildXml(object)).toBe(`${'<a>'.repeat(63)}<a/>${'</a>'.repeat(63)}`);
    inner['a'] = '';
    expect(refusal(object).code).toBe('too-deep');
    expect(() => buildXml(object, { maximumDepth: 65 })).not.toThrow();
  });

  test('an error does not show the value', () => {
    const error = refusal({ a: { SecretAccessKey: 'wJalrXUtnFEMI\x00' } });
    expect(error.message).toBe('XML 1.0 cannot carry the character U+0000 (index 13) (in a.SecretAccessKey)');
  });
});

test('escapeText refuses what XML cannot carry', () => {
  expect(escapeText('a & b')).toBe('a &amp; b');
  expect(() => escapeText('\x1F')).toThrow('U+001F');
});

test('tagName is the name in a key', () => {
  expect(tagName('Grantee xmlns:xsi="x" xsi:type="Group"')).toBe('Grantee');
  expect(tagName('Key')).toBe('Key');
});
