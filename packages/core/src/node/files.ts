/** Local files, on runtimes that have `node:fs`, and what only files need: what `#files` is there. */
export { checkComposite } from '../composite.ts';
export { downloadInOrder, downloadSideBySide, heldByDownload } from '../download.ts';
export { openDownloadJournal } from '../resume-download.ts';
export { openUploadJournal } from '../resume-upload.ts';
export { createAtomicFile } from './atomic-file.ts';
export { loadConfig } from './config.ts';
export { fileSource } from './file-source.ts';
export { lockJournal } from './journal.ts';
export { trailedPiece } from './trailing-checksum.ts';
