/**
 * What went wrong, as a closed set of codes to switch on.
 *
 * While parsing:
 * - `no-root`: there is no element at all
 * - `unexpected-end`: the text stops inside an element, a tag, a comment or a CDATA section
 * - `malformed-tag`: a `<` opens no well-formed tag (name, attribute, quotes)
 * - `mismatched-tag`: a closing tag closes another element than the one that is open
 * - `stray-markup`: `<!...`, `</...` or `]]>` where none may stand
 * - `content-outside-root`: text or a second element beside the root element
 * - `malformed-reference`: a `&` that starts no known entity or character reference
 * - `doctype`: a document type declaration, which is refused as a whole
 * - `too-large`: more text than `maximumSize`
 *
 * While building:
 * - `invalid-root`: the object has no key, or more than one
 * - `invalid-key`: a key is not the opening text of a tag
 * - `invalid-value`: a value has no XML form
 * - `circular`: an object contains itself
 *
 * In both directions:
 * - `invalid-character`: a string, or an attribute that is read, holds a character that XML 1.0 cannot carry
 * - `too-deep`: more nesting than `maximumDepth`
 */
export type XmlErrorCode =
  | 'no-root'
  | 'unexpected-end'
  | 'malformed-tag'
  | 'mismatched-tag'
  | 'stray-markup'
  | 'content-outside-root'
  | 'malformed-reference'
  | 'doctype'
  | 'too-large'
  | 'invalid-root'
  | 'invalid-key'
  | 'invalid-value'
  | 'invalid-character'
  | 'circular'
  | 'too-deep';

/** Where an {@link XmlError} happened; each field is there when it is known. */
export interface XmlErrorDetails {
  /** The elements down to the fault: `Tagging.TagSet.Tag[1].Value`. */
  path?: string;
  /** Line of the fault in the parsed text, from 1. */
  line?: number;
  /** Column of the fault in that line, from 1, in UTF-16 units. */
  column?: number;
  /** Index of the fault in the parsed text, from 0, in UTF-16 units. */
  offset?: number;
  /** The markup at the fault, 40 characters at most. */
  excerpt?: string;
}

// A registered symbol, since `instanceof` fails between the ESM and the CommonJS copy of this package.
const brand: unique symbol = Symbol.for('s3kit.XmlError');

/** A text that is not XML (or not of the kind that S3 speaks), or an object that cannot be XML. */
export class XmlError extends Error {
  override readonly name = 'XmlError';
  /** What went wrong. */
  readonly code: XmlErrorCode;
  /** The elements down to the fault: `Tagging.TagSet.Tag[1].Value`; not known for every fault. */
  readonly path: string | undefined;
  /** Line of the fault in the parsed text, from 1; only for faults that have a place there. */
  readonly line: number | undefined;
  /** Column of the fault in that line, from 1, in UTF-16 units. */
  readonly column: number | undefined;
  /** Index of the fault in the parsed text, from 0, in UTF-16 units. */
  readonly offset: number | undefined;
  /** The markup at the fault, 40 characters at most; never the text of an element, which may be a secret. */
  readonly excerpt: string | undefined;

  constructor(code: XmlErrorCode, message: string, details: XmlErrorDetails = {}) {
    const { path, line, column, offset, excerpt } = details;
    const place = [line && `line ${line}, column ${column}`, path && `in ${path}`].filter(Boolean).join(', ');
    super(`${message}${place && ` (${place})`}${excerpt ? `: ${JSON.stringify(excerpt)}` : ''}`);
    this.code = code;
    this.path = path;
    this.line = line;
    this.column = column;
    this.offset = offset;
    this.excerpt = excerpt;
    Object.defineProperty(this, brand, { value: true });
  }
}

/** Whether the value is an {@link XmlError}, also one of another copy of this package. */
export function isXmlError(value: unknown): value is XmlError {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, brand);
}
