import { afterEach, beforeEach, expect, test } from 'vitest';
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
