import { describe, expect, test } from 'vitest';
import { isXmlError, type XmlError, type XmlParseOptions } from '../src/index.ts';
import { readers } from './readers.ts';

describe.each(readers)('%s', (_entry, parseXml) => {
  /** What `parseXml` throws for a text that it must refuse. */
  function refusal(text: string, options?: XmlParseOptions): XmlError {
    try {
      parseXml(text, options);
    } catch (error) {
      if (isXmlError(error)) return error;
      throw error;
    }
    throw new Error(`parseXml took ${JSON.stringify(text)}`);
  }

  describe('values', () => {
    test.each<[name: string, text: string, expected: unknown]>([
      ['text is a string, exactly as written', '<a> 007 \t</a>', { a: ' 007 \t' }],
      ['white space alone is text too', '<a> \n </a>', { a: ' \n ' }],
      ['an empty tag is the empty string', '<a><b/><c></c></a>', { a: { b: '', c: '' } }],
      ['numbers and booleans stay text', '<a><b>1e3</b><c>true</c></a>', { a: { b: '1e3', c: 'true' } }],
      [
        'white space between tags is dropped',
        '<a>\n  <b>1</b>\r\n\t<c>2</c>\n</a>',
        { a: { b: '1', c: '2' } },
      ],
      ['text beside tags is dropped', '<a>x<b>1</b><![CDATA[y]]></a>', { a: { b: '1' } }],
      ['the five entities', '<a>&lt;&gt;&amp;&quot;&apos;</a>', { a: `<>&"'` }],
      ['an entity is decoded once', '<a>&amp;lt;</a>', { a: '&lt;' }],
      ['decimal and hexadecimal references', '<a>&#65;&#x42;&#x1F600;&#13;</a>', { a: 'AB\u{1F600}\r' }],
      ['references to control characters, as S3 sends them', '<a>&#x1;&#x0;</a>', { a: '\x01\0' }],
      ['a control character as it is', '<a>\x01</a>', { a: '\x01' }],
      ['line ends are line feeds', '<a>1\r\n2\r3\n4</a>', { a: '1\n2\n3\n4' }],
      ['CDATA is text as it stands', '<a>1<![CDATA[<b>&lt;\r\n]]]>]]&gt;</a>', { a: '1<b>&lt;\n]]]>' }],
      ['comments and instructions are left out', '<a>1<!-- <b> & -->2<?p <c> ?>3</a>', { a: '123' }],
      [
        'names that are members of every object',
        '<constructor><toString>1</toString></constructor>',
        { constructor: { toString: '1' } },
      ],
      [
        'names of other alphabets',
        '<clé><日本>1</日本><\u{10000}/></clé>',
        { clé: { 日本: '1', '\u{10000}': '' } },
      ],
      [
        'a byte order mark and white space before the declaration',
        '\uFEFF \r\n<?xml version="1.0"?>\n<a/>\n',
        { a: '' },
      ],
      ['comments around the root', '<!-- 1 --><a/><!-- 2 -->\n', { a: '' }],
    ])('%s', (_name, text, expected) => {
      expect(parseXml(text)).toEqual(expected);
    });

    test('__proto__ is data like any other', () => {
      const parsed = parseXml('<__proto__><__proto__>1</__proto__></__proto__>');
      expect(Object.keys(parsed)).toEqual(['__proto__']);
      expect(JSON.stringify(parsed)).toBe('{"__proto__":{"__proto__":"1"}}');
      expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
      expect(({} as Record<string, unknown>)['1']).toBeUndefined();
    });

    test('two thousand entities in one page are decoded', () => {
      const tags = '<ETag>&quot;x&quot;</ETag>'.repeat(1000);
      expect(parseXml(`<a>${tags}</a>`, { lists: ['ETag'] })).toEqual({
        a: { ETag: Array(1000).fill('"x"') },
      });
    });

    test('two hundred thousand characters of references are decoded', () => {
      expect(parseXml(`<a>${'&amp;'.repeat(200_000)}</a>`)).toEqual({ a: '&'.repeat(200_000) });
    });
  });

  describe('repeated tags and lists', () => {
    test('tags that repeat make the documented list', () => {
      expect(parseXml('<a><b>1</b><n>x</n><b>2</b></a>')).toEqual({
        a: [{ b: '1' }, { n: 'x' }, { b: '2' }],
      });
    });

    test('tags with other attributes repeat too', () => {
      expect(parseXml('<a><b x="1"/><b/></a>')).toEqual({ a: [{ 'b x="1"': '' }, { b: '' }] });
    });

    test.each<[name: string, text: string, expected: unknown]>([
      ['many', '<r><B>1</B><n/><B>2</B></r>', { r: { B: ['1', '2'], n: '' } }],
      ['one', '<r><B>1</B></r>', { r: { B: ['1'] } }],
      ['none', '<r><n/></r>', { r: { n: '' } }],
      ['none at all', '<r/>', { r: '' }],
      [
        'beside tags that repeat',
        '<r><B>1</B><n>1</n><B>2</B><n>2</n></r>',
        { r: [{ B: ['1', '2'] }, { n: '1' }, { n: '2' }] },
      ],
      ['as the root', '<B><B>1</B></B>', { B: { B: ['1'] } }],
    ])('a listed name is an array: %s', (_name, text, expected) => {
      expect(parseXml(text, { lists: ['B'] })).toEqual(expected);
    });

    test.each<[name: string, text: string, expected: unknown]>([
      ['one', '<R><Bs><B>1</B></Bs></R>', { R: { Bs: { B: ['1'] } } }],
      ['none', '<R><Bs></Bs></R>', { R: { Bs: { B: [] } } }],
      ['none, pretty printed', '<R>\n <Bs>\n </Bs>\n</R>', { R: { Bs: { B: [] } } }],
      ['none beside others', '<R><Bs><C/></Bs></R>', { R: { Bs: { C: '', B: [] } } }],
      ['none beside tags that repeat', '<Bs><C/><C/></Bs>', { Bs: [{ C: '' }, { C: '' }, { B: [] }] }],
      ['no parent', '<R/>', { R: '' }],
      ['another parent', '<R><B/></R>', { R: { B: '' } }],
      ['text in the parent', '<Bs>x</Bs>', { Bs: 'x' }],
    ])('a listed pair is an array where its parent is: %s', (_name, text, expected) => {
      expect(parseXml(text, { lists: ['Bs/B'] })).toEqual(expected);
    });

    test.each(['', '/', 'a/', '/b', 'a/b/c'])(
      'an entry that is neither name nor pair is refused: %j',
      (entry) => {
        expect(() => parseXml('<a/>', { lists: [entry] })).toThrow(TypeError);
      },
    );
  });

  describe('attributes', () => {
    const grantee = `<Grantee\n  xmlns='http://s3/'   xmlns:xsi = "http://www.w3.org/2001/XMLSchema-instance"\txsi:type="Group" />`;

    test('are part of the key, in a normal form', () => {
      expect(Object.keys(parseXml(grantee))).toEqual([
        'Grantee xmlns="http://s3/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Group"',
      ]);
    });

    test('can be kept without the default namespace', () => {
      expect(Object.keys(parseXml(grantee, { attributes: 'drop-default-namespace' }))).toEqual([
        'Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Group"',
      ]);
    });

    test('have their references read and written again, and white space as spaces', () => {
      expect(parseXml(`<a b='"&lt;&#x41;&apos;>' c="1\r\n2&#10;3\t4"/>`)).toEqual({
        [`a b="&quot;&lt;A'&gt;" c="1 2&#xA;3 4"`]: '',
      });
    });
  });

  describe('malformed texts', () => {
    test.each<[text: string, code: string, offset: number]>([
      ['', 'no-root', 0],
      [' \n', 'no-root', 2],
      ['Forbidden', 'no-root', 9],
      ['<?xml version="1.0"?>', 'no-root', 21],
      ['<a>', 'unexpected-end', 3],
      ['<a><b>1</b>', 'unexpected-end', 11],
      ['<a><b>1</b></a', 'unexpected-end', 14],
      ['<a><b', 'unexpected-end', 5],
      ['<a b="', 'unexpected-end', 6],
      ['<a>abc&am', 'unexpected-end', 9],
      ['<a><!-- 1 --', 'unexpected-end', 12],
      ['<a/><!-- 1', 'unexpected-end', 10],
      ['<a><![CDATA[1]]', 'unexpected-end', 15],
      ['<a></b>', 'mismatched-tag', 3],
      ['<a><b></a></b>', 'mismatched-tag', 6],
      ['<a></A>', 'mismatched-tag', 3],
      ['<a/><b/>', 'content-outside-root', 4],
      ['<a></a><b></b>', 'content-outside-root', 7],
      ['<a/> junk', 'content-outside-root', 5],
      ['junk <a/>', 'content-outside-root', 0],
      ['<a/> <![CDATA[1]]>', 'content-outside-root', 5],
      ['<a/></a>', 'stray-markup', 4],
      ['</a><a/>', 'stray-markup', 0],
      ['<a>1]]>2</a>', 'stray-markup', 4],
      ['<a b=1/>', 'malformed-tag', 2],
      ['<a b/>', 'malformed-tag', 2],
      ['<a b="1"c="2"/>', 'malformed-tag', 8],
      ['<a b="1" b="2"/>', 'malformed-tag', 8],
      ['<a b="<"/>', 'malformed-tag', 2],
      ['<a = b="1"/>', 'malformed-tag', 2],
      ['<a><b/ ></a>', 'malformed-tag', 5],
      ['<a></a b="1">', 'malformed-tag', 3],
      ['<a></ a>', 'malformed-tag', 3],
      ['<a>1 < 2</a>', 'malformed-tag', 5],
      ['<a><1/></a>', 'malformed-tag', 3],
      ['<a><></></a>', 'malformed-tag', 3],
      ['<a><!ELEMENT b></a>', 'malformed-tag', 3],
      ['<a>1 & 2</a>', 'malformed-reference', 5],
      ['<a>&lt</a>', 'malformed-reference', 3],
      ['<a>&nbsp;</a>', 'malformed-reference', 3],
      ['<a>&constructor;</a>', 'malformed-reference', 3],
      ['<a>&#xD800;</a>', 'malformed-reference', 3],
      ['<a>&#x110000;</a>', 'malformed-reference', 3],
      ['<a>&#99999999999999999999;</a>', 'malformed-reference', 3],
      ['<a>&#;</a>', 'malformed-reference', 3],
      ['<a>&#xG;</a>', 'malformed-reference', 3],
      ['<a b="1&2"/>', 'malformed-reference', 7],
      ['<a b="&#x1;"/>', 'invalid-character', 6],
      ['<!DOCTYPE a><a/>', 'doctype', 0],
      ['<!DOCTYPE a [<!ENTITY b "1">]><a>&b;</a>', 'doctype', 0],
      ['<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', 'doctype', 0],
      ['<a><!DOCTYPE b></a>', 'doctype', 3],
      ['<a/><!DOCTYPE b', 'doctype', 4],
    ])('%j is refused: %s at %i', (text, code, offset) => {
      expect(refusal(text)).toMatchObject({ name: 'XmlError', code, offset });
    });

    test('an error says where, and shows the markup at the fault', () => {
      const error = refusal('<Tagging>\r\n  <TagSet>\r\n    <Tag></Tgo>\r\n');
      expect(error).toMatchObject({
        path: 'Tagging.TagSet.Tag',
        line: 3,
        column: 10,
        offset: 32,
        excerpt: '</Tgo>',
      });
      expect(error.message).toBe(
        '</Tgo> stands where </Tag> is due (line 3, column 10, in Tagging.TagSet.Tag): "</Tgo>"',
      );
    });

    test.each([
      '<a><SecretAccessKey>wJalrXUtnFEMI',
      '<a><SecretAccessKey x>wJalrXUtnFEMI</SecretAccessKey></a>',
      '<a><SecretAccessKey>wJalrXUtnFEMI</SecretKey></a>',
      '<a><SecretAccessKey>wJalrXUtnFEMI]]></SecretAccessKey></a>',
    ])('an error does not show the text of an element: %s', (text) => {
      expect(JSON.stringify([refusal(text), refusal(text).message])).not.toContain('wJalr');
    });
  });

  describe('bounds', () => {
    const nested = (depth: number): string => '<a>'.repeat(depth) + '</a>'.repeat(depth);

    test('64 levels are taken, 65 are not, unless asked for', () => {
      expect(() => parseXml(nested(64))).not.toThrow();
      expect(refusal(nested(65)).code).toBe('too-deep');
      expect(() => parseXml(nested(65), { maximumDepth: 65 })).not.toThrow();
      expect(() => parseXml(nested(1000), { maximumDepth: 1000 })).not.toThrow();
    });

    test('an empty tag counts as a level', () => {
      expect(refusal('<a><b/></a>', { maximumDepth: 1 }).code).toBe('too-deep');
    });

    test('a hundred thousand open tags are refused quickly', () => {
      const start = performance.now();
      expect(refusal('<a>'.repeat(100_000)).code).toBe('too-deep');
      expect(performance.now() - start).toBeLessThan(1000);
    });

    test('a text may be as long as maximumSize', () => {
      expect(() => parseXml('<a>1</a>', { maximumSize: 8 })).not.toThrow();
      expect(refusal('<a>1</a>', { maximumSize: 7 }).code).toBe('too-large');
    });

    test.each([0, -1, 1.5, Number.NaN, 1001])('a maximumDepth of %d is refused', (maximumDepth) => {
      expect(() => parseXml('<a/>', { maximumDepth })).toThrow(RangeError);
    });
  });

  test('arguments of the wrong kind are named', () => {
    expect(() => parseXml(undefined as never)).toThrow(new TypeError('text must be a string, not undefined'));
    expect(() => parseXml('<a/>', { attributes: 'none' as never })).toThrow(/attributes must be/);
  });

  test('isXmlError knows its own and no others', () => {
    expect(isXmlError(refusal(''))).toBe(true);
    // An error of another copy of the package has the same registered symbol, and another class.
    expect(isXmlError(Object.assign(new Error('no'), { [Symbol.for('s3kit.XmlError')]: true }))).toBe(true);
    expect(isXmlError(new Error('no'))).toBe(false);
    expect(isXmlError({ name: 'XmlError' })).toBe(false);
    expect(isXmlError(null)).toBe(false);
  });
});
