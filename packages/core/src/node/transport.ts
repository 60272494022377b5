/** What sends requests on Node, and what it is called: `#transport` there. */
import process from 'node:process';
import { WritableBuckets } from './writable-buckets.ts';

export { createNodeTransport as createTransport } from './node-transport.ts';
export { onAbort } from './on-abort.ts';

/** What knows which buckets need not be asked. */
export const createAsking = (): WritableBuckets => new WritableBuckets();

export const runtimeName = (): string => `node/${process.versions.node}`;
