import { getEventListeners } from 'node:events';
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

test('however many hands there are, one listens to the signal while a source is slow', async () => {
  const seen: number[] = [];
  const signals = new Set<AbortSignal>();
  async function* slow(): AsyncGenerator<number> {
    for (let item = 0; item < 40; item++) {
      await turn();
      for (const signal of signals) seen.push(getEventListeners(signal, 'abort').length);
      yield item;
    }
  }
  await concurrently(slow(), 20, async (_, signal) => {
    signals.add(signal);
    await turn();
  });
  expect(Math.max(...seen)).toBe(1);
});

test('an abort ends the wait for a source that gives nothing, and asks it for nothing more', async () => {
  const stop = new AbortController();
  let asked = 0;
  const stuck = {
    [Symbol.asyncIterator]: () => ({
      next: () => {
        asked++;
        return new Promise<IteratorResult<number>>(() => undefined);
      },
    }),
  };
  const run = concurrently(stuck, 5, async () => undefined, stop.signal);
  await turn();
  stop.abort(new Error('enough'));
  await expect(run).rejects.toThrow('enough');
  expect(asked).toBe(1);
});
