import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const folder = fileURLToPath(new URL('..', import.meta.url));

/** The packages that the built files have code of, by their source maps. */
function bundledPackages(): string[] {
  const maps = readdirSync(`${folder}dist`).filter((name) => name.endsWith('.map'));
  const sources = maps.flatMap((name) => {
    const map = JSON.parse(readFileSync(`${folder}dist/${name}`, 'utf8')) as { sources: string[] };
    return map.sources;
  });
  const names = sources.map((source) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(source)?.[1]);
  return [...new Set(names)].filter((name) => name !== undefined);
}

test('what is published holds the licence of each package that the program has code of', () => {
  const packed = JSON.parse(
    execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: folder,
      encoding: 'utf8',
    }),
  ) as [{ files: { path: string }[] }];
  const paths = packed[0].files.map(({ path }) => path);
  expect(paths).toEqual(expect.arrayContaining(['README.md', 'dist/THIRD-PARTY-LICENSES']));
  expect(paths.filter((path) => path.includes('metafile'))).toEqual([]);

  const [, ...texts] = readFileSync(`${folder}dist/THIRD-PARTY-LICENSES`, 'utf8').split(/\n-{78}\n/);
  const bundled = bundledPackages();
  expect(bundled).toContain('clipanion');
  for (const name of bundled) {
    const text = texts.find((one) => one.trimStart().startsWith(`${name} `));
    expect(text, name).toMatch(/\d+\.\d+\.\d+ \([A-Z]/);
    expect(text, name).toMatch(/copyright/i);
    expect(text?.length, name).toBeGreaterThan(500);
  }
});
