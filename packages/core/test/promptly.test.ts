import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { promptly } from '../src/promptly.ts';

let clock = 0;
beforeEach(() => {
  // Later than any pause of the test before.
  clock += 1_000_000;
  vi.spyOn(performance, 'now').mockImplementation(() => clock);
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Makes a call that takes so many milliseconds when it is made at once; tells which way it went. */
async function call(milliseconds: number): Promise<string> {
  return promptly(
    () => {
      clock += milliseconds;
      return 'at once';
    },
    async () => 'by the thread pool',
  );
}

test('quick calls are made at once', async () => {
  for (let count = 0; count < 100; count++) expect(await call(0.02)).toBe('at once');
});

test('one call that took long, as where the processor was busy elsewhere, changes nothing', async () => {
  for (let count = 0; count < 100; count++) await call(0.02);
  await call(500);
  expect(await call(0.02)).toBe('at once');
});

test('calls that are slow on the average go by the thread pool for a second', async () => {
  for (let count = 0; count < 8; count++) await call(3);
  expect(await call(3)).toBe('by the thread pool');
  clock += 900;
  expect(await call(3)).toBe('by the thread pool');
  clock += 200;
  expect(await call(0.02)).toBe('at once');
});
