import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Workplace } from './workplace.ts';

let place: Workplace;
const names = Array.from({ length: 60 }, (_, index) => `folder ${index % 7}/ü${index}.txt`);
const count = 4;

beforeAll(async () => {
  place = await Workplace.open();
  await place.s3(['mb', 's3://my-bucket']);
  for (const name of names) await place.write(`source/${name}`, name);
  await place.s3(['pipe', 's3://my-bucket/shared/gone-1'], {}, place.folder, 'x');
  await place.s3(['pipe', 's3://my-bucket/shared/gone-2'], {}, place.folder, 'x');
});
afterAll(() => place.close());

function doneIn(stdout: string): string[] {
  const lines = stdout.split('\n').filter((line) => line !== '');
  const records = lines.map((line) => JSON.parse(line) as { type: string; status: string; name: string });
  return records.filter(({ type }) => type !== 'summary').map(({ name }) => name);
}

test('processes that share a sync do together what one does alone, and nothing twice', async () => {
  const shards = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      place.s3([
        ...['sync', 'source', 's3://my-bucket/shared/', '--delete', '--json'],
        ...['--shard', `${index}/${count}`],
      ]),
    ),
  );
  expect(shards.map(({ status, stderr }) => [status, stderr])).toEqual(shards.map(() => [0, '']));
  const done = shards.flatMap(({ stdout }) => doneIn(stdout));
  const gone = ['s3://my-bucket/shared/gone-1', 's3://my-bucket/shared/gone-2'];
  expect(done).toHaveLength(names.length + gone.length);
  expect(new Set(done)).toEqual(new Set([...names.map((name) => `source/${name}`), ...gone]));
  for (const { stdout } of shards) expect(doneIn(stdout).length).toBeGreaterThan(4);

  // One run alone finds nothing more to do.
  const whole = await place.s3(['sync', 'source', 's3://my-bucket/shared/', '--delete', '--json']);
  expect([whole.status, doneIn(whole.stdout)]).toEqual([0, []]);
});

test('with --resume, each shard has a journal of its own', async () => {
  const folder = await mkdtemp(join(tmpdir(), 's3kit-shards-'));
  try {
    const runs = await Promise.all(
      ['0/2', '1/2'].map((shard) =>
        place.s3(['sync', 'source', 's3://my-bucket/again/', '--journal-folder', folder, '--shard', shard]),
      ),
    );
    expect(runs.map(({ status }) => status)).toEqual([0, 0]);
    const { stdout } = await place.s3(['find', '--key', 's3://my-bucket/again/']);
    expect(stdout.split('\n').slice(0, -1)).toHaveLength(names.length);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test.each(['4/4', '1', '1/0', 'a/b', '1.5/2'])('--shard %s is refused', async (shard) => {
  const { status, stderr } = await place.s3(['sync', 'source', 's3://my-bucket/x', '--shard', shard]);
  expect([status, stderr]).toEqual([2, expect.stringContaining('from 0 to N - 1')]);
});
