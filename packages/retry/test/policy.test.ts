import { describe, expect, test, vi } from 'vitest';
import {
  amzSdkRequest,
  backoffDelay,
  classify,
  decideRetry,
  errorNumber,
  RetryBudget,
  redactUrl,
  retryAfterMilliseconds,
  sleep,
} from '../src/index.ts';

describe('classify', () => {
  test.each([
    ['throttling', { status: 503, code: 'SlowDown' }],
    ['transient', { status: 503, code: 'ServiceUnavailable' }],
    ['transient', { status: 503 }],
    ['transient', { status: 408 }],
    ['throttling', { status: 509 }],
    ['transient', { status: 200, code: 'InternalError' }],
    ['throttling', { status: 200, code: 'SlowDown' }],
    ['transient', { status: 500, code: 'SomethingNew' }],
    ['clock-skew', { status: 403, code: 'RequestTimeTooSkewed' }],
    ['transient', { networkCode: 'ECONNRESET' }],
    ['transient', { networkCode: 'EPIPE' }],
    ['transient', { networkCode: 'UND_ERR_SOCKET' }],
    ['none', { networkCode: 'CERT_HAS_EXPIRED' }],
    ['none', { networkCode: 'DEPTH_ZERO_SELF_SIGNED_CERT' }],
    ['none', { status: 301, code: 'PermanentRedirect' }],
    ['none', { status: 403, code: 'AccessDenied' }],
    ['none', { code: 'constructor' }],
    ['none', {}],
  ])('%s: %j', (kind, failure) => {
    expect(classify(failure)).toBe(kind);
  });
});

describe('backoffDelay', () => {
  test('takes a random part of the longest delay', () => {
    expect(backoffDelay({ attempt: 3, random: () => 0 })).toBe(0);
    expect(backoffDelay({ attempt: 3, random: () => 0.5 })).toBe(100);
    expect(backoffDelay({ attempt: 3, kind: 'throttling', random: () => 0.5 })).toBe(2000);
    expect(backoffDelay({ attempt: 9999, random: () => 0.5 })).toBe(10_000);
  });

  test('draws lots itself', () => {
    const delays = Array.from({ length: 50 }, () => backoffDelay({ attempt: 1 }));
    expect(delays.every((delay) => delay >= 0 && delay < 50)).toBe(true);
    expect(new Set(delays).size).toBeGreaterThan(1);
  });

  test.each([0, -1, 1.5, Number.NaN])('refuses attempt %s', (attempt) => {
    expect(() => backoffDelay({ attempt })).toThrow(RangeError);
    expect(() => decideRetry({ status: 404, attempt })).toThrow(/^attempt must be/);
  });
});

// What the README says of bad arguments; a limit that is not understood must not be none.
const noCounts: [ErrorConstructor, unknown][] = [
  [RangeError, Number.NaN],
  [RangeError, -1],
  [RangeError, 1.5],
  [RangeError, Number.POSITIVE_INFINITY],
  [TypeError, '3'],
  [TypeError, null],
];

test.each(noCounts)('%o: %o is no number of attempts, and no cost', (kind, value) => {
  // Cast: what callers without types may give.
  const count = value as number;
  const failure = { status: 503, attempt: 1, maximumAttempts: count };
  expect(() => decideRetry(failure)).toThrow(kind);
  expect(() => decideRetry({ ...failure, status: 404 })).toThrow(/^maximumAttempts must be/);
  expect(() => decideRetry({ status: 503, attempt: count })).toThrow(kind);
  const budget = new RetryBudget();
  expect(() => budget.giveBack(count)).toThrow(kind);
  expect(() => budget.giveBack(count)).toThrow(/^cost must be/);
  expect(budget.tokens).toBe(500);
});

test.each([Number.NaN, -1, 2 ** 31, Number.POSITIVE_INFINITY])('%s is no delay', (delay) => {
  for (const name of ['baseMilliseconds', 'maximumMilliseconds']) {
    expect(() => backoffDelay({ attempt: 1, [name]: delay })).toThrow(RangeError);
    expect(() => decideRetry({ status: 503, attempt: 1, [name]: delay })).toThrow(`${name} must be`);
  }
});

test('no base is no delay, however often it is doubled', () => {
  expect(backoffDelay({ attempt: 5000, baseMilliseconds: 0 })).toBe(0);
  expect(backoffDelay({ attempt: 5000, baseMilliseconds: 0.5, random: () => 1 })).toBe(20_000);
});

