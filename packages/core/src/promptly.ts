// Milliseconds: what a trip to the thread pool costs, about. A local disk answers from its cache in a tenth of that.
const worthATrip = 0.2;
// Milliseconds until calls are tried at once again.
const pause = 1_000;
// Calls that the average goes back, about.
const memory = 16;
// Milliseconds: the most that one call counts for. A process that had to wait for the processor is no slow disk.
const longest = 1;

let average = 0;
let slowUntil = Number.NEGATIVE_INFINITY;

/**
 * Makes a small call to the file system: at once, which costs a tenth of a trip to the thread pool. Where such calls turn out to be
 * slow, as on a busy disk or a network's file system, they go by the thread pool for a while, so as not to hold up everything else.
 */
export function promptly<Now, Later>(
  atOnce: () => Now,
  byThreadPool: () => Promise<Later>,
): Now | Promise<Later> {
  const started = performance.now();
  if (started < slowUntil) return byThreadPool();
  try {
    return atOnce();
  } finally {
    const ended = performance.now();
    average += (Math.min(ended - started, longest) - average) / memory;
    if (average > worthATrip) {
      slowUntil = ended + pause;
      average = 0;
    }
  }
}
