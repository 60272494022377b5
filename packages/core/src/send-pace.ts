import { classify, SendRate } from '@s3kit/retry';
import type { Failed, RetryRuntime } from './retry-policy.ts';
import { wait } from './wait.ts';

/** The adaptive mode of a connection: its requests wait for their turn, once the service has asked for fewer. */
export class SendPace {
  readonly #rate: SendRate;
  readonly #sleep: NonNullable<RetryRuntime['sleep']>;

  constructor({ now, sleep = wait }: RetryRuntime) {
    this.#rate = new SendRate(now);
    this.#sleep = sleep;
  }

  /** Waits until another attempt may be made. */
  async turn(signal: AbortSignal | undefined): Promise<void> {
    const milliseconds = this.#rate.take();
    if (milliseconds > 0) await this.#sleep(milliseconds, signal);
  }

  /** Takes note of what an attempt came to. */
  note(outcome: Failed): void {
    this.#rate.note(isThrottled(outcome));
  }
}

function isThrottled(outcome: Failed): boolean {
  if (!('answer' in outcome) || outcome.answer.error === undefined) return false;
  const { response, error } = outcome.answer;
  return classify({ status: response.status, code: error.code }) === 'throttling';
}
