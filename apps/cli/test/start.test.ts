import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { prints, Workplace } from './workplace.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
let place: Workplace;
let copy: string;
beforeAll(async () => {
  place = await Workplace.open();
  await place.s3(['mb', 's3://my-bucket']);
  await place.write('a.txt', 'a');
  expect(await place.s3(['cp', 'a.txt', 's3://my-bucket/a.txt'])).toMatchObject({ status: 0 });
  copy = await mkdtemp(join(tmpdir(), 's3kit-start-'));
  for (const name of ['bin', 'dist', 'package.json'])
    await cp(join(root, name), join(copy, name), { recursive: true });
});
afterAll(async () => {
  await place.close();
  await rm(copy, { recursive: true });
});

const compiledIn = async (folder: string): Promise<string[]> =>
  (await readdir(join(folder, 'dist'))).filter((name) => name.endsWith('.cache')).sort();

test('the build keeps the program compiled, for its own Node', async () => {
  const { arch, platform, versions } = process;
  expect(await compiledIn(root)).toEqual(
    ['requests', 'transfers'].map((use) => `main-${use}-${versions.v8}-${platform}-${arch}.cache`),
  );
});

const listed = expect.stringMatching(/^[^\n]+ 1 a\.txt\n$/);
const list = ['ls', 's3://my-bucket'];

test('it starts from what was compiled', async () => {
  expect(await place.s3(list, {}, place.folder, '', join(copy, 'bin/s3.cjs'))).toEqual(prints(listed));
});

test('it starts under other flags of V8', async () => {
  const environment = { NODE_OPTIONS: '--max-old-space-size=512' };
  expect(await place.s3(list, environment, place.folder, '', join(copy, 'bin/s3.cjs'))).toEqual(
    prints(listed),
  );
});

test.each([
  ['is cut short', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
  ['is empty', () => Buffer.alloc(0)],
  ['is of another version', (bytes: Buffer) => Buffer.from(bytes).fill(0, 4, 12)],
])('it starts from its source where what was compiled %s', async (_, change) => {
  for (const name of await compiledIn(root))
    await writeFile(join(copy, 'dist', name), change(await readFile(join(root, 'dist', name))));
  expect(await place.s3(list, {}, place.folder, '', join(copy, 'bin/s3.cjs'))).toEqual(prints(listed));
});

test('it starts from its source where nothing was compiled', async () => {
  for (const name of await compiledIn(copy)) await rm(join(copy, 'dist', name));
  expect(await place.s3(list, {}, place.folder, '', join(copy, 'bin/s3.cjs'))).toEqual(prints(listed));
});
