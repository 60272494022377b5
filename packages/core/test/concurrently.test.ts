import { expect, test } from 'vitest';
import { concurrently } from '../src/concurrently.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('does every item once, never more than so many at a time', async () => {
  const done: number[] = [];
  let running = 0;
  let most = 0;
  await concurrently(
    Array.from({ length: 20 }, (_, index) => index),
    3,
    async (item) => {
      most = Math.max(most, ++running);
      await turn();
      running--;
      done.push(item);
    },
  );
  expect(done.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index));
  expect(most).toBe(3);
});

test('takes no item before it is needed, and none after a failure', async () => {
  const taken: number[] = [];
  function* items(): Generator<number> {
    for (let item = 0; ; item++) {
      taken.push(item);
      yield item;
    }
  }
  const ended: number[] = [];
  const run = concurrently(items(), 2, async (item, signal) => {
    await turn();
    if (item === 3) throw new Error('three');
    await turn();
    if (!signal.aborted) await turn();
    ended.push(item);
  });
  await expect(run).rejects.toThrow('three');
  expect(taken.length).toBeLessThan(8);
  // Those that were under way have ended before it rejects.
  expect(ended.length).toBe(taken.length - 1);
});

test('stops at the caller’s signal', async () => {
  const stop = new AbortController();
  const run = concurrently(
    [1, 2, 3],
    1,
    async (item) => {
      if (item === 2) stop.abort(new Error('stopped'));
      await turn();
    },
    stop.signal,
  );
  await expect(run).rejects.toThrow('stopped');
});