describe('retryAfterMilliseconds', () => {
  const now = Date.UTC(2024, 1, 29, 12, 0, 0);
  test.each([
    [30_000, { 'retry-after': 'Thu, 29 Feb 2024 12:00:30 GMT' }],
    [0, { 'retry-after': 'Thu, 29 Feb 2024 11:00:00 GMT' }],
    // The two obsolete forms of RFC 9110 section 5.6.7, and the example that it gives of each.
    [30_000, { 'retry-after': 'Thursday, 29-Feb-24 12:00:30 GMT' }],
    [30_000, { 'retry-after': 'Thu Feb 29 12:00:30 2024' }],
    [10 * 24 * 3_600_000 + 3_600_000, { 'retry-after': 'Sun Mar 10 13:00:00 2024' }],
    [24 * 3_600_000, { 'retry-after': 'Fri Mar  1 12:00:00 2024' }],
    [0, { 'retry-after': 'Sunday, 06-Nov-94 08:49:37 GMT' }],
    [0, { 'retry-after': 'Sun Nov  6 08:49:37 1994' }],
    [undefined, { 'retry-after': 'Thu Feb 29 12:00:30' }],
    [undefined, { 'retry-after': 'Thu Feb 29 12:00:30 2024 GMT' }],
    [undefined, { 'retry-after': 'Thursday, 29-Feb-24 12:00:30' }],
    [undefined, { 'retry-after': 'Thursday, 29-Xyz-24 12:00:30 GMT' }],
    [undefined, { 'retry-after': 'Thu, 99 Feb 2024 12:00:30 GMT' }],
    [undefined, { 'retry-after': '2024-02-29' }],
    [undefined, { 'retry-after': '-1' }],
    [undefined, { 'retry-after': '' }],
    [undefined, {}],
    [undefined, { 'retry-after': undefined }],
    [2000, { 'Retry-After': ' 2 ' }],
    [2000, { 'retry-after': ['2'] }],
    [1, { 'retry-after': '2', 'x-amz-retry-after': '1' }],
    [2000, { 'retry-after': '2', 'x-amz-retry-after': 'soon' }],
  ])('%s for %j', (expected, headers) => {
    expect(retryAfterMilliseconds(headers, now)).toBe(expected);
  });
});

describe('RetryBudget', () => {
  test('gives one token for a success at the first try, and never holds more than its capacity', () => {
    const budget = new RetryBudget({ capacity: 20, tokens: 18 });
    budget.giveBack();
    expect(budget.tokens).toBe(19);
    budget.giveBack(14);
    expect(budget.tokens).toBe(20);
    expect([budget.take('transient'), budget.take('transient'), budget.take('throttling')]).toEqual([
      14,
      undefined,
      5,
    ]);
    expect(budget.tokens).toBe(1);
  });

  test.each([
    ['capacity', { capacity: -1 }],
    ['capacity', { capacity: 1.5 }],
    ['tokens', { tokens: 501 }],
    ['tokens', { tokens: -1 }],
    ['tokens', { capacity: 10, tokens: Number.NaN }],
  ])('refuses %s in %j', (argument, options) => {
    expect(() => new RetryBudget(options)).toThrow(RangeError);
    expect(() => new RetryBudget(options)).toThrow(`${argument} must be`);
  });
});

describe('decideRetry', () => {
  const failure = { status: 503, attempt: 1, random: () => 1, now: 0 };

  test('three tries by default, any number with 0', () => {
    expect(decideRetry({ ...failure, attempt: 2 })).toMatchObject({ retry: true });
    expect(decideRetry({ ...failure, attempt: 3 })).toEqual({ retry: false, reason: 'attempts-used-up' });
    expect(decideRetry({ ...failure, attempt: 1000, maximumAttempts: 0 })).toMatchObject({ retry: true });
  });

  test('a retry without a budget is free', () => {
    expect(decideRetry(failure)).toEqual({ retry: true, kind: 'transient', delayMilliseconds: 50, cost: 0 });
  });

  test.each([
    ['not-retryable', { status: 404 }],
    ['clock-not-corrected', { status: 403, code: 'RequestTimeTooSkewed' }],
    ['body-not-replayable', { status: 503, replayable: false }],
    ['attempts-used-up', { status: 503, maximumAttempts: 1 }],
  ])('%s leaves the budget alone', (reason, question) => {
    const budget = new RetryBudget();
    expect(decideRetry({ ...failure, budget, ...question })).toEqual({ retry: false, reason });
    expect(budget.tokens).toBe(500);
  });

  test('a corrected clock is tried at once', () => {
    const budget = new RetryBudget();
    const question = { ...failure, status: 403, code: 'RequestTimeTooSkewed', clockCorrected: true, budget };
    expect(decideRetry(question)).toEqual({
      retry: true,
      kind: 'clock-skew',
      delayMilliseconds: 0,
      cost: 14,
    });
    expect(budget.tokens).toBe(486);
  });

  test('the server may ask for longer, not for shorter, and not for ever', () => {
    const delay = (seconds: string): unknown =>
      decideRetry({ ...failure, code: 'SlowDown', headers: { 'retry-after': seconds } });
    expect(delay('0')).toMatchObject({ delayMilliseconds: 1000 });
    expect(delay('7')).toMatchObject({ delayMilliseconds: 7000 });
    expect(delay('3600')).toMatchObject({ delayMilliseconds: 20_000 });
    const patient = { ...failure, maximumMilliseconds: 60_000, headers: { 'retry-after': '40' } };
    expect(decideRetry(patient)).toMatchObject({ delayMilliseconds: 40_000 });
  });

  test('a date is compared with the time now', () => {
    const headers = { 'retry-after': new Date(Date.now() + 10_000).toUTCString() };
    const decision = decideRetry({ status: 503, attempt: 1, headers });
    expect(decision.retry && decision.delayMilliseconds).toBeGreaterThan(5000);
  });
});

