/**
 * The value of the `amz-sdk-request` header, by which AWS services count retries.
 *
 * @param attempt - which try of the request it is, from 1
 * @param maximumAttempts - how many there may be; 0 or left out: not said
 * @see {@link https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html}
 */
export function amzSdkRequest(attempt: number, maximumAttempts: number = 0): string {
  return maximumAttempts > 0 ? `attempt=${attempt}; max=${maximumAttempts}` : `attempt=${attempt}`;
}
