import { type BackoffOptions, backoffDelay, MAXIMUM_DELAY } from './backoff-delay.ts';
import type { FailureKind } from './failure-kind.ts';
import type { RetryBudget } from './retry-budget.ts';

/** A failed try of a known kind, and the circumstances. */
export interface ClassifiedFailure extends BackoffOptions {
  kind: FailureKind;
  /** How long the server asks to wait; see `retryAfterMilliseconds`. */
  askedMilliseconds?: number | undefined;
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
 * `decideRetry` for a failure whose kind is known.
 *
 * @throws {RangeError} `attempt` is not a whole number, 1 or more
 */
export function decideByKind(failure: ClassifiedFailure): RetryDecision {
  const { kind, attempt, maximumAttempts = 3, budget, replayable = true, clockCorrected = false } = failure;
  const backoff = backoffDelay(failure);
  if (kind === 'none') return { retry: false, reason: 'not-retryable' };
  if (kind === 'clock-skew' && !clockCorrected) return { retry: false, reason: 'clock-not-corrected' };
  if (!replayable) return { retry: false, reason: 'body-not-replayable' };
  if (maximumAttempts > 0 && attempt >= maximumAttempts) return { retry: false, reason: 'attempts-used-up' };
  const cost = budget === undefined ? 0 : budget.take(kind);
  if (cost === undefined) return { retry: false, reason: 'budget-used-up' };

  if (kind === 'clock-skew') return { retry: true, kind, delayMilliseconds: 0, cost };
  const { askedMilliseconds = 0, maximumMilliseconds = MAXIMUM_DELAY } = failure;
  const asked = Math.min(askedMilliseconds, maximumMilliseconds);
  return { retry: true, kind, delayMilliseconds: Math.max(backoff, asked), cost };
}
