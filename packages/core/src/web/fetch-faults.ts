import { invalidArgument } from '../errors.ts';
import type { HttpRequest } from '../http.ts';

/** The error of a key that `fetch` would make another of. */
export function rewritten(pathname: string): TypeError {
  return invalidArgument(
    `fetch would send ${pathname} instead of the path of this key, and so reach another object: '.' and '..' between slashes can only be sent from Node`,
  );
}

/** The error of a redirect that a browser does not show. */
export function redirected({ hostname }: HttpRequest): Error {
  return Object.assign(
    new Error(
      `${hostname} redirects this request, and a browser does not say where to; set the bucket's region and the service's own endpoint in the connection`,
    ),
    { code: 'ERR_S3KIT_REDIRECT' },
  );
}

/** A browser shows of an answer from elsewhere only those headers that the bucket's CORS rules expose. */
export function unseenCoding({ hostname }: HttpRequest): Error {
  return Object.assign(
    new Error(
      `more came from ${hostname} than was announced: the browser has decompressed it, unasked; let the bucket's CORS rules expose Content-Encoding`,
    ),
    { code: 'ERR_S3KIT_DECODED' },
  );
}
