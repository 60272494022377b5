import * as files from '#files';

/**
 * Keeps all others from a journal, by a small file beside it, whose name ends in `.s3kit-lock`. A process that has ended keeps nobody from it.
 *
 * @returns lets go of it
 * @throws {Error} another process uses it, or this one does already; or the file cannot be written
 * @throws {TypeError} this runtime has no files
 */
export async function lockJournal(path: string): Promise<() => Promise<void>> {
  return files.lockJournal(path);
}
