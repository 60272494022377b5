import { Chain } from './chain.ts';

/** What is to be done when a signal is aborted. */
const acts: WeakMap<AbortSignal, Chain<() => void>> = new WeakMap();

/**
 * Does something when a signal is aborted, unless it is called off before.
 *
 * A signal that many calls share has one listener for all: one for each takes as long as to send a request, and of more than ten,
 * Node warns as of a leak.
 *
 * @returns calls it off
 */
export function onAbort(signal: AbortSignal | undefined, act: () => void): () => void {
  if (signal === undefined) return () => undefined;
  const chain = acts.get(signal) ?? listen(signal);
  const link = chain.add(act);
  return () => chain.delete(link);
}

function listen(signal: AbortSignal): Chain<() => void> {
  const chain = new Chain<() => void>();
  acts.set(signal, chain);
  const actAll = (): void => {
    for (let act = chain.shift(); act !== undefined; act = chain.shift()) act();
  };
  signal.addEventListener('abort', actAll, { once: true });
  return chain;
}
