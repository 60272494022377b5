import type { S3Answer } from './connection.ts';
import type { RetryConfig } from './connection-config.ts';
import { TransportError } from './http.ts';
export interface RetryRuntime {
  readonly logger?: (message: string) => void;
  readonly now?: () => number;
  readonly random?: () => number;
  readonly sleep?: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}
export interface RetryPolicy {
  run(
    request: { url: string; call: { method: string } },
    attempt: () => Promise<S3Answer>,
    signal: AbortSignal | undefined,
  ): Promise<S3Answer>;
}
export function createRetryPolicy(config: RetryConfig = {}, runtime: RetryRuntime = {}): RetryPolicy {
  const { limit = 5, interval = 2.5, statusCodes = [104] } = config;
  return {
    async run(request, attempt, signal) {
      for (let tries = 1; ; tries++) {
        let answer: S3Answer | undefined;
        let failure: unknown;
        try {
          answer = await attempt();
          if (answer.error === undefined) return answer;
        } catch (error) {
          failure = error;
          if (!(error instanceof TransportError)) throw error;
          if (error.staleConnection) {
            tries--;
            continue;
          }
        }
        signal?.throwIfAborted();
        const status = answer?.response.status ?? 104;
        if (
          tries >= (limit || 5) ||
          !(statusCodes.includes(status) || (status >= 500 && status !== 501) || status === 200)
        ) {
          if (answer) return answer;
          throw failure;
        }
        runtime.logger?.(`retry ${request.url}`);
        await (runtime.sleep ?? ((ms) => new Promise((r) => setTimeout(r, ms))))(interval * 1000, signal);
      }
    },
  };
}
