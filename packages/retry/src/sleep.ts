/** The longest wait that a timer can count, in milliseconds: almost 25 days. A longer one would end at once. */
export const MAXIMUM_SLEEP = 2_147_483_647;

/**
 * Waits.
 *
 * @param milliseconds - how long, 0 to 2,147,483,647
 * @param signal - ends the wait early
 * @throws {RangeError} `milliseconds` is out of range; as a rejection, like all others
 * @throws the signal's reason, when it is aborted before or during the wait
 */
export async function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  if (!(milliseconds >= 0 && milliseconds <= MAXIMUM_SLEEP)) {
    throw new RangeError(`milliseconds must be a number from 0 to ${MAXIMUM_SLEEP}`);
  }
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
