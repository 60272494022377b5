import { describe, expect, test } from 'vitest';
import {
  amzSdkRequest,
  backoffDelay,
  classify,
  decideRetry,
  RetryBudget,
  type RetryDecision,
  retryAfterMilliseconds,
  SendRate,
} from '../src/index.ts';
import retry from './vectors/retry.json' with { type: 'json' };

const vectors = retry;

interface StandardCase {
  name: string;
  given: { maxAttempts?: number; initialRetryTokens?: number };
  responses: {
    response: { statusCode: number; errorCode?: string; headers?: Record<string, string> };
    expected: { outcome: string; retryQuota: number; delaySeconds?: number };
  }[];
}

const OUTCOMES = {
  'attempts-used-up': 'max_attempts_exceeded',
  'budget-used-up': 'retry_quota_exceeded',
} as Record<string, string>;

function outcomeOf(decision: RetryDecision): string | undefined {
  return decision.retry ? 'retry' : OUTCOMES[decision.reason];
}

describe('standard', () => {
  test.each(vectors.standard as StandardCase[])('$name', ({ given, responses }) => {
    const budget = new RetryBudget({ tokens: given.initialRetryTokens ?? 500 });
    let cost: number | undefined;
    responses.forEach(({ response, expected }, index) => {
      const { statusCode: status, errorCode: code, headers } = response;
      if (expected.outcome === 'success') {
        expect(classify({ status, code })).toBe('none');
        budget.giveBack(cost);
      } else {
        const decision = decideRetry({
          status,
          code,
          headers,
          budget,
          attempt: index + 1,
          maximumAttempts: given.maxAttempts ?? 3,
          random: () => 1,
          now: 0,
        });
        expect(outcomeOf(decision)).toBe(expected.outcome);
        if (decision.retry) {
          expect(decision.delayMilliseconds).toBe((expected.delaySeconds ?? Number.NaN) * 1000);
          cost = decision.cost;
        }
      }
      expect(budget.tokens).toBe(expected.retryQuota);
    });
  });
});

describe('backoff', () => {
  test.each(vectors.backoff)('$name', ({ baseSeconds, maxBackoffSeconds, random, delaysByRetry }) => {
    const delays = delaysByRetry.map((__, index) =>
      backoffDelay({
        attempt: index + 1,
        random: () => random,
        baseMilliseconds: baseSeconds * 1000,
        maximumMilliseconds: maxBackoffSeconds * 1000,
      }),
    );
    expect(delays).toEqual(delaysByRetry.map((seconds) => seconds * 1000));
  });
});

/** What Node reports for the failures that the vectors name in words. */
const NETWORK_CODES: Record<string, string> = {
  'connection error': 'ECONNREFUSED',
  'read timeout': 'ETIMEDOUT',
};

describe('classification', () => {
  test.each(vectors.classification)('$name', (vector) => {
    const kind = classify({
      status: vector.statusCode ?? undefined,
      code: vector.errorCode ?? undefined,
      networkCode: vector.io === undefined ? undefined : NETWORK_CODES[vector.io],
    });
    expect(kind).toBe(vector.classification);
    expect(kind !== 'none').toBe(vector.retryable);
  });
});

describe('clock skew', () => {
  test.each(vectors.clockSkew)('$name', ({ errorCode, clockSkewError }) => {
    expect(classify({ status: 403, code: errorCode }) === 'clock-skew').toBe(clockSkewError);
  });
});

describe('retry after', () => {
  test.each(vectors.retryAfter)('$name', ({ header, value, nowEpochMs, delayMs }) => {
    expect(retryAfterMilliseconds({ [header]: value }, nowEpochMs)).toBe(delayMs ?? undefined);
  });
});

describe('headers', () => {
  test.each(vectors.headers)('$name', ({ maxAttempts, statuses, amzSdkRequest: expected }) => {
    expect(statuses.map((__, index) => amzSdkRequest(index + 1, maxAttempts))).toEqual(expected);
  });
});

test('no group of vectors is forgotten', () => {
  expect(Object.keys(vectors)).toEqual([
    'standard',
    'backoff',
    'classification',
    'clockSkew',
    'retryAfter',
    'adaptive',
    'headers',
  ]);
  expect(Object.values(vectors).every((group) => group.length > 0)).toBe(true);
});

interface AdaptiveCase {
  name: string;
  kind: string;
  attempts: { timeSeconds: number; throttled?: boolean; measuredTxRate?: number; fillRate?: number }[];
}

describe('adaptive', () => {
  // The other kind starts from inside: at a rate and a time that nobody was told of.
  const cases = (vectors.adaptive as AdaptiveCase[]).filter(({ kind }) => kind === 'limiter');
  test.each(cases)('$name', ({ attempts }) => {
    let seconds = 0;
    const rate = new SendRate(() => seconds * 1000);
    let isLimited = false;
    for (const { timeSeconds, throttled = false, measuredTxRate = 0, fillRate = 0 } of attempts) {
      seconds = timeSeconds;
      rate.note(throttled);
      isLimited ||= throttled;
      expect(rate.measured).toBeCloseTo(measuredTxRate, 9);
      // Before the first throttled answer the rate is reckoned, but limits nobody.
      if (isLimited) expect(rate.limit).toBeCloseTo(fillRate, 9);
      else expect(rate.limit).toBeUndefined();
    }
  });
});
