import { encodeQueryComponent } from './percent-encoding.ts';

/** A query parameter: name and value. */
export type QueryPair = readonly [name: string, value: string];

/**
 * Writes name and value pairs as a query string: encoded, sorted, without the question mark. The result is
 * the canonical query of Signature Version 4, and valid on the wire.
 *
 * @param pairs - decoded names and values; a parameter without a value has the value `''`
 * @throws {TypeError} a name or value is not a string, or holds an unpaired surrogate
 * @example
 * encodeQuery([['prefix', 'a/b c'], ['list-type', '2']]); // 'list-type=2&prefix=a%2Fb%20c'
 */
export function encodeQuery(pairs: Iterable<QueryPair>): string {
  const encoded: QueryPair[] = [];
  for (const [name, value] of pairs) encoded.push([encodeQueryComponent(name), encodeQueryComponent(value)]);
  return joinQuery(encoded);
}

/** Sorts encoded parameters, in place, and joins them. */
export function joinQuery(pairs: QueryPair[]): string {
  // By name, then by value: 'select=' comes before 'select-type=', which a sort of whole strings gets wrong.
  pairs.sort(comparePairs);
  let query = '';
  for (const [name, value] of pairs) query += `${query === '' ? '' : '&'}${name}=${value}`;
  return query;
}

function comparePairs(a: QueryPair, b: QueryPair): number {
  return compare(a[0], b[0]) || compare(a[1], b[1]);
}

/** By code point, as the specification asks; the encoded forms are ASCII. `localeCompare` would fold case. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
