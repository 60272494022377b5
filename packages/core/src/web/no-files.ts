/** What `#files` is in browsers and Workers: a refusal. */
import { invalidArgument } from '../errors.ts';

/** A function that refuses, and says what to do instead. */
function refusing(instead: string): () => Promise<never> {
  return async () => {
    throw invalidArgument(`there are no local files in this runtime; ${instead}`);
  };
}

export const fileSource: () => Promise<never> = /* @__PURE__ */ refusing(
  'write bytes, a Blob, a stream, or { text }',
);
export const loadConfig: () => Promise<never> = /* @__PURE__ */ refusing(
  'give the settings to new S3Connection(...)',
);
export const lockJournal: () => Promise<never> = /* @__PURE__ */ refusing('keep no journal');
export const downloadFile: () => Promise<never> = /* @__PURE__ */ refusing(
  'use readStream, readBytes, readText or readJson',
);
