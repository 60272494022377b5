import { invalidArgument } from './errors.ts';

/** Query parameters: an object, or all the text of a URL after its '?'. */
export type QueryParameters = string | Readonly<Record<string, string | number | boolean | undefined>>;

/** Decoded names and values, in the caller's order. */
export type QueryPairs = readonly (readonly [string, string])[];

/**
 * Reads query parameters of either form into pairs; those that are undefined are left out.
 *
 * @throws {TypeError} a value that is not a string, number or boolean
 */
export function queryPairs(parameters: QueryParameters): QueryPairs {
  if (typeof parameters === 'string') return [...new URLSearchParams(parameters)];
  const pairs: [string, string][] = [];
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined) continue;
    // null too.
    if (typeof value === 'object') throw invalidArgument(`the query parameter ${name} must be a string`);
    pairs.push([name, String(value)]);
  }
  return pairs;
}
