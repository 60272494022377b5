export { errorNumber } from './error-number.ts';
export { redactUrl } from './redact-url.ts';
export { Retry, type RetryOptions, type RetrySettings } from './retry.ts';
export { sleep } from './sleep.ts';
