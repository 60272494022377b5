import type { PathRules } from './canonical-uri.ts';

/** A part of the credential scope, in which the slash separates. @throws {TypeError} naming the argument */
export function checkedScopePart(text: string, argument: 'region' | 'service'): string {
  if (typeof text !== 'string' || !/^[^\s/,]+$/.test(text)) {
    throw new TypeError(`${argument} must be a name such as '${argument === 'region' ? 'us-east-1' : 's3'}'`);
  }
  return text;
}

/** @throws {TypeError} naming the argument */
export function checkedRules(rules: PathRules): PathRules {
  if (rules !== 's3' && rules !== 'general') throw new TypeError("rules must be 's3' or 'general'");
  return rules;
}
