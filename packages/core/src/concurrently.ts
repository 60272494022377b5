import { orAborted } from './or-aborted.ts';

/**
 * Does a task for each item, at most `concurrency` at a time; an item is taken only when there is a free hand for it.
 *
 * After a failure, or when the signal is aborted, no further item is taken and the tasks under way are told by their
 * signal; it rejects with the first failure once they have all ended.
 */
export async function concurrently<T>(
  items: Iterable<T> | AsyncIterable<T>,
  concurrency: number,
  task: (item: T, signal: AbortSignal) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const stop = new AbortController();
  const both = signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal]);
  const take = inTurn(items, both);
  let failure: { readonly error: unknown } | undefined;

  const work = async (): Promise<void> => {
    while (failure === undefined && !both.aborted) {
      try {
        const next = await take();
        if (next.done === true || both.aborted) return;
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

/** Takes items one after another, whoever asks: an iterator of our own may be asked only when it has answered. */
function inTurn<T>(
  items: Iterable<T> | AsyncIterable<T>,
  signal: AbortSignal,
): () => Promise<IteratorResult<T>> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  let last: Promise<unknown> = Promise.resolve();
  return () => {
    const next = last.then(async () => {
      signal.throwIfAborted();
      // A source that has nothing to give for a long time must not hold up the end. Only who has his turn listens for that.
      return orAborted(Promise.resolve(iterator.next()), signal);
    });
    last = next.catch(() => undefined);
    return next;
  };
}
