import { isCanonicalPath } from './canonical-path.ts';
import { encodeKey, encodeQueryComponent } from './percent-encoding.ts';

/** A query component in which each escape is needed and written as Signature Version 4 writes it. */
const CANONICAL_COMPONENT = /^(?:[\w\-.~]|%(?:[018-9A-F][0-9A-F]|2[0-9A-CF]|3[A-F]|40|5[B-E]|60|7[B-DF]))*$/;

/**
 * Decodes a path from the wire and encodes it again, byte by byte: what S3 does before it checks a
 * signature, so that `%7e`, `%7E` and `~` are one path.
 *
 * @throws {TypeError} a `%` is not followed by two hexadecimal digits
 */
export function recodePath(path: string): string {
  return isCanonicalPath(path) ? path : recode(path, 'path', /[\w\-.~/]/, encodeKey);
}

/**
 * The same for a query name or value. A `+` on the wire is a space, as S3, MinIO and Ceph read it.
 *
 * @throws {TypeError} a `%` is not followed by two hexadecimal digits
 */
export function recodeQueryComponent(text: string): string {
  if (CANONICAL_COMPONENT.test(text)) return text;
  return recode(text.replaceAll('+', '%20'), 'query', /[\w\-.~]/, encodeQueryComponent);
}

function recode(text: string, argument: string, kept: RegExp, encode: (raw: string) => string): string {
  // Bytes, not characters: an escape may stand for a byte that is no UTF-8 (`%FF`).
  return text.replace(/%[0-9A-Fa-f]{2}|%|[^%]+/g, (piece) => {
    if (piece === '%') {
      throw new TypeError(
        `${argument} holds a '%' without two hexadecimal digits; write '%25', or use encodeKey`,
      );
    }
    if (!piece.startsWith('%')) return encode(piece);
    const character = String.fromCharCode(Number.parseInt(piece.slice(1), 16));
    return kept.test(character) ? character : piece.toUpperCase();
  });
}
