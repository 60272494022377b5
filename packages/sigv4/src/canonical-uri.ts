import { encodeKey } from './percent-encoding.ts';
import { recodePath } from './percent-recoding.ts';

/**
 * How the path enters the signature. `s3`: as it is, each byte escaped once. `general`, for every other AWS
 * service: `.`, `..` and empty segments are resolved, then the path, already escaped, is escaped again.
 */
export type PathRules = 's3' | 'general';

/**
 * The canonical URI of a request.
 *
 * @param path - the path as on the wire, beginning with a slash, without the query
 * @throws {TypeError} with the rules of S3: a `%` is not followed by two hexadecimal digits
 * @see {@link https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html}
 */
export function canonicalUri(path: string, rules: PathRules): string {
  return rules === 's3' ? recodePath(path) : encodeKey(normalizePath(path));
}

function normalizePath(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(segment);
  }
  const ending = kept.length > 0 && path.endsWith('/') ? '/' : '';
  return `/${kept.join('/')}${ending}`;
}
