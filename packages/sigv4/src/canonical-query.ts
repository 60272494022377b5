import { encodeQuery, joinQuery, type QueryPair } from './encode-query.ts';
import { recodeQueryComponent } from './percent-recoding.ts';

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
