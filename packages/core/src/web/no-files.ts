/** What `#files` is in browsers and Workers: a refusal. */
import { invalidArgument } from '../errors.ts';

function noFiles(instead: string): TypeError {
  return invalidArgument(`there are no local files in this runtime; ${instead}`);
}

const write = 'write bytes, a Blob, a stream, or { text }';
const read = 'use readStream, readBytes, readText or readJson';

export async function fileSource(): Promise<never> {
  throw noFiles(write);
}

export async function createAtomicFile(): Promise<never> {
  throw noFiles(read);
}

export async function loadConfig(): Promise<never> {
  throw noFiles('give the settings to new S3Connection(...)');
}

/** Only the transfer of a local file has one. */
export const Journal = {
  async open(): Promise<never> {
    throw noFiles('leave the journal out');
  },
};

export const journalPath = (): string => '';
export const transferDigest: () => string = journalPath;
