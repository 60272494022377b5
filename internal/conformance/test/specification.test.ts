import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const top = new URL('../../../', import.meta.url);
const rows = readFileSync(new URL('docs/specification.md', top), 'utf8')
  .split('\n')
  .filter(
    (line) => line.startsWith('| ') && !line.startsWith('| documented') && !line.startsWith('| what |'),
  );

/** The tests that a row names: a file, and titles in it. */
function testsOf(row: string): { file: string; titles: string[] }[] {
  const shown = row.split(' | ').at(-1) ?? '';
  return shown.split(';').map((part) => ({
    file: /`([^`]+)`/.exec(part)?.[1] ?? '',
    titles: [...part.matchAll(/"([^"]+)"/g)].map(([, title]) => title ?? ''),
  }));
}

test('the specification has rows', () => {
  expect(rows.length).toBeGreaterThan(40);
});

test.each(rows.map((row) => [row.split(' | ')[0]?.slice(2), row] as const))(
  'each test of the row %s is there',
  (_, row) => {
    for (const { file, titles } of testsOf(row)) {
      const text = readFileSync(new URL(file, top), 'utf8');
      for (const title of titles) expect(text.includes(`'${title}'`), title).toBe(true);
    }
  },
);
