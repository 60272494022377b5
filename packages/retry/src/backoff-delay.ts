import { checkedCount, checkedWait } from './checks.ts';
import type { FailureKind } from './classify.ts';

/** What a delay depends on. */
export interface BackoffOptions {
  /** How many times the request was tried, 1 or more: 1 before the first retry. */
  attempt: number;
  /** What went wrong. @default 'transient' */
  kind?: FailureKind;
  /** Gives a number from 0 to 1. @default Math.random */
  random?: () => number;
  /** The first delay at its longest, in milliseconds. @default 50, or 1000 when throttled */
  baseMilliseconds?: number;
  /** No delay is longer, in milliseconds. @default 20_000 */
  maximumMilliseconds?: number;
}

/** The longest delay, in milliseconds. */
export const MAXIMUM_DELAY = 20_000;

/**
 * How long to wait before the next try: twice as long each time, up to a maximum, and of that a random part
 * ('full jitter'), so that clients that failed together do not come back together.
 *
 * @returns milliseconds
 * @throws {TypeError} a number is none
 * @throws {RangeError} `attempt` is not a whole number, 1 or more, or the delays are not what a timer can count
 * @see {@link https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html}
 * @see {@link https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/}
 */
export function backoffDelay(options: BackoffOptions): number {
  const { attempt, kind = 'transient', random = Math.random, maximumMilliseconds = MAXIMUM_DELAY } = options;
  const { baseMilliseconds = kind === 'throttling' ? 1000 : 50 } = options;
  checkedWait(baseMilliseconds, 'baseMilliseconds');
  checkedWait(maximumMilliseconds, 'maximumMilliseconds');
  // Far above what a timer can count, and far below infinity, of which no part can be taken.
  const doublings = Math.min(checkedCount(attempt, 'attempt', 1) - 1, 99);
  return random() * Math.min(maximumMilliseconds, baseMilliseconds * 2 ** doublings);
}
