/** Local files, on runtimes that have `node:fs`, and what only files need: what `#files` is there. */
export { downloadFile } from '../file-download.ts';
export { loadConfig } from './config.ts';
export { fileSource } from './file-source.ts';
export { lockJournal } from './journal.ts';
