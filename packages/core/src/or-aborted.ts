import { onAbort } from '#transport';

// Milliseconds after an abort for which what has to be left in order is waited for.
const cleanUpTime = 5_000;

/** What a promise comes to, or the signal's reason, whichever is first. */
export async function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    promise.then(resolve, reject).finally(onAbort(signal, stop));
  });
}

/** The same for what leaves things in order: after an abort it still has a few seconds to come to an end. */
export async function orOverdue<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  return orAborted(promise, signal).catch((error: unknown) => {
    if (!signal?.aborted) throw error;
    // Its timer does not keep a process running.
    return orAborted(promise, AbortSignal.timeout(cleanUpTime));
  });
}
