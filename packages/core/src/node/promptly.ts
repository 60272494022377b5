// Milliseconds. A local disk answers in a hundredth of that, from its cache.
const slow = 3;
const patience = 10_000;

let slowUntil = Number.NEGATIVE_INFINITY;

/**
 * Makes a small call to the file system: at once, which costs a tenth of a trip to the thread pool. Where such a call turns out to
 * be slow, as on a network's file system, they go by the thread pool for a while, so as not to hold up everything else.
 */
export async function promptly<T>(atOnce: () => T, byThreadPool: () => Promise<T>): Promise<T> {
  const started = performance.now();
  if (started < slowUntil) return byThreadPool();
  try {
    return atOnce();
  } finally {
    const ended = performance.now();
    if (ended - started > slow) slowUntil = ended + patience;
  }
}
