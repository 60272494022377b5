import type { onAbort as onAbortOnNode } from '../node/on-abort.ts';

/** Does something when a signal is aborted, unless it is called off before. */
export const onAbort: typeof onAbortOnNode = (signal, act) => {
  signal?.addEventListener('abort', act);
  return () => signal?.removeEventListener('abort', act);
};
