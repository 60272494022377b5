/** `#folding` where WebAssembly may not be compiled: in Workers, and in pages with a strict content security policy. */
import type { foldCrc32c as foldCrc32cOnNode, foldCrc64 as foldCrc64OnNode } from './folding-node.ts';

export const foldCrc32c: typeof foldCrc32cOnNode = (update) => update;
export const foldCrc64: typeof foldCrc64OnNode = (update) => update;
