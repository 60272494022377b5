import { isStorageError } from '@s3kit/core';

/** Whether an error says no more than that a signal was aborted. One with more to say tells what could not be cleaned up. */
export function isOnlyAborted(error: unknown, { aborted, reason }: AbortSignal): boolean {
  if (!aborted) return false;
  const cause = isStorageError(error) ? error.exception : error;
  // Node's own functions have an error of their own for it.
  return cause === reason || (cause instanceof Error && cause.name === 'AbortError');
}
