import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as full from '../src/index.ts';
import * as light from '../src/light.ts';

type Outcome = { read: string } | { refused: string };

function outcome(parseXml: typeof full.parseXml, text: string, options?: full.XmlParseOptions): Outcome {
  try {
    // JSON shows the order of the keys and an own __proto__, both of which `toEqual` overlooks.
    return { read: JSON.stringify(parseXml(text, options)) };
  } catch (error) {
    if (full.isXmlError(error)) return { refused: error.code };
    throw error;
  }
}

/** Both read the same, or both refuse; a text with two faults may be refused for either. */
function expectAgreement(text: string, options?: full.XmlParseOptions): Outcome {
  const ours = outcome(light.parseXml, text, options);
  const theirs = outcome(full.parseXml, text, options);
  if ('read' in ours || 'read' in theirs) expect(ours).toEqual(theirs);
  return ours;
}

/** fast-xml-parser looks for quotes in processing instructions, and refuses one that is not paired. */
function hasQuoteInInstruction(text: string): boolean {
  const withoutDeclarations = text.replace(/<\?xml version="1.0"(?: encoding="[\w-]+")? *\?>/gi, '');
  return /<\?(?:(?!\?>)[\s\S])*["']/.test(withoutDeclarations);
}

// The files hold texts under these names; every test below would fail otherwise.
const load = (file: string): string => readFileSync(new URL(`./vectors/${file}`, import.meta.url), 'utf8');
const documents: string[] = ['s3-xml.json', 's3-response-parsing.json', 'restxml-protocol.json'].flatMap(
  (file) => {
    const found: string[] = [];
    JSON.parse(load(file), (key, value: unknown) => {
      if (key === 'body' && typeof value === 'string' && value.includes('<')) found.push(value);
      return value;
    });
    return found;
  },
);

const lists = ['Contents', 'L', 'P/L', 'P/M', 'TagSet/Tag', 'Buckets/Bucket', 'CommonPrefixes'];
const optionSets: full.XmlParseOptions[] = [
  {},
  { lists },
  { lists, attributes: 'drop-default-namespace' },
  { maximumDepth: 3 },
];

test('both entries export the same names', () => {
  expect(new Set(Object.keys(light))).toEqual(new Set(Object.keys(full)));
});

describe('what the small reader reads is what the one on fast-xml-parser reads', () => {
  test('in every document of the vectors', () => {
    expect(documents.length).toBeGreaterThan(80);
    for (const text of documents) for (const options of optionSets) expectAgreement(text, options);
  });

  const space = fc.constantFrom('', '', ' ', '\n  ', '\r\n\t');
  const name = fc.constantFrom(
    'a',
    'b',
    'Key',
    'L',
    'M',
    'P',
    'P',
    'x:y-1.é',
    '日本',
    '__proto__',
    'constructor',
  );
  const text = fc
    .array(
      fc.oneof(
        fc.constantFrom('&amp;', '&#x1;', '&#128512;', '&quot;', ']', ']]', '\r\n', '\r', ' ', '\x01', '>'),
        fc.constantFrom('<!-- <a> & -->', '<![CDATA[]]>', '<![CDATA[<b>&amp;\r\n]]]>', '<?p <c> ?>'),
        fc.constantFrom('x', '00012', 'an owner of many characters', 'é', '日本', '\u{1F600}'),
        fc.string().map((each) => each.replace(/[<&>]/g, '')),
      ),
      { maxLength: 5 },
    )
    .map((pieces) => pieces.join(''));
  const attributes = fc.constantFrom(
    ...['', '', '', ' xmlns="u"', " x='1'", '\n x = "&lt;>" y="2"', ' xmlns="u" xmlns:x="v" x:y="\'"', ' '],
  );
  const tag = (content: fc.Arbitrary<string>): fc.Arbitrary<string> =>
    fc
      .tuple(name, attributes, content, space)
      .map(([tagName, rest, inside, end]) =>
        inside === '' && end === ''
          ? `<${tagName}${rest}/>`
          : `<${tagName}${rest}>${inside}</${tagName}${end}>`,
      );
  const element = (depth: number): fc.Arbitrary<string> =>
    depth === 0
      ? tag(text)
      : tag(
          fc.oneof(
            text,
            fc
              .array(fc.tuple(space, element(depth - 1), fc.oneof(space, text)), { maxLength: 5 })
              .map((parts) => parts.flat().join('')),
          ),
        );
  const generated = fc.tuple(
    fc.constantFrom('', '\uFEFF', '<?xml version="1.0"?>\n', '<!-- -->'),
    element(3),
  );

  test('in generated documents', () => {
    let read = 0;
    fc.assert(
      fc.property(generated, fc.constantFrom(...optionSets), ([prolog, root], options) => {
        if ('read' in expectAgreement(prolog + root, options)) read++;
      }),
      { numRuns: 5000 },
    );
    // Otherwise this would only show that both refuse everything.
    expect(read).toBeGreaterThan(2000);
  });
});

describe('elements that come again', () => {
  const likely = fc.constantFrom(
    'x',
    '',
    '00012',
    'a text of many characters',
    'é日本',
    '&quot;a&amp;b&quot;',
    ' y ',
  );
  const unlikely = fc.constantFrom(
    ']',
    ']]>',
    '\r\n',
    '&',
    '&nothing;',
    '<![CDATA[<]]>',
    '<!-- -->',
    '<c/>',
    '</c>',
    '>',
  );
  const text = fc.oneof({ weight: 12, arbitrary: likely }, { weight: 1, arbitrary: unlikely });
  const shapes: ((...texts: string[]) => string)[] = [
    (a, b) => `<Key>${a}</Key><Size>${b}</Size>`,
    (a, b, c) => `<Key>${a}</Key><Owner xmlns="u"><ID>${b}</ID><Name/><P><L/>${c}</P></Owner><Size/>`,
    (a, b) => `<Key>${a}</Key>${b}<Size></Size>`,
    (a, b) => `<L>${a}</L><L>${b}</L>`,
    (a, b) => `<P>${a}</P><__proto__>${b}</__proto__><x:y-1.é b='">'>${a}</x:y-1.é>`,
    (a) => a,
  ];
  const element = fc
    .tuple(fc.constantFrom(...shapes.keys()), fc.array(text, { minLength: 3, maxLength: 3 }))
    .map(([shape, texts]) => `<Contents>${shapes[shape]?.(...texts)}</Contents>`);
  // Runs of one shape, as only those are learnt.
  const run = fc
    .tuple(
      fc.constantFrom(...shapes),
      fc.array(fc.array(text, { minLength: 3, maxLength: 3 }), { maxLength: 6 }),
    )
    .map(([shape, all]) => all.map((texts) => `<Contents>${shape(...texts)}</Contents>`).join(''));
  const page = fc
    .array(fc.oneof(run, element), { minLength: 1, maxLength: 6 })
    .map((runs) => `<r><P>1</P>${runs.join('')}<Key>2</Key></r>`);

  test('are read as if each were the first', () => {
    let read = 0;
    fc.assert(
      fc.property(page, fc.constantFrom(...optionSets), (document, options) => {
        if ('read' in expectAgreement(document, options)) read++;
      }),
      { numRuns: 5000 },
    );
    expect(read).toBeGreaterThan(1000);
  });

  test('are no deeper than they may be', () => {
    const document = `<r>${'<a><b><c>1</c></b></a>'.repeat(4)}</r>`;
    expect(expectAgreement(document, { maximumDepth: 4 })).toHaveProperty('read');
    expect(expectAgreement(document, { maximumDepth: 3 })).toEqual({ refused: 'too-deep' });
    // The first three were read one by one; the fourth is the only one that is too deep.
    const flat = `<r>${'<a><b>1</b></a>'.repeat(3)}<d><a><b>1</b></a></d></r>`;
    expect(expectAgreement(flat, { maximumDepth: 3 })).toEqual({ refused: 'too-deep' });
    expect(expectAgreement(flat, { maximumDepth: 4 })).toHaveProperty('read');
  });

  test('tell of a fault where it is', () => {
    const good = '<Contents><Key>a</Key></Contents>';
    const before = `<r>${good.repeat(5)}<Contents><Key>a`;
    expect(() => light.parseXml(`${before}&wrong;</Key></Contents></r>`)).toThrow(
      expect.objectContaining({ code: 'malformed-reference', offset: before.length }),
    );
  });
});

describe('documents of S3 that were damaged', () => {
  const damage = fc.record({
    at: fc.nat(),
    length: fc.nat({ max: 12 }),
    put: fc.oneof(
      fc.constantFrom(
        '<',
        '>',
        '&',
        ';',
        ']]>',
        '<![CDATA[',
        '<!--',
        '-->',
        '<?p',
        '?>',
        '"',
        '/',
        '\r',
        '\0',
        '',
      ),
      fc.string({ unit: 'binary', maxLength: 4 }),
    ),
  });
  const damaged = fc
    .tuple(fc.constantFrom(...documents), fc.array(damage, { minLength: 1, maxLength: 4 }))
    .map(([document, damages]) =>
      damages.reduce((text, { at, length, put }) => {
        const start = at % (text.length + 1);
        return text.slice(0, start) + put + text.slice(start + length);
      }, document),
    );

  test('are read alike by both readers or refused by both, and with no other error than an XmlError', () => {
    let refused = 0;
    fc.assert(
      fc.property(damaged, fc.constantFrom(...optionSets), (text, options) => {
        fc.pre(!hasQuoteInInstruction(text));
        if ('refused' in expectAgreement(text, options)) refused++;
      }),
      { numRuns: 5000 },
    );
    expect(refused).toBeGreaterThan(1000);
  });
});

describe('the time grows with the length and no faster', () => {
  const size = 1 << 20;
  const filled = (piece: string): string => piece.repeat(Math.ceil(size / piece.length));

  // Each takes some 20 ms; what is quadratic in a million characters takes minutes.
  test.each<[name: string, text: string]>([
    ['tags that never end', filled('<a ')],
    ['tags that never close', filled('<a>')],
    ['attributes', `<a ${Array.from({ length: 100_000 }, (_, index) => `b${index}="1"`).join(' ')}/>`],
    ['white space in a tag', `<a ${filled(' ')}=`],
    ['a name', `<${filled('a')} b`],
    [
      'markup that is never twice the same',
      `<a>${Array.from({ length: 80_000 }, (_, i) => `<b c=">${i}"/>`).join('')}</a>`,
    ],
    ['different children', `<a>${Array.from({ length: 100_000 }, (_, i) => `<b${i}/>`).join('')}</a>`],
    ['children that repeat', `<a>${filled('<b/>')}</a>`],
    ['elements that repeat', `<a>${filled('<b><c>1</c><d>2</d></b>')}</a>`],
    ['elements that nearly repeat', `<a>${filled('<b><c>1</c></b><b><c>]</c></b><b><d/></b>')}</a>`],
    [
      'long texts of elements that repeat',
      `<a>${`<b><c>${'x'.repeat(1 << 18)}</c><d/></b><b><c>1</c></b>`.repeat(4)}</a>`,
    ],
    ['references', `<a>${filled('&amp;')}</a>`],
    ['references that never end', `<a>${filled('&')}</a>`],
    ['digits of a reference', `<a>&#${filled('1')};</a>`],
    ['brackets', `<a>${filled(']')}</a>`],
    ['sections', `<a>${filled('<![CDATA[]]>')}</a>`],
    ['sections that never end', `<a>${filled('<![CDATA[')}`],
    ['comments', `${filled('<!---->')}<a/>`],
    ['comments that never end', `<a>${filled('<!--')}`],
    ['instructions', `<a>${filled('<?p?>')}</a>`],
    ['instructions that never end', `<a>${filled('<?p ')}`],
    ['line ends', `<a>${filled('\r')}</a>`],
    ['closing tags', `<a>${filled('</b>')}`],
    ['text before the root', filled('text')],
  ])('%s', (_name, text) => {
    const start = performance.now();
    outcome(light.parseXml, text);
    expect(performance.now() - start).toBeLessThan(3000);
  });
});

test('a text that is kept does not keep the document', () => {
  // Nothing but the engine's heap can tell: a view of the document would hold all of it.
  const page = (index: number): string => {
    const filler = '<c>filler</c>'.repeat(20_000);
    return `<r><Key>a key of many characters ${index}</Key><E>&quot;${index} and more of it&quot;</E>${filler}</r>`;
  };
  const keep = (index: number): unknown => {
    const { r } = light.parseXml(page(index), { lists: ['c'] });
    // The document above has this shape.
    const { Key, E } = r as light.XmlObject;
    return [Key, E];
  };
  const before = heapUsed();
  const kept = Array.from({ length: 100 }, (_, index) => keep(index));
  expect(heapUsed() - before).toBeLessThan(13e6);
  expect(kept[99]).toEqual(['a key of many characters 99', '"99 and more of it"']);
});

test('a text of an element that comes again does not keep the document either', () => {
  const filler = '<c>filler</c>'.repeat(20_000);
  const keep = (index: number): unknown => {
    const entries = [1, 2, 3, 4].map(
      (entry) => `<e><Key>a key of many characters ${index} ${entry}</Key></e>`,
    );
    const { r } = light.parseXml(`<r>${entries.join('')}${filler}</r>`, { lists: ['c', 'e'] });
    return ((r as light.XmlObject)['e'] as light.XmlObject[]).at(-1)?.['Key'];
  };
  const before = heapUsed();
  const kept = Array.from({ length: 100 }, (_, index) => keep(index));
  expect(heapUsed() - before).toBeLessThan(13e6);
  expect(kept[99]).toBe('a key of many characters 99 4');
});

function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  // With the flag, a fresh context has the collector as a global; it has no declared type.
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}
