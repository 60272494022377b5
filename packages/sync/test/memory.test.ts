import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { Item } from '../src/index.ts';
import { join } from '../src/join.ts';

test('a join of 1,000,000 names on either side holds two batches of each', async () => {
  const count = 1_000_000;
  const batch = 500;
  let made = 0;
  async function* names(lacking: number): AsyncGenerator<readonly Item[]> {
    for (let start = 0; start < count; start += batch) {
      made += batch;
      const indexes = Array.from({ length: batch }, (_, offset) => start + offset).filter(
        (index) => index % 10 !== lacking,
      );
      yield indexes.map((index) => ({ name: String(index).padStart(7, '0'), size: 1, modified: 0 }));
    }
  }
  let pairs = 0;
  let both = 0;
  let ahead = 0;
  for await (const some of join(names(3), names(7))) {
    for (const pair of some)
      if ('source' in pair && pair.source !== undefined && pair.destination !== undefined) both++;
    pairs += some.length;
    ahead = Math.max(ahead, made - 2 * pairs);
  }
  expect([pairs, both]).toEqual([1_000_000, 800_000]);
  expect(ahead).toBeLessThanOrEqual(4 * batch);
});

test('a plan of two listings of 200,000 names fits into 96 MB of heap', async () => {
  const child = fileURLToPath(new URL('many-names.mjs', import.meta.url));
  const flags = ['--max-old-space-size=96', '--max-semi-space-size=4', child];
  const { stdout } = await promisify(execFile)(process.execPath, flags);
  expect(JSON.parse(stdout)).toEqual({ upload: 0, copy: 20_000, delete: 20_000, skip: 0 });
}, 120_000);
