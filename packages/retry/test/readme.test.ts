import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as retry from '../src/index.ts';

test('the first example of the README runs', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const [, names = '', body = ''] =
    /```js\nimport \{ (.*?) \} from '@s3kit\/retry';\n(.*?)```/s.exec(readme) ?? [];
  const lines: string[] = [];
  const log = { log: (line: string) => lines.push(line) };
  const example = new Function(
    'console',
    'retry',
    `return (async () => { const { ${names} } = retry; ${body} })();`,
  );
  await example(log, retry);
  expect(lines).toEqual(['throttling: waiting', 'transient: waiting']);
});
