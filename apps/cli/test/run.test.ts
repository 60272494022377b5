import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Outcome, Workplace } from './workplace.ts';

let place: Workplace;
beforeEach(async () => {
  place = await Workplace.open({ buckets: ['my-bucket'] });
});
afterEach(() => place.close());

/** Runs commands that come from standard input. */
const run = (...lines: string[]): Promise<Outcome> =>
  place.s3(['run'], {}, place.folder, lines.map((line) => `${line}\n`).join(''));

test('run does what its lines say, and ends with the highest status', async () => {
  const outcome = await run('# two files', "cp s3.yaml 's3://my-bucket/a b'", 's3 cat s3://my-bucket/zzz');
  expect(outcome.status).toBe(4);
  expect(await place.objects()).toEqual(['a b']);
});

test.each([
  ["rm s3://my-bucket/q/it's", "a quote that is not closed: '"],
  ['rm "s3://my-bucket/q/its', 'a quote that is not closed: "'],
  ['rm s3://my-bucket/q/its\\', 'a backslash with nothing behind it'],
])('%s is refused, and the other lines are not', async (line, reason) => {
  await place.put({ "q/it's": '1', 'q/its': '2', other: '3' });
  const { status, stderr } = await run(line, 'rm s3://my-bucket/other');
  expect([status, stderr]).toEqual([2, `s3: run: ${line}: ${reason}; see s3 --help\n`]);
  expect(await place.objects()).toEqual(["q/it's", 'q/its']);
});

test('objects that are written to standard output are not mixed', async () => {
  const size = 3 * 1024 * 1024;
  const letters = ['a', 'b', 'c', 'd'];
  await place.put(Object.fromEntries(letters.map((letter) => [letter, letter.repeat(size)])));
  const { status, stdout } = await run(
    'cat s3://my-bucket/a s3://my-bucket/none s3://my-bucket/b',
    'cp s3://my-bucket/c -',
    'cat s3://my-bucket/d',
  );
  const runs = (stdout.match(/(.)\1*/g) ?? []).map((text) => `${text[0]} ${text.length}`);
  expect([status, runs.sort()]).toEqual([4, letters.map((letter) => `${letter} ${size}`)]);
  expect(stdout).toContain('ab');
});

test('a list that is not UTF-8 ends where that begins', async () => {
  await place.put({ '\ufffd': 'other', a: '', b: '' });
  await place.write(
    'list',
    Buffer.from('rm s3://my-bucket/a\nrm s3://my-bucket/\xe4\nrm s3://my-bucket/b\n', 'latin1'),
  );
  const { status, stderr } = await place.s3(['run', 'list']);
  expect([status, stderr]).toEqual([2, 's3: list: line 2 is not UTF-8; see s3 --help\n']);
  expect(await place.objects()).toEqual(['b', '\ufffd']);
});

describe('standard input', () => {
  test.each([
    'pipe s3://my-bucket/k',
    'cp - s3://my-bucket/k',
    'cp --files-from - . s3://my-bucket',
    'rm --files-from - s3://my-bucket/k',
    'sync --files-from - . s3://my-bucket',
    'bucket set policy s3://my-bucket',
    'acl set --file - s3://my-bucket',
  ])('that is the list is not for "%s"', async (line) => {
    await place.put({ a: 'a', k: 'before' });
    const { status, stderr } = await run(line, 'rm s3://my-bucket/a', '# the end');
    expect(stderr).toMatch(/^s3: standard input is where run reads its commands: [^\n]+\n$/);
    expect([status, await place.objects()]).toEqual([2, ['k']]);
    expect((await place.s3(['cat', 's3://my-bucket/k'])).stdout).toBe('before');
  });

  test('is for one command of a list that is a file', async () => {
    await place.write('list', 'pipe s3://my-bucket/one\npipe s3://my-bucket/two\n');
    const { status, stderr } = await place.s3(['run', '--concurrency', '1', 'list'], {}, place.folder, 'in');
    expect(stderr).toMatch(/^s3: another command of the list reads standard input: [^\n]+\n$/);
    expect([status, await place.objects()]).toEqual([2, ['one']]);
    expect((await place.s3(['cat', 's3://my-bucket/one'])).stdout).toBe('in');
  });
});

test.each(['run list', 'serve --port 0', '-v configure --force', 'bucket edit policy s3://my-bucket'])(
  '"%s" is not for a list, wherever that comes from',
  async (line) => {
    await place.put({ a: 'a' });
    await place.write('list', `s3 ${line}\nrm s3://my-bucket/a\n`);
    const { status, stderr } = await place.s3(['run', 'list'], { EDITOR: 'true' });
    expect(stderr.startsWith(`s3: run: s3 ${line}: `)).toBe(true);
    expect([status, await place.objects()]).toEqual([2, []]);
  },
);
