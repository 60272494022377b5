import { type BackoffOptions, backoffDelay, MAXIMUM_DELAY } from './backoff-delay.ts';
import { checkedCount } from './checks.ts';
import { classify, type Failure, type FailureKind } from './classify.ts';
import { type ResponseHeaders, retryAfterMilliseconds } from './retry-after.ts';
import type { RetryBudget } from './retry-budget.ts';

/** A failed try, and the circumstances. */
export interface RetryQuestion extends Failure, Omit<BackoffOptions, 'kind'> {
  /** The headers of the answer, which may ask for a longer wait. */
  headers?: ResponseHeaders | undefined;
  /** The time now, in milliseconds since 1970. @default Date.now() */
  now?: number;
  /** How many tries a request may have; 0: without limit. @default 3 */
  maximumAttempts?: number;
  /** Where retries take their tokens from. @default none: retries are free */
  budget?: RetryBudget | undefined;
  /** Whether the body can be sent again from its beginning. @default true */
  replayable?: boolean;
  /** Whether the clock was found wrong by this answer, and is now corrected. @default false */
  clockCorrected?: boolean;
}

/** Why there is no retry. */
export type NoRetryReason =
  | 'not-retryable'
  | 'clock-not-corrected'
  | 'body-not-replayable'
  | 'attempts-used-up'
  | 'budget-used-up';

/** What to do after a failed try. */
export type RetryDecision =
  | {
      retry: true;
      /** What went wrong. */
      kind: FailureKind;
      /** How long to wait first. */
      delayMilliseconds: number;
      /** The tokens taken, for `budget.giveBack` if the retry succeeds. */
      cost: number;
    }
  | { retry: false; reason: NoRetryReason };

/**
 * Decides about another try, and takes its tokens from the budget.
 *
 * The server may ask for a longer wait than the exponential delay, up to the same maximum, but not for a
 * shorter one. A request that failed by the clock is tried again at once, when the clock has been corrected.
 *
 * @throws {TypeError} a number is none
 * @throws {RangeError} `attempt` is not a whole number, 1 or more, `maximumAttempts` is negative or not whole, or the delays are
 *   not what a timer can count
 * @see {@link https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html}
 * @example
 * const decision = decideRetry({ status: 503, attempt: 1, budget });
 * if (decision.retry) await sleep(decision.delayMilliseconds, signal);
 */
export function decideRetry(question: RetryQuestion): RetryDecision {
  const { attempt, maximumAttempts = 3, budget, replayable = true, clockCorrected = false } = question;
  checkedCount(maximumAttempts, 'maximumAttempts');
  const kind = classify(question);
  const backoff = backoffDelay({ ...question, kind });
  if (kind === 'none') return { retry: false, reason: 'not-retryable' };
  if (kind === 'clock-skew' && !clockCorrected) return { retry: false, reason: 'clock-not-corrected' };
  if (!replayable) return { retry: false, reason: 'body-not-replayable' };
  if (maximumAttempts > 0 && attempt >= maximumAttempts) return { retry: false, reason: 'attempts-used-up' };
  const cost = budget === undefined ? 0 : budget.take(kind);
  if (cost === undefined) return { retry: false, reason: 'budget-used-up' };

  if (kind === 'clock-skew') return { retry: true, kind, delayMilliseconds: 0, cost };
  const { headers = {}, now = Date.now(), maximumMilliseconds = MAXIMUM_DELAY } = question;
  const asked = Math.min(retryAfterMilliseconds(headers, now) ?? 0, maximumMilliseconds);
  return { retry: true, kind, delayMilliseconds: Math.max(backoff, asked), cost };
}
