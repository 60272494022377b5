import { decideRetry, errorNumber, Retry, RetryBudget, redactUrl, sleep } from '@s3kit/retry';
import type { Outcome, S3Answer } from './connection.ts';
import type { RetryConfig } from './connection-config.ts';
import { isTransportError, type TransportError } from './http.ts';

/** What a policy takes from outside. */
export interface RetryRuntime {
  readonly logger?: (message: string) => void;
  readonly now?: () => number;
  readonly random?: () => number;
  readonly sleep?: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}

/** What a policy knows of the request that it repeats. */
interface RetriedRequest {
  readonly method: string;
  readonly url: string;
  readonly signal?: AbortSignal | undefined;
  /** Mends what an answer shows to be wrong on our side; true where another attempt then makes sense at once. */
  readonly correct: (answer: Outcome) => Promise<boolean>;
  /** Is told of each attempt that is to be made again. */
  readonly retrying?: ((retry: RetryReport) => void) | undefined;
}

/** Why there is to be another attempt, and when. */
interface RetryReport {
  /** Milliseconds. */
  readonly delay: number;
  readonly problem: string;
  readonly status: number | undefined;
  readonly code: string | undefined;
}

/** The last attempt's answer, and how many there were. */
type Answered = Pick<S3Answer, 'response' | 'error' | 'attempts'>;

/** Counts the breaks of one body. */
export interface BodyRetries {
  /** Waits for another request for the rest; false where there is to be none. */
  another(failure: TransportError): Promise<boolean>;
  /** Bytes came: the count begins anew. */
  progress(): void;
}

/** Makes an attempt, and further ones where that can help. */
export interface RetryPolicy {
  /** The retries of a body that is read outside of any attempt. Most come whole: what `url` gives is asked for where one breaks. */
  bodyRetries(
    request: Pick<RetriedRequest, 'method' | 'signal'> & { readonly url: () => Promise<string> },
  ): BodyRetries;
  /**
   * Resolves to the last attempt's answer, whether S3 did what was asked or refused; rejects with its failure.
   *
   * @param attempt - makes one, the first with 1
   */
  run(request: RetriedRequest, attempt: (count: number) => Promise<Outcome>): Promise<Answered>;
}

/** How an attempt failed: by an answer that refuses, or by none. */
type Failed = { readonly answer: Outcome } | { readonly failure: TransportError };

// With no limit for the statuses that the user has listed, there still is one for what s3kit retries by itself.
const limitOfStandard = 5;

/**
 * The retries of a connection.
 *
 * What the documented list of statuses names is tried again after the documented interval. All else is for the standard
 * policy: it knows what can go away by itself, waits longer each time, and spends from a budget that the connection's
 * requests share, so that a service in trouble is left alone.
 */
export function createRetryPolicy(config: RetryConfig = {}, runtime: RetryRuntime = {}): RetryPolicy {
  const budget = new RetryBudget();
  const wait = runtime.sleep ?? sleep;
  const newRetry = (waiting?: () => void): Retry => {
    const logger = (message: string): void => {
      runtime.logger?.(message);
      waiting?.();
    };
    return new Retry({ ...config, logger, sleep: wait });
  };
  // Refuses bad settings when the connection is made, not at the first request.
  const { limit, interval, statusCodes } = newRetry();

  /** Waits for the next attempt; false where there is to be none. */
  async function anotherAttempt(
    failed: Failed,
    attempt: number,
    retry: Retry,
    request: Omit<RetriedRequest, 'correct'>,
  ): Promise<boolean> {
    const { method, url, signal } = request;
    const problem = describe(failed);
    const statusCode = 'answer' in failed ? failed.answer.response.status : errorNumber(failed.failure.code);
    if (statusCode !== undefined && statusCodes.includes(statusCode)) {
      return retry.next(statusCode, method, url, problem, signal === undefined ? {} : { signal });
    }
    const decision = decideRetry({
      ...('answer' in failed
        ? {
            status: failed.answer.response.status,
            code: failed.answer.error?.code,
            headers: failed.answer.response.headers,
          }
        : { networkCode: failed.failure.code }),
      attempt,
      maximumAttempts: limit === 0 ? limitOfStandard : limit,
      budget,
      now: (runtime.now ?? Date.now)(),
      ...(runtime.random && { random: runtime.random }),
    });
    if (!decision.retry) return false;
    runtime.logger?.(
      redactUrl(
        `Try ${attempt + 1} in ${Math.round(decision.delayMilliseconds)} ms: ${method} ${url}: ${problem}`,
      ),
    );
    request.retrying?.(reportOf(failed, decision.delayMilliseconds));
    await wait(decision.delayMilliseconds, signal);
    return true;
  }

  return {
    bodyRetries({ method, signal, url }) {
      let retry: Retry | undefined;
      let count = 0;
      return {
        async another(failure) {
          retry ??= newRetry();
          return anotherAttempt({ failure }, ++count, retry, { method, signal, url: await url() });
        },
        progress() {
          if (count === 0) return;
          count = 0;
          retry?.reset();
        },
      };
    },

    async run(request, attempt) {
      let outcome: Failed | undefined;
      let retry: Retry | undefined;
      for (let count = 1, attempts = 1; ; attempts++) {
        outcome = await outcomeOf(() => attempt(attempts));
        if ('answer' in outcome && outcome.answer.error === undefined) {
          budget.giveBack();
          return { ...outcome.answer, attempts };
        }
        request.signal?.throwIfAborted();
        // A connection that was kept alive, and that the service had closed, says nothing about this request.
        if ('failure' in outcome ? outcome.failure.staleConnection : await request.correct(outcome.answer)) {
          request.retrying?.(reportOf(outcome, 0));
          continue;
        }
        retry ??= newRetry(() => outcome && request.retrying?.(reportOf(outcome, interval * 1_000)));
        if (!(await anotherAttempt(outcome, count, retry, request))) {
          if ('answer' in outcome) return { ...outcome.answer, attempts };
          throw outcome.failure;
        }
        count++;
      }
    },
  };
}

async function outcomeOf(attempt: () => Promise<Outcome>): Promise<Failed> {
  try {
    return { answer: await attempt() };
  } catch (error) {
    // The disk, a bad argument, an abort: nothing that another attempt could mend.
    if (!isTransportError(error)) throw error;
    return { failure: error };
  }
}

function reportOf(failed: Failed, delay: number): RetryReport {
  const problem = describe(failed);
  if ('failure' in failed) return { delay, problem, status: undefined, code: failed.failure.code };
  const { response, error } = failed.answer;
  return { delay, problem, status: response.status, code: error?.code };
}

function describe(failed: Failed): string {
  if ('failure' in failed) return failed.failure.message;
  const { code, message } = failed.answer.error ?? { code: '', message: '' };
  return message === '' ? code : `${code}: ${message}`;
}
