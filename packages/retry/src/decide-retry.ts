import { classify, type Failure } from './classify.ts';
import { type ClassifiedFailure, decideByKind, type RetryDecision } from './decide-by-kind.ts';
import { type ResponseHeaders, retryAfterMilliseconds } from './retry-after.ts';

/** A failed try, and the circumstances. */
export interface RetryQuestion extends Failure, Omit<ClassifiedFailure, 'kind' | 'askedMilliseconds'> {
  /** The headers of the answer, which may ask for a longer wait. */
  headers?: ResponseHeaders | undefined;
  /** The time now, in milliseconds since 1970. @default Date.now() */
  now?: number;
}

/**
 * Decides about another try, and takes its tokens from the budget.
 *
 * The server may ask for a longer wait than the exponential delay, up to the same maximum, but not for a
 * shorter one. A request that failed by the clock is tried again at once, when the clock has been corrected.
 *
 * @throws {RangeError} `attempt` is not a whole number, 1 or more
 * @see {@link https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html}
 * @example
 * const decision = decideRetry({ status: 503, attempt: 1, budget });
 * if (decision.retry) await sleep(decision.delayMilliseconds, signal);
 */
export function decideRetry(question: RetryQuestion): RetryDecision {
  const { headers = {}, now = Date.now() } = question;
  return decideByKind({
    ...question,
    kind: classify(question),
    askedMilliseconds: retryAfterMilliseconds(headers, now),
  });
}
