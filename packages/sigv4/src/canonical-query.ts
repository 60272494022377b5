import { encodeQueryComponent, recodeQueryComponent } from './percent-encoding.ts';

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

/**
 * The canonical query of a request.
 *
 * @param query - the query string as on the wire, without the question mark; or decoded pairs
 * @throws {TypeError} the string holds a malformed escape, or a pair cannot be encoded
 * @see {@link https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html}
 */
export function canonicalQuery(query: string | Iterable<QueryPair>): string {
  if (query === '') return '';
  return typeof query === 'string' ? joinQuery(splitQuery(query)) : encodeQuery(query);
}

/** The parameters of a query string from the wire, each name and value in its canonical encoding. */
export function splitQuery(query: string): QueryPair[] {
  const pairs: QueryPair[] = [];
  for (const piece of query.split('&')) {
    if (piece === '') continue;
    const equals = piece.indexOf('=');
    const name = equals < 0 ? piece : piece.slice(0, equals);
    const value = equals < 0 ? '' : piece.slice(equals + 1);
    pairs.push([recodeQueryComponent(name), recodeQueryComponent(value)]);
  }
  return pairs;
}

/** Sorts encoded parameters, in place, and joins them. */
export function joinQuery(pairs: QueryPair[]): string {
  // By name, then by value: 'select=' comes before 'select-type=', which a sort of whole strings gets wrong.
  const inOrder = pairs.every(
    (pair, index) => index === 0 || comparePairs(pairs[index - 1] ?? pair, pair) <= 0,
  );
  if (!inOrder) pairs.sort(comparePairs);
  let query = '';
  for (const [name, value] of pairs) query += `${query === '' ? '' : '&'}${name}=${value}`;
  return query;
}

function comparePairs(a: QueryPair, b: QueryPair): number {
  return compare(a[0], b[0]) || compare(a[1], b[1]);
}

/** By code point, as the specification asks; the encoded forms are ASCII. `localeCompare` would fold case. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
