/** Local files, on runtimes that have `node:fs`: what `#files` is there. */
export { createAtomicFile } from './atomic-file.ts';
export { loadConfig } from './config.ts';
export { fileSource } from './file-source.ts';
export { Journal, journalPath, transferDigest } from './journal.ts';
