import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import picomatch from 'picomatch';
import type { Entry } from './entry.ts';

/** Takes names in, or leaves them out. The last rule that matches a name decides; a name that none matches is in. */
export type FilterRule = { readonly include: string } | { readonly exclude: string };

/** What belongs to a sync. */
export interface Filter {
  /**
   * Rules by name, in order; the last that matches wins.
   *
   * Patterns are those of gitignore. One without a slash matches the last part of a name at any depth, and a folder of that name with
   * all below it; one with a slash, other than at its end, begins at the top. `*` and `?` match anything but a slash, `**` whole folders, `[a-c]` one of
   * these, `{a,b}` either; a slash at the end means folders only; a backslash takes the next character as it is. Upper and lower
   * case differ.
   */
  readonly rules?: readonly FilterRule[] | undefined;
  /** Only these names, and of them those that the rules leave; the others are left alone, on both sides. @default all names */
  readonly names?: readonly string[] | undefined;
  /** Bytes; smaller files are left alone, on both sides. */
  readonly minimumSize?: number | undefined;
  /** Bytes; larger files are left alone, on both sides. */
  readonly maximumSize?: number | undefined;
  /** Files modified before this are left alone, on both sides. */
  readonly modifiedSince?: Date | undefined;
  /** Files modified at this time or later are left alone, on both sides. */
  readonly modifiedBefore?: Date | undefined;
}

/** A filter's rules, ready to be asked. */
export interface NameFilter {
  /** Whether a name is in. */
  accepts(name: string): boolean;
  /** Whether something below a folder can be in. `folder` ends in a slash. */
  entersFolder(folder: string): boolean;
}

interface CompiledRule {
  readonly include: boolean;
  /** Whether it matches the name, or a folder that the name lies in. */
  readonly matches: (name: string) => boolean;
  /** Whether it matches all that lies below a folder. */
  readonly covers: (folder: string) => boolean;
  /** Whether it can match something below a folder. */
  readonly reaches: (folder: string) => boolean;
}

/**
 * Checks a filter that nobody asks yet.
 *
 * @throws {TypeError} rules, names or times that cannot be; it names them
 * @throws {RangeError} sizes that cannot be, and times that are none
 */
export function checkFilter(filter: Filter): void {
  const { rules, names, minimumSize, maximumSize, modifiedSince, modifiedBefore } = filter;
  checkList('filter.rules', rules);
  checkList('filter.names', names);
  for (const name of names ?? [])
    if (typeof name !== 'string') throw new TypeError(`filter.names are texts, not ${String(name)}`);
  for (const [index, rule] of (rules ?? []).entries()) compileRule(rule, `filter.rules[${index}]`);
  checkSize('filter.minimumSize', minimumSize);
  checkSize('filter.maximumSize', maximumSize);
  checkDate('filter.modifiedSince', modifiedSince);
  checkDate('filter.modifiedBefore', modifiedBefore);
}

function checkList(name: string, value: readonly unknown[] | undefined): void {
  if (value !== undefined && !Array.isArray(value)) throw new TypeError(`${name} is a list`);
}

function checkSize(name: string, value: number | undefined): void {
  // Neither a text nor NaN is 0 or more; and no limit is one, too.
  if (value !== undefined && !(typeof value === 'number' && value >= 0))
    throw new RangeError(`${name} is a number of bytes, 0 or more, not ${value}`);
}

function checkDate(name: string, value: Date | undefined): void {
  if (value === undefined) return;
  if (!(value instanceof Date)) throw new TypeError(`${name} is a Date`);
  if (Number.isNaN(value.getTime())) throw new RangeError(`${name} is a Date, but an invalid one`);
}

/**
 * Makes a filter of names ready to be asked.
 *
 * @throws {TypeError} a rule that is empty, or neither includes nor excludes
 */
export function compileFilter({ rules, names }: Pick<Filter, 'rules' | 'names'> = {}): NameFilter {
  const byRules = compileRules(rules);
  if (names === undefined) return byRules;
  const listed = new Set(names);
  const folders = new Set(names.flatMap(foldersOf));
  return {
    accepts: (name) => listed.has(name) && byRules.accepts(name),
    entersFolder: (folder) => folders.has(folder) && byRules.entersFolder(folder),
  };
}

