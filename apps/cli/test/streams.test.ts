import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { prints, Workplace } from './workplace.ts';

let place: Workplace;
beforeAll(async () => {
  place = await Workplace.open({ buckets: ['my-bucket'] });
});
beforeEach(() => place.put({ k: 'before' }));
afterAll(() => place.close());

describe.runIf(process.platform === 'linux')('standard input', () => {
  test.each([
    ['cp - s3://my-bucket/k', '<&-', 'there is no standard input'],
    ['pipe s3://my-bucket/k', '<&-', 'there is no standard input'],
    ['run -', '<&-', 'there is no standard input'],
    ['rm --files-from - s3://my-bucket', '<&-', 'there is no standard input'],
    ['sync --files-from - . s3://my-bucket', '<&-', 'there is no standard input'],
    ['bucket set policy s3://my-bucket', '<&-', 'there is no standard input'],
    ['cp - s3://my-bucket/k', '< .', 'standard input is a folder'],
    ['pipe s3://my-bucket/k', '< .', 'standard input is a folder'],
  ])('that cannot be read fails "s3 %s %s"', async (words, redirection, message) => {
    const { status, stderr } = await place.shell(`s3 ${words} ${redirection}`);
    expect([status, stderr]).toEqual([1, expect.stringContaining(message)]);
    expect(await place.objects()).toEqual(['k']);
    expect((await place.s3(['cat', 's3://my-bucket/k'])).stdout).toBe('before');
  });

  test.each(['cp - s3://my-bucket/k < /dev/null', 'pipe s3://my-bucket/k < empty'])(
    'that is empty is an empty object: s3 %s',
    async (command) => {
      await place.write('empty', '');
      expect(await place.shell(`s3 ${command}`)).toMatchObject({ status: 0, stderr: '' });
      expect(await place.s3(['cat', 's3://my-bucket/k'])).toEqual(prints(''));
    },
  );

  test('that is closed is no matter to what does not read it', async () => {
    expect(await place.shell('s3 cat s3://my-bucket/k <&-')).toEqual(prints('before'));
  });
});

test('a pipe or a socket in a list is skipped, as one in a folder is', async () => {
  await place.write('list', 'f\npipe\n');
  const { status, stderr } = await place.shell(
    'echo text > f; mkfifo pipe; s3 cp --files-from list . s3://my-bucket/d/',
  );
  expect([status, stderr]).toEqual([
    3,
    expect.stringContaining('skipped: pipe: it is neither a file nor a folder'),
  ]);
  expect(await place.objects()).toEqual(['d/f', 'k']);
  await place.s3(['rm', 's3://my-bucket/d/f']);
});

test('standard error whose reader has gone ends what is under way, and leaves nothing behind', async () => {
  await place.write('large', new Uint8Array(24 * 1024 * 1024));
  const lines =
    'echo "cp large s3://my-bucket/large --limit-rate 4MiB"; for k in 1 2 3; do sleep 0.7; echo "ls s3://none"; done';
  const script = `set -o pipefail; (${lines}) | { s3 run 3>&1 >/dev/null 2>&3; echo "status $?" >&2; } 3>&1 | head -1`;
  const { stdout, stderr } = await place.shell(script);
  expect([stdout, stderr]).toEqual([
    expect.stringMatching(/^s3: ls: s3:\/\/none: NoSuchBucket.*\n$/),
    'status 141\n',
  ]);
  expect([await place.uploads(), await place.objects()]).toEqual([[], ['k']]);
});

test
  .runIf(process.platform === 'linux')
  .each(['cat s3://my-bucket/large', 'ls -r --json s3://my-bucket', 'run list'])(
  'standard output that cannot be written is told of in one line: s3 %s',
  async (command) => {
    await place.put({ large: new Uint8Array(4 * 1024 * 1024) });
    await place.write('list', 'cat s3://my-bucket/large\ncat s3://my-bucket/k\n');
    expect(await place.shell(`s3 ${command} > /dev/full`)).toEqual({
      stdout: '',
      stderr: 's3: standard output cannot be written: ENOSPC: no space left on device, write\n',
      status: 1,
    });
    await place.s3(['rm', 's3://my-bucket/large']);
  },
);

test.each([
  'cp large s3://my-bucket/copy --part-size 5MiB --concurrency 12',
  'pipe s3://my-bucket/copy --part-size 5MiB --concurrency 12 < large',
  'run --concurrency 12 list',
])('that much is under way at a time is nothing that Node has to warn of: s3 %s', async (command) => {
  await place.write('large', new Uint8Array(64 * 1024 * 1024));
  await place.write('list', 'cat s3://my-bucket/k\n'.repeat(24));
  expect(await place.shell(`s3 ${command}`)).toMatchObject({ status: 0, stderr: '' });
});
