import { expect, test } from 'vitest';
import { careful, compile } from '../src/compile.ts';
import { strictOptionals } from '../src/strict-optionals.ts';

/** Types that refuse `undefined`, and why. */
const refuse: Readonly<Record<string, string>> = {
  Credentials: 'as in the AWS SDKs, which take what is given back',
  Entry: 'what a walk gives back',
  FamilyDetails: 'a table of our own',
  Problem: 'what a walk gives back',
  'S3ConnectionRuntime.limits': "laid over S3's own as they are",
  'S3Service.limits': 'the same',
  'preservingHeaders(__0)': 'an entry',
};

const packages = ['core', 'sync', 'server', 'credentials'];
const program = compile(
  Object.fromEntries(packages.map((name) => [`${name}.mts`, `export * from '@s3kit/${name}';`])),
  { ...careful, types: ['node'], skipLibCheck: true },
);

test.each(packages)('what can be left out of the options of @s3kit/%s can be undefined', (name) => {
  const index = program.getSourceFiles().find(({ fileName }) => fileName.endsWith(`/types/${name}.mts`));
  if (index === undefined) throw new Error(`${name}.mts is not in the program`);
  const found = strictOptionals(program, index);
  expect(found.filter((path) => refuse[path.slice(0, path.lastIndexOf('.'))] === undefined)).toEqual([]);
});
