import { readFileSync } from 'node:fs';
import * as sdk from '@aws-sdk/client-s3';
import { S3Connection, Storage } from '@s3kit/core';
import { expect, test } from 'vitest';
// @ts-expect-error a script has no types
import { render as renderPage, operations as table } from '../../../scripts/operations.mjs';

// As the script has it.
const operations = table as Readonly<Record<string, readonly string[] | string>>;
const render = renderPage as () => string;
const storage = new Storage(new S3Connection({ accessKeyId: 'a', secretAccessKey: 'b' }));

const commands = Object.keys(sdk)
  .filter((name) => name.endsWith('Command') && name !== '$Command')
  .map((name) => name.slice(0, -'Command'.length));

test('the AWS SDK has commands', () => {
  expect(commands.length).toBeGreaterThan(100);
});

test('each command of the AWS SDK has its methods, or a reason why not, and there are no others', () => {
  expect(new Set(Object.keys(operations))).toEqual(new Set(commands));
});

test.each(Object.entries(operations).filter(([, how]) => Array.isArray(how)))(
  'the methods for %s are there',
  (_, methods) => {
    expect(methods.length).toBeGreaterThan(0);
    for (const method of methods) expect(Reflect.get(storage, method), method).toBeTypeOf('function');
  },
);

test('docs/operations.md says so', () => {
  const page = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8');
  expect(page === render(), 'run node scripts/operations.mjs').toBe(true);
});
