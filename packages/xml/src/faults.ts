import { XmlError, type XmlErrorCode } from './errors.ts';

/** Throws an {@link XmlError} for a fault at an index of the text that is read. */
export type Complain = (code: XmlErrorCode, offset: number, message: string) => never;

/** Entities of a document's own are how XML readers get attacked, and S3 sends none. */
export const doctypeRefused = 'a document type declaration (DOCTYPE) is not taken';

/** What is wrong with a `&` that is neither an entity nor a character reference. */
export const malformedReference = "a '&' starts no known reference; '&' itself is written '&amp;'";

/** The error for nesting that passes the bound; it has no position. */
export function tooDeep(maximumDepth: number): XmlError {
  return new XmlError('too-deep', `the elements are nested more than ${maximumDepth} deep (maximumDepth)`);
}

/** Makes the {@link Complain} of one document; `path` gives the elements that are open at that moment. */
export function complainer(text: string, path: () => string): Complain {
  return (code, offset, message) => {
    const lines = text.slice(0, offset).split(/\r\n?|\n/);
    throw new XmlError(code, message, {
      path: path(),
      offset,
      line: lines.length,
      column: (lines.at(-1) ?? '').length + 1,
      excerpt: excerptAt(text, offset),
    });
  };
}

/** The markup at a fault, and no more: what comes behind a tag or a reference is content, which may be a secret. */
function excerptAt(text: string, offset: number): string {
  return /^(?:&[#\w]{0,10};?|[^>]{0,39}>?)/.exec(text.slice(offset, offset + 40))?.[0] ?? '';
}
