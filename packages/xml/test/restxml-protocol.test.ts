import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { buildXml, parseXml, type XmlValue } from '../src/index.ts';
import { findChild } from './keys.ts';
import { parseWithOther } from './other-parser.ts';
import {
  listsIn,
  readShape,
  type ShapeReference,
  type Shapes,
  type Structure,
  writeShape,
} from './shapes.ts';

interface Case {
  direction: 'input' | 'output';
  id: string;
  shapes: Shapes;
  given: { input?: ShapeReference; output?: ShapeReference; errors?: ShapeReference[] };
  params?: Structure;
  serialized?: { body: string };
  result?: Structure;
  response?: { body: string };
  error?: Structure;
  errorCode?: string;
}

// The file holds what the interface says; every test below would fail otherwise.
const cases = JSON.parse(
  readFileSync(new URL('./vectors/restxml-protocol.json', import.meta.url), 'utf8'),
) as Case[];

const bodyOf = ({ serialized, response }: Case): string => (serialized ?? response)?.body ?? '';

/** The other cases are about headers, queries and status: their bodies are empty, or bytes and text as they are. */
const hasXml = (each: Case): boolean => bodyOf(each).trimStart().startsWith('<');
const withXml = cases.filter(hasXml);
const inputs = withXml.filter(({ direction }) => direction === 'input');
const outputs = withXml.filter(({ direction, error }) => direction === 'output' && !error);
const errors = withXml.filter(({ error }) => error);

/** What the document stands for: the member that is the payload, or else the whole shape; and its value. */
function documentOf(
  shapes: Shapes,
  reference: ShapeReference,
  structure: Structure,
): [ShapeReference, unknown] {
  const shape = shapes[reference.shape];
  const payload = shape?.payload ?? '';
  const member = shape?.members?.[payload];
  if (member) return [member, structure[payload]];
  const elsewhere = Object.entries(shape?.members ?? {}).filter(([, { location }]) => location !== undefined);
  return [
    reference,
    Object.fromEntries(
      Object.entries(structure).filter(([name]) => !elsewhere.some(([other]) => other === name)),
    ),
  ];
}

function readDocument(shapes: Shapes, reference: ShapeReference, body: string): unknown {
  const { name } = parseWithOther(body);
  const [entry] = Object.entries(parseXml(body, { lists: listsIn(shapes, reference, name) }));
  return entry && readShape(shapes, reference, entry[0], entry[1]);
}

test('the vectors hold cases of each kind', () => {
  expect([inputs.length, outputs.length, errors.length]).toEqual([16, 21, 2]);
});

describe('requests', () => {
  test.each(inputs)('$id is written as expected', ({ shapes, given, params = {}, serialized }) => {
    if (!given.input) throw new Error('the case has no input shape');
    const [reference, value] = documentOf(shapes, given.input, params);
    const tag = given.input.locationName ?? reference.shape;
    const object = Object.fromEntries([writeShape(shapes, reference, tag, value)]);
    const text = buildXml(object, { lists: listsIn(shapes, reference, tag) });
    expect(parseWithOther(text)).toEqual(parseWithOther(serialized?.body ?? ''));
  });

  test.each(inputs)('$id is read as the parameters', ({ shapes, given, params = {}, serialized }) => {
    if (!given.input) throw new Error('the case has no input shape');
    const [reference, value] = documentOf(shapes, given.input, params);
    expect(readDocument(shapes, reference, serialized?.body ?? '')).toEqual(value);
  });
});

describe('responses', () => {
  test.each(outputs)('$id is read as expected', ({ shapes, given, result = {}, response }) => {
    if (!given.output) throw new Error('the case has no output shape');
    const [reference, value] = documentOf(shapes, given.output, result);
    expect(readDocument(shapes, reference, response?.body ?? '')).toEqual(value);
  });

  test.each(errors)('$id is read as expected', ({ shapes, given, error = {}, errorCode, response }) => {
    const content = inner(inner(parseXml(response?.body ?? ''), 'ErrorResponse'), 'Error');
    expect(inner(content, 'Code')).toBe(errorCode);
    const reference = given.errors?.find(({ shape }) => shape === errorCode);
    if (!reference) throw new Error('the case has no shape for its error');
    const [, value] = documentOf(shapes, reference, error);
    expect({
      ...(error['Message'] ? { Message: inner(content, 'Message') } : {}),
      ...read(shapes, reference, content),
    }).toEqual(value);
  });
});

function inner(content: XmlValue, name: string): XmlValue {
  return findChild(content, name)?.[1];
}

function read(shapes: Shapes, reference: ShapeReference, content: XmlValue): Structure {
  // The shape of an error is a structure.
  return readShape(shapes, reference, 'Error', content) as Structure;
}
