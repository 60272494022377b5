import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { S3Connection, Storage } from '@s3kit/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Workplace } from './workplace.ts';

const counting = fileURLToPath(new URL('count-ranges.cjs', import.meta.url));
const content = Buffer.concat(Array.from({ length: 17 }, () => randomBytes(8 * 1024 * 1024)));
let place: Workplace;

beforeAll(async () => {
  place = await Workplace.open();
  await place.s3(['mb', 's3://my-bucket']);
  const connection = new S3Connection({
    ...place.keys,
    endpoint: place.server.endpoint,
    defaultBucket: 'my-bucket',
  });
  await new Storage(connection).write(content, 'large');
  connection.close();
});
afterAll(() => place.close());

test.each([
  ['2', /^[1-9]\d* ranges by threads\n$/],
  ['0', /^0 ranges by threads\n$/],
])('--threads %s', async (threads, told) => {
  const outcome = await place.s3(['cp', '--threads', threads, 's3://my-bucket/large', `copy-${threads}`], {
    NODE_OPTIONS: `--require ${counting}`,
  });
  expect([outcome.status, outcome.stderr]).toEqual([0, expect.stringMatching(told)]);
  expect(content.equals(await readFile(place.path(`copy-${threads}`)))).toBe(true);
});
