/** What sends requests where there is nothing but `fetch`, and what it is called: the default of `#transport`. */
import type { NodeTransport } from '../node/node-transport.ts';
import { createFetchTransport, type FetchTransportOptions } from './fetch-transport.ts';

export { onAbort } from './on-abort.ts';

/** The connections are the runtime's, and closed by it. */
export function createTransport(options: FetchTransportOptions): NodeTransport {
  return { send: createFetchTransport(options), close: () => undefined };
}

/** `fetch` cannot ask. */
export function createAsking(): undefined {}

/** Such as `Deno/2.9.6`; of browsers, which say it themselves, none is asked. */
export function runtimeName(): string | undefined {
  // Not among Node's types, where it is younger than Node 20.
  return (globalThis as { navigator?: { userAgent?: string } }).navigator?.userAgent;
}
