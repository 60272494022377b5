/** A URL in the parts that a request to sign has. */
export interface UrlParts {
  protocol: 'https:' | 'http:';
  /** With the port, where there is one. */
  host: string;
  /** As it was written, or `/`. */
  path: string;
  /** As it was written, without the question mark. */
  query: string;
}

/**
 * Takes a URL apart without changing it. `new URL()` would turn `/a/../b` into `/b`, which to S3 is another key.
 *
 * @param url - as on the wire
 * @throws {TypeError} it is no whole URL of HTTP, or holds credentials or a fragment
 * @example
 * signer.sign({ method: 'GET', ...splitUrl('https://bucket.s3.eu-west-1.amazonaws.com/a/../b?acl') });
 */
export function splitUrl(url: string): UrlParts {
  const [, scheme = '', host = '', path = '', query = '', fragment] =
    /^(https?:)\/\/([^/?#\\]+)([^?#]*)(?:\?([^#]*))?(#.*)?$/is.exec(url) ?? [];
  if (host === '') throw new TypeError('url must be a whole URL, beginning with https:// or http://');
  if (host.includes('@')) throw new TypeError('url must not hold credentials: give them to the signer');
  if (fragment !== undefined) {
    throw new TypeError("url must not hold a '#': in a key, it is '%23' (see encodeKey)");
  }
  const protocol = scheme.toLowerCase() === 'http:' ? 'http:' : 'https:';
  return { protocol, host, path: path === '' ? '/' : path, query };
}