describe('sleep', () => {
  test('waits as long as it is told', async () => {
    const start = performance.now();
    await sleep(30);
    expect(performance.now() - start).toBeGreaterThanOrEqual(29);
  });

  test('ends with the signal, and leaves neither timer nor listener behind', async () => {
    vi.useFakeTimers();
    const controller = new AbortController();
    const remove = vi.spyOn(controller.signal, 'removeEventListener');
    const waiting = sleep(1000, controller.signal);
    expect(vi.getTimerCount()).toBe(1);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    expect(vi.getTimerCount()).toBe(0);
    await expect(sleep(1000, controller.signal)).rejects.toThrow('enough');
    expect(vi.getTimerCount()).toBe(0);

    const other = new AbortController();
    const removed = vi.spyOn(other.signal, 'removeEventListener');
    const done = sleep(5, other.signal);
    await vi.advanceTimersByTimeAsync(5);
    await done;
    expect(removed).toHaveBeenCalledOnce();
    expect(remove).not.toHaveBeenCalled();
    vi.useRealTimers();
  });

  test.each([-1, Number.NaN, 2 ** 31, Number.POSITIVE_INFINITY])('refuses %s', async (milliseconds) => {
    await expect(sleep(milliseconds)).rejects.toThrow(RangeError);
  });
});

describe('redactUrl', () => {
  test.each([
    ['https://b.example/k?X-Amz-Signature=0a', 'https://b.example/k?X-Amz-Signature=***'],
    ['/k?a=1&x-amz-credential=AK%2F1&b=2', '/k?a=1&x-amz-credential=***&b=2'],
    ['/k?X-Amz-Security-Token=t#x', '/k?X-Amz-Security-Token=***#x'],
    ['/k?AWSAccessKeyId=A&Signature=s%3D&Expires=1', '/k?AWSAccessKeyId=***&Signature=***&Expires=1'],
    ['http://me:pw@host/k', 'http://***@host/k'],
    ['see "https://h/?X-Amz-Signature=0a".', 'see "https://h/?X-Amz-Signature=***".'],
    ['http://user:p@ssw0rd@proxy:3128', 'http://***@proxy:3128'],
    ['http://me:pw@a and http://you:p@w@b/@', 'http://***@a and http://***@b/@'],
    ['https://h/@?a=@#@', 'https://h/@?a=@#@'],
    ['<a href="/k?a=1&amp;X-Amz-Signature=0a&amp;b=2">', '<a href="/k?a=1&amp;X-Amz-Signature=***&amp;b=2">'],
    ['/?next=%2Fk%3FX-Amz-Signature%3DSECRET&b=2', '/?next=%2Fk%3FX-Amz-Signature%3D***&b=2'],
    ['/?next=%2Fk%3fa%3d1%26x-amz-credential%3dAK&b', '/?next=%2Fk%3fa%3d1%26x-amz-credential%3d***&b'],
    ['/?n=%253FX-Amz-Security-Token%253DSECRET', '/?n=%253FX-Amz-Security-Token%253D***'],
    ['/?X-Amz-SignedHeaders=host&X-Amz-Date=d', '/?X-Amz-SignedHeaders=host&X-Amz-Date=d'],
    ['https://h/a//b@c?versionId=1', 'https://h/a//b@c?versionId=1'],
  ])('%s', (text, expected) => {
    expect(redactUrl(text)).toBe(expected);
  });
});

test.each([
  '://',
  '://@',
  '://a',
  'a@',
  '@',
  'Signature',
  'Signature=',
  'Signature%25',
  'Signature%2525252525',
  '25',
  'X-Amz-',
  '?X-Amz-Credential%',
])('a long text of %s takes no time', (piece) => {
  const started = performance.now();
  for (const start of ['', '://', 'Signature%', '?Signature='])
    redactUrl(start + piece.repeat(1_000_000 / piece.length));
  expect(performance.now() - started).toBeLessThan(2000);
});

test('errorNumber is that of Linux, on every system', () => {
  expect(errorNumber('ECONNRESET')).toBe(104);
  expect(errorNumber('ETIMEDOUT')).toBe(110);
  expect(errorNumber('ENOTFOUND')).toBeUndefined();
});

test('amzSdkRequest without a maximum', () => {
  expect(amzSdkRequest(2)).toBe('attempt=2');
});
