export { amzSdkRequest } from './amz-sdk-request.ts';
export { type BackoffOptions, backoffDelay } from './backoff-delay.ts';
export { classify, type Failure } from './classify.ts';
export { classifyNetwork } from './classify-network.ts';
export {
  type ClassifiedFailure,
  decideByKind,
  type NoRetryReason,
  type RetryDecision,
} from './decide-by-kind.ts';
export { decideRetry, type RetryQuestion } from './decide-retry.ts';
export { errorNumber } from './error-number.ts';
export type { FailureKind } from './failure-kind.ts';
export { redactUrl } from './redact-url.ts';
export { Retry, type RetryOptions, type RetrySettings } from './retry.ts';
export { type ResponseHeaders, retryAfterMilliseconds } from './retry-after.ts';
export { RetryBudget, type RetryBudgetOptions } from './retry-budget.ts';
export { sleep } from './sleep.ts';
