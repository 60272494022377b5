import { decideRetry, errorNumber, Retry, RetryBudget, redactUrl } from '@s3kit/retry';
import { encodeQuery } from '@s3kit/sigv4';
import { type Outcome, type S3Call, urlOf } from './connection.ts';
import type { RetryConfig } from './connection-config.ts';
import type { TransportError } from './http.ts';
import { queryPairs } from './query.ts';
import type { ConnectionInside } from './repairs.ts';
import { SendPace } from './send-pace.ts';
import { wait } from './wait.ts';

/** What a policy takes from outside. */
export interface RetryRuntime {
  readonly logger?: ((message: string) => void) | undefined;
  readonly now?: (() => number) | undefined;
  readonly random?: (() => number) | undefined;
  readonly sleep?: ((milliseconds: number, signal?: AbortSignal) => Promise<void>) | undefined;
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

/** Counts the breaks of one body. */
export interface BodyRetries {
  /** Waits for another request for the rest; false where there is to be none. */
  another(failure: TransportError): Promise<boolean>;
  /** Bytes came: the count begins anew. */
  progress(): void;
}

/** What an attempt came to: an answer, which may refuse, or none. */
export type Failed = { readonly answer: Outcome } | { readonly failure: TransportError };

/** Counts the attempts of one request. */
export interface RequestRetries {
  /** Whether an attempt, of which nobody knows how it ended, may have done what is asked. */
  readonly mayBeDone: boolean;
  /** Mends what can be mended, or waits, for another attempt; false where there is to be none. */
  another(failed: Failed): Promise<boolean>;
}

/** Says where further attempts can help, and waits for them. */
export interface RetryPolicy {
  /** The retries of a request, of which an attempt has failed. */
  begin(request: RetriedRequest): RequestRetries;
  /** The retries of a body that is read outside of any attempt. */
  bodyRetries(call: S3Call, connection: Pick<ConnectionInside, 'addressOf'>): BodyRetries;
  /** Waits until another attempt may be made, in the adaptive mode. */
  turn(signal: AbortSignal | undefined): Promise<void> | undefined;
  /** Takes note of what an attempt came to: after a success, there may be more retries again. */
  note(outcome: Failed): void;
}

// With no limit for the statuses that the user has listed, there still is one for what s3kit retries by itself.
const limitOfStandard = 5;

/**
 * The retries of a connection, to be made when something has failed for the first time.
 *
 * What the documented list of statuses names is tried again after the documented interval. All else is for the standard
 * policy: it knows what can go away by itself, waits longer each time, and spends from a budget that the connection's
 * requests share, so that a service in trouble is left alone.
 */
export function createRetryPolicy(config: RetryConfig = {}, runtime: RetryRuntime = {}): RetryPolicy {
  const budget = new RetryBudget();
  const pace = config.mode === 'adaptive' ? new SendPace(runtime) : undefined;
  const sleep = runtime.sleep ?? wait;
  const newRetry = (waiting?: () => void): Retry => {
    const logger = (message: string): void => {
      runtime.logger?.(message);
      waiting?.();
    };
    const { mode: _, ...fixed } = config;
    return new Retry({ ...fixed, logger, sleep });
  };
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
    await sleep(decision.delayMilliseconds, signal);
    return true;
  }

  return {
    bodyRetries(call, { addressOf }) {
      const retry = newRetry();
      let count = 0;
      return {
        async another(failure) {
          const { method, signal, query = {} } = call;
          const url = urlOf(await addressOf(call), encodeQuery(queryPairs(query)));
          return anotherAttempt({ failure }, ++count, retry, { method, url, signal });
        },
        progress() {
          if (count === 0) return;
          count = 0;
          retry.reset();
        },
      };
    },

    begin(request) {
      let last: Failed | undefined;
      let count = 1;
      const retry = newRetry(() => last && request.retrying?.(reportOf(last, interval * 1_000)));
      let mayBeDone = false;
      return {
        get mayBeDone() {
          return mayBeDone;
        },
        async another(failed) {
          mayBeDone ||= 'failure' in failed || failed.answer.response.status >= 500;
          last = failed;
          request.signal?.throwIfAborted();
          // A connection that was kept alive, and that the service had closed, says nothing about this request.
          if ('failure' in failed ? failed.failure.staleConnection : await request.correct(failed.answer)) {
            request.retrying?.(reportOf(failed, 0));
            return true;
          }
          return anotherAttempt(failed, count++, retry, request);
        },
      };
    },

    turn: (signal) => pace?.turn(signal),

    note(outcome) {
      if ('answer' in outcome && outcome.answer.error === undefined) budget.giveBack();
      pace?.note(outcome);
    },
  };
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
