import { checkedCount } from './checks.ts';
import type { FailureKind } from './classify.ts';

/** What a retry costs. Throttled requests are cheap for the service that refused them. */
const COST_BY_KIND: Readonly<Record<FailureKind, number>> = {
  transient: 14,
  throttling: 5,
  'clock-skew': 14,
  none: 0,
};

/** How a `RetryBudget` starts. */
export interface RetryBudgetOptions {
  /** The most tokens that there can be. @default 500 */
  capacity?: number;
  /** The tokens to start with. @default all */
  tokens?: number;
}

/**
 * Tokens that many requests share: retries take some, successes give some back. When a service is down, the
 * tokens run out, and requests fail at once instead of adding to its load.
 *
 * @throws {TypeError} an option is no number
 * @throws {RangeError} an option is negative or not whole, or there are more tokens than `capacity`
 * @see {@link https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html}
 */
export class RetryBudget {
  /** The most tokens that there can be. */
  readonly capacity: number;
  #tokens: number;

  constructor({ capacity = 500, tokens = capacity }: RetryBudgetOptions = {}) {
    this.capacity = checkedCount(capacity, 'capacity');
    this.#tokens = checkedCount(tokens, 'tokens');
    if (tokens > capacity) throw new RangeError('tokens must be at most capacity');
  }

  /** The tokens left. */
  get tokens(): number {
    return this.#tokens;
  }

  /** Takes the tokens for a retry; returns how many, or undefined if there are not enough. */
  take(kind: FailureKind): number | undefined {
    const cost = COST_BY_KIND[kind];
    if (cost > this.#tokens) return undefined;
    this.#tokens -= cost;
    return cost;
  }

  /**
   * Gives tokens back, after a success.
   *
   * @param cost - what the last retry of the request took; 1 for a success at the first try
   * @throws {TypeError} `cost` is no number
   * @throws {RangeError} `cost` is negative or not whole
   */
  giveBack(cost: number = 1): void {
    this.#tokens = Math.min(this.capacity, this.#tokens + checkedCount(cost, 'cost'));
  }
}
