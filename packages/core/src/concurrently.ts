/**
 * Does a task for each item, at most `concurrency` at a time, taking items as they are needed.
 *
 * After a failure, or when the signal is aborted, no further item is taken and the tasks under way are told by their
 * signal; it rejects with the first failure once they have all ended.
 */
export async function concurrently<T>(
  items: Iterable<T>,
  concurrency: number,
  task: (item: T, signal: AbortSignal) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const stop = new AbortController();
  const both = signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal]);
  const iterator = items[Symbol.iterator]();
  let failure: { readonly error: unknown } | undefined;

  const work = async (): Promise<void> => {
    while (failure === undefined && !both.aborted) {
      const next = iterator.next();
      if (next.done === true) return;
      try {
        await task(next.value, both);
      } catch (error) {
        failure ??= { error };
        stop.abort(error);
      }
    }
  };

  await Promise.all(Array.from({ length: concurrency }, work));
  if (failure !== undefined) throw failure.error;
  signal?.throwIfAborted();
}
