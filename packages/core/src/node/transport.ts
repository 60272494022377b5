/** What sends requests on Node, and what it is called: `#transport` there. */
import process from 'node:process';

export { createNodeTransport as createTransport } from './node-transport.ts';

export const runtimeName = (): string => `node/${process.versions.node}`;
