import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { careful, compile, complaints } from '../src/compile.ts';
import { asProgram, examplesIn } from '../src/examples.ts';

const root = new URL('../../../', import.meta.url);
const documents = [
  'README.md',
  ...readdirSync(new URL('packages', root)).map((name) => `packages/${name}/README.md`),
  ...readdirSync(new URL('docs', root))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

test('the examples of the documents compile with everything strict', () => {
  const examples = documents.flatMap((document) => examplesIn(root, document));
  expect(examples.length).toBeGreaterThan(20);
  const programs = examples.map((example) => [`${example.name}.mts`, asProgram(example)]);
  const program = compile(Object.fromEntries(programs), {
    ...careful,
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    types: ['node'],
    skipLibCheck: true,
  });
  expect(complaints(program)).toEqual([]);
});
