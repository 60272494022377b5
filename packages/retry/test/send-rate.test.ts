import { describe, expect, test } from 'vitest';
import { SendRate } from '../src/index.ts';

/** A rate by a clock that stands until it is moved. */
function byHand(): { rate: SendRate; pass: (seconds: number) => void } {
  let now = 1_000_000;
  return { rate: new SendRate(() => now), pass: (seconds) => (now += seconds * 1000) };
}

/** Answers at ten a second, then one that is throttled. */
function throttledAtTen(): ReturnType<typeof byHand> {
  const { rate, pass } = byHand();
  for (let count = 0; count < 50; count++) {
    pass(0.1);
    rate.note(false);
  }
  rate.note(true);
  return { rate, pass };
}

describe('SendRate', () => {
  test('nobody waits before the service has throttled', () => {
    const { rate } = byHand();
    for (let count = 0; count < 1000; count++) expect(rate.take()).toBe(0);
  });

  test('a throttled answer leaves seven tenths of the rate', () => {
    const { rate } = throttledAtTen();
    expect(rate.limit).toBeCloseTo(0.7 * rate.measured, 9);
    expect(rate.limit).toBeGreaterThan(6);
    expect(rate.limit).toBeLessThan(8);
  });

  test('who comes together is sent one after the other', () => {
    const { rate } = throttledAtTen();
    const each = 1000 / (rate.limit ?? 0);
    // What has been saved up, a second's worth at most, goes at once.
    const waits = Array.from({ length: 20 }, () => rate.take()).filter((wait) => wait > 0);
    expect(waits.length).toBeGreaterThanOrEqual(13);
    waits.slice(1).forEach((wait, index) => {
      expect(wait - (waits[index] ?? 0)).toBeCloseTo(each, 6);
    });
  });

  test('in a minute, no more are sent than the rate allows', () => {
    const { rate, pass } = throttledAtTen();
    const limit = rate.limit ?? 0;
    let seconds = 0;
    let sent = 0;
    for (; seconds < 60; sent++) {
      const wait = rate.take() / 1000;
      pass(wait);
      seconds += wait;
    }
    expect(sent).toBeGreaterThan(seconds * limit - 1);
    expect(sent).toBeLessThan((seconds + 1) * limit + 1);
  });

  test('what was not used is there for a second, not for an hour', () => {
    const { rate, pass } = throttledAtTen();
    pass(3600);
    const atOnce = Array.from({ length: 100 }, () => rate.take()).filter((wait) => wait === 0).length;
    expect(atOnce).toBe(Math.floor(rate.limit ?? 0));
  });

  test('the rate comes back, and goes on beyond', () => {
    const { rate, pass } = throttledAtTen();
    for (let count = 0; count < 400; count++) {
      pass(0.05);
      rate.note(false);
    }
    expect(rate.limit).toBeGreaterThan(10);
  });

  test('however often it is throttled, something is sent', () => {
    const { rate, pass } = byHand();
    for (let count = 0; count < 100; count++) {
      pass(1);
      rate.note(true);
    }
    expect(rate.limit).toBeGreaterThanOrEqual(0.5);
  });
});
