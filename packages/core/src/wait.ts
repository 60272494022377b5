import { sleep } from '@s3kit/retry';
import { onAbort } from '#transport';

/** Waits; many at a time may share the signal that ends it. */
export async function wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
  if (signal === undefined) return sleep(milliseconds);
  signal.throwIfAborted();
  const stop = new AbortController();
  const callOff = onAbort(signal, () => stop.abort(signal.reason));
  try {
    await sleep(milliseconds, stop.signal);
  } finally {
    callOff();
  }
}
