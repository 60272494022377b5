/** A path in which each escape is needed and written as Signature Version 4 writes it. */
const CANONICAL_PATH = /^(?:[\w\-.~/]|%(?:[018-9A-F][0-9A-F]|2[0-9A-C]|3[A-F]|40|5[B-E]|60|7[B-DF]))*$/;

/** Whether a path on the wire is also the canonical one. */
export function isCanonicalPath(path: string): boolean {
  return CANONICAL_PATH.test(path);
}
