import { afterEach, describe, expect, test, vi } from 'vitest';
import { Retry, type RetrySettings } from '../src/index.ts';

/** A `Retry` that notes what it logs, and how long it waits, instead of waiting. */
function observed(settings: RetrySettings = {}): { retry: Retry; lines: string[]; waits: number[] } {
  const lines: string[] = [];
  const waits: number[] = [];
  const logger = (line: string): void => {
    lines.push(line);
  };
  const sleep = async (milliseconds: number): Promise<void> => {
    waits.push(milliseconds);
  };
  return { retry: new Retry({ logger, sleep, ...settings }), lines, waits };
}

const next = (retry: Retry, statusCode = 104): Promise<boolean> =>
  retry.next(statusCode, 'GET', 'https://bucket.example/key', 'Connection reset by peer');

/** How often the request would be sent, given up after `patience` tries. */
async function tries(retry: Retry, patience = 50): Promise<number> {
  let count = 1;
  while (count < patience && (await next(retry))) count += 1;
  return count;
}

describe('the documented defaults', () => {
  test('are 5 tries, 2.5 seconds, and ECONNRESET', () => {
    expect(new Retry()).toMatchObject({ limit: 5, interval: 2.5, statusCodes: [104] });
  });

  test('make 5 tries of a request, with 4 waits of 2.5 seconds between them', async () => {
    const { retry, waits } = observed();
    expect(await tries(retry)).toBe(5);
    expect(waits).toEqual([2500, 2500, 2500, 2500]);
  });
});

describe('limit', () => {
  test.each([
    [1, 1],
    [2, 2],
    [7, 7],
    [0, 50],
  ])('%i: %i tries', async (limit, expected) => {
    expect(await tries(observed({ limit, interval: 0 }).retry)).toBe(expected);
  });

  test('once reached stays reached, until the reset', async () => {
    const { retry, waits } = observed({ limit: 2 });
    expect([await next(retry), await next(retry), await next(retry)]).toEqual([true, false, false]);
    retry.reset();
    expect([await next(retry), await next(retry)]).toEqual([true, false]);
    expect(waits).toHaveLength(2);
  });
});

describe('status codes', () => {
  test('that are not listed are neither retried, logged, waited for nor counted', async () => {
    const { retry, lines, waits } = observed({ limit: 2, statusCodes: [104, 503] });
    expect(await next(retry, 500)).toBe(false);
    expect([lines, waits]).toEqual([[], []]);
    expect(await next(retry, 503)).toBe(true);
  });

  test('may be none', async () => {
    expect(await next(observed({ statusCodes: [] }).retry)).toBe(false);
  });

  test('are copied', async () => {
    const statusCodes = [104];
    const { retry } = observed({ statusCodes });
    statusCodes.length = 0;
    expect(await next(retry)).toBe(true);
  });
});

describe('the log', () => {
  test('says which try follows, when, and why', async () => {
    const { retry, lines } = observed({ limit: 3 });
    await tries(retry);
    expect(lines).toEqual([
      'Try 2 of 3 in 2.5 s: GET https://bucket.example/key: 104 Connection reset by peer',
      'Try 3 of 3 in 2.5 s: GET https://bucket.example/key: 104 Connection reset by peer',
    ]);
    const unlimited = observed({ limit: 0 });
    await next(unlimited.retry);
    expect(unlimited.lines[0]).toMatch(/^Try 2 in 2\.5 s: GET /);
  });

  test('shows neither signature nor credentials, and is one line', async () => {
    const { retry, lines } = observed();
    const url =
      'https://user:pa55@bucket.example/key?X-Amz-Credential=AKIA%2F1&versionId=7&X-Amz-Signature=0a1b2c';
    await retry.next(104, 'GET', url, `reset\r\nby ${url}&X-Amz-Security-Token=t0ken`);
    expect(lines[0]).not.toMatch(/pa55|AKIA|0a1b2c|t0ken|[\r\n]/);
    expect(lines[0]).toContain('versionId=7');
  });

  test('is silent without a logger', async () => {
    const sleep = vi.fn(async () => {});
    expect(await next(new Retry(2, 1, [104], { sleep }))).toBe(true);
    expect(sleep).toHaveBeenCalledExactlyOnceWith(1000, undefined);
  });
});

describe('waiting', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test('is by the clock, unless told otherwise', async () => {
    vi.useFakeTimers();
    let answer: boolean | undefined;
    const waiting = next(new Retry(2, 2.5)).then((value) => {
      answer = value;
    });
    await vi.advanceTimersByTimeAsync(2499);
    expect(answer).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    await waiting;
    expect(answer).toBe(true);
  });

  test('ends with the signal', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const waiting = new Retry(2, 1000).next(104, 'GET', 'https://bucket.example/', 'reset', { signal });
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });
});

describe('arguments', () => {
  test('by position and by name mean the same', () => {
    expect(new Retry(3, 1, [503])).toMatchObject({ limit: 3, interval: 1, statusCodes: [503] });
    expect(new Retry({ limit: 3, interval: 1, statusCodes: [503] })).toMatchObject({
      limit: 3,
      interval: 1,
      statusCodes: [503],
    });
    expect(new Retry(undefined, 1)).toMatchObject({ limit: 5, interval: 1, statusCodes: [104] });
  });

  test.each([
    ['limit', { limit: -1 }, RangeError],
    ['limit', { limit: 1.5 }, RangeError],
    ['limit', { limit: Number.NaN }, RangeError],
    ['limit', { limit: '5' }, TypeError],
    ['interval', { interval: -0.1 }, RangeError],
    ['interval', { interval: Number.NaN }, RangeError],
    ['interval', { interval: 2_147_484 }, RangeError],
    ['interval', { interval: '2.5' }, TypeError],
    ['statusCodes', { statusCodes: 104 }, TypeError],
    ['statusCodes[1]', { statusCodes: [104, '503'] }, TypeError],
    ['statusCodes[0]', { statusCodes: [-104] }, RangeError],
  ] as const)('%s in %j is refused', (argument, bad, kind) => {
    const settings = bad as unknown as RetrySettings; // as a configuration file may have it
    expect(() => new Retry(settings)).toThrow(kind);
    expect(() => new Retry(settings)).toThrow(`${argument} must be`);
    const { limit, interval, statusCodes } = settings;
    expect(() => new Retry(limit, interval, statusCodes)).toThrow(kind);
  });
});