/** The folders that a name lies in, each with its slash; for one of a folder, itself too. */
function foldersOf(name: string): readonly string[] {
  return [...name.matchAll(/\//g)].map(({ index }) => name.slice(0, index + 1));
}

function compileRules(rules: readonly FilterRule[] = []): NameFilter {
  const lastFirst = rules.map((rule) => compileRule(rule)).reverse();
  if (lastFirst.length === 0) return { accepts: () => true, entersFolder: () => true };
  return {
    accepts(name) {
      const matchable = matchableForm(name);
      return lastFirst.find(({ matches }) => matches(matchable))?.include ?? true;
    },
    entersFolder(folder) {
      const matchable = matchableForm(folder);
      for (const { include, covers, reaches } of lastFirst) {
        if (include ? reaches(matchable) : covers(matchable)) return include;
      }
      return true;
    },
  };
}

function compileRule(rule: FilterRule, name: string = 'a filter rule'): CompiledRule {
  const isRule = typeof rule === 'object' && rule !== null;
  const include = isRule && 'include' in rule;
  const pattern = include ? rule.include : isRule ? rule.exclude : undefined;
  if (typeof pattern !== 'string' || pattern.replaceAll('/', '') === '')
    throw new TypeError(
      `${name} is { include: 'pattern' } or { exclude: 'pattern' }, and its pattern not empty`,
    );
  const foldersOnly = pattern.endsWith('/');
  const body = pattern.replace(/\/+$/, '');
  const anchored = body.includes('/');
  const base = anchored ? body.replace(/^\/+/, '') : `**/${body}`;
  const isMatch = matcher(base);
  const isBelow = matcher(`${base}/**`);
  const literal = anchored ? (/^[^*?[\]{}()!+@\\|]*/.exec(base)?.[0] ?? '') : '';
  return {
    include,
    matches: (name) =>
      foldersOnly ? isBelowStrictly(name, isBelow, isMatch) : isMatch(name) || isBelow(name),
    covers: (folder) => {
      const name = folder.slice(0, -1);
      return isMatch(name) || isBelow(name);
    },
    reaches: (folder) => folder.startsWith(literal) || literal.startsWith(folder),
  };
}

function matcher(pattern: string): (name: string) => boolean {
  // A matcher of picomatch's own also takes the pattern itself for a match, and so, unless told otherwise, do brackets.
  const expression = picomatch.makeRe(literalGroups(pattern), {
    dot: true,
    nonegate: true,
    noextglob: true,
    posix: true,
    strictSlashes: true,
    literalBrackets: false,
  });
  return (name) => name !== '' && expression.test(name);
}

/** Takes from characters what they mean in a regular expression, which picomatch leaves to them; in brackets, and behind a backslash, they mean nothing. */
function literalGroups(pattern: string): string {
  return pattern.replaceAll(/\\.|\[[!^]?\]?(?:\[:\w+:\]|[^\]/])*\]|[()|+@$^]/gs, (text) =>
    text.length === 1
      ? `\\${text}`
      : text.replaceAll(/\[:(\w+):\]/g, (whole, name) => classes[name] ?? whole),
  );
}

// Those of ASCII, as git has them, and without the slash. Where picomatch meets one, a period matches any character, and `[^` a slash.
const classes: Readonly<Record<string, string>> = {
  alnum: 'a-zA-Z0-9',
  alpha: 'a-zA-Z',
  blank: ' \\t',
  cntrl: '\\x00-\\x1f\\x7f',
  digit: '0-9',
  graph: '\\x21-.0-~',
  lower: 'a-z',
  print: ' -.0-~',
  punct: '\\x21-.:-@\\[-`{-~',
  space: ' \\t-\\r',
  upper: 'A-Z',
  xdigit: '0-9a-fA-F',
};

/** `a/**` of picomatch also matches `a`, which is no folder here, unless its name ends in a slash. */
function isBelowStrictly(
  name: string,
  isBelow: (name: string) => boolean,
  isMatch: (name: string) => boolean,
): boolean {
  if (name.endsWith('/')) return isBelow(name) || isMatch(name.slice(0, -1));
  for (let slash = name.indexOf('/'); slash >= 0; slash = name.indexOf('/', slash + 1)) {
    const folder = name.slice(0, slash);
    if (isMatch(folder) || isBelow(folder)) return true;
  }
  return false;
}

/** The form of a name that patterns see: glob matchers stop at line breaks, and take `.` and `..` for directions. */
function matchableForm(name: string): string {
  if (!/[\n\r\u2028\u2029]|(?:^|\/)\.\.?(?:\/|$)/.test(name)) return name;
  return name
    .replaceAll(/[\n\r\u2028\u2029]/g, '\u0001')
    .replaceAll(/(?<=^|\/)\.\.?(?=\/|$)/g, (dots) => '\u0002'.repeat(dots.length));
}

/**
 * A filter, ready to be asked whether an entry is in.
 *
 * @throws {TypeError | RangeError} a filter that cannot be
 */
export function entryFilter(filter: Filter): (entry: Entry) => boolean {
  checkFilter(filter);
  const { accepts } = compileFilter(filter);
  return (entry) => accepts(entry.name) && acceptsEntry(entry, filter);
}

/** Whether an entry's size and time are in. */
export function acceptsEntry({ size, modified }: Entry, filter: Filter): boolean {
  const { minimumSize = 0, maximumSize = Number.POSITIVE_INFINITY, modifiedSince, modifiedBefore } = filter;
  return (
    size >= minimumSize &&
    size <= maximumSize &&
    (modifiedSince === undefined || modified >= modifiedSince.getTime()) &&
    (modifiedBefore === undefined || modified < modifiedBefore.getTime())
  );
}

/**
 * Reads rules from text, one a line: `+ pattern` includes, `- pattern` excludes, and a line without a sign excludes, as in a
 * `.gitignore`. Empty lines and lines that begin with `#` are comments. Spaces at the end of a line do not count, but for one behind
 * a backslash; nor does a byte order mark.
 */
export function parseFilterRules(text: string): readonly FilterRule[] {
  const lines = text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .map(withoutTrailingSpaces)
    .filter((line) => line.trim() !== '' && !line.startsWith('#'));
  return lines.map((line) => {
    const signed = /^([+-])\s+(.+)$/.exec(line);
    const pattern = signed?.[2] ?? line;
    return signed?.[1] === '+' ? { include: pattern } : { exclude: pattern };
  });
}

function withoutTrailingSpaces(line: string): string {
  return /^(?:\\.|[^\\])*?(?= *$)/s.exec(line)?.[0] ?? line;
}

/**
 * Reads rules from a file; see `parseFilterRules`.
 *
 * @throws {Error} the file cannot be read, or is not UTF-8: its patterns would become others
 */
export async function readFilterRules(path: string): Promise<readonly FilterRule[]> {
  const bytes = await readFile(path);
  if (!isUtf8(bytes)) throw new Error(`${path} is not UTF-8`);
  return parseFilterRules(bytes.toString());
}
