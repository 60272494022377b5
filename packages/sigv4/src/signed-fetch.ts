import { UNSIGNED_PAYLOAD } from './payload-literals.ts';
import { isS3Service } from './services.ts';
import { createSha256, sha256Hex } from './sha256.ts';
import { signHeaders } from './sign-headers.ts';
import type { SigningIdentity, SignOverrides } from './signing-identity.ts';
import { splitUrl, type UrlParts } from './split-url.ts';

/** A body that can be signed before it is sent, or sent without its signature. */
export type FetchBody = string | Uint8Array | Blob | ReadableStream<Uint8Array>;

/** What `fetch` takes, but for redirects, which are never followed. */
export interface SignedFetchInit extends Omit<RequestInit, 'body' | 'redirect'> {
  body?: FetchBody | null;
}

/** How `signedFetch` signs and sends. */
export interface SignedFetchOptions extends SignOverrides {
  /**
   * The body's SHA-256 in hexadecimal, or `UNSIGNED-PAYLOAD`. @default computed; of a stream, `UNSIGNED-PAYLOAD`
   * over https, and nothing over http, where it must be given
   */
  payloadHash?: string;
  /** What sends the request. @default the global `fetch` */
  fetch?: typeof fetch;
}

/**
 * Signs a request and sends it with `fetch`, once.
 *
 * Redirects are not followed: the signature is for one host, and no other shall see it. There are no retries.
 *
 * @param url - as on the wire: a key in it is escaped by `encodeKey`, a query by `encodeQuery`
 * @throws {TypeError} `fetch` would send another path or query than the one that is signed (a key such as
 *   `a/../b`); the URL holds credentials or a fragment; a body of another kind; whatever `signer.sign` and `fetch`
 *   refuse
 * @example
 * const response = await signedFetch(signer, `https://${host}/${encodeKey(key)}`, { method: 'PUT', body: 'Hello' });
 */
export async function signedFetch(
  identity: SigningIdentity,
  url: string | URL,
  init: SignedFetchInit = {},
  options: SignedFetchOptions = {},
): Promise<Response> {
  const { fetch: send = fetch, payloadHash: given, ...overrides } = options;
  const { protocol, host, path, query } = partsOf(String(url));
  const headers = Object.fromEntries(new Headers(init.headers));
  // `fetch` writes these two itself, and a browser takes them from nobody else.
  delete headers['content-length'];
  delete headers['host'];
  const body = init.body ?? undefined;
  const method = (init.method ?? 'GET').toUpperCase();
  const payloadHash = given ?? (await payloadHashOf(body, protocol, identity.service));
  const signed = signHeaders(identity, { method, host, path, query, headers, payloadHash }, overrides);
  delete signed.headers['host'];
  return send(`${protocol}//${host}${path}${query === '' ? '' : `?${query}`}`, {
    ...init,
    method,
    headers: signed.headers,
    redirect: 'manual',
    // A stream is sent while nothing has been received; `fetch` wants to hear that.
    ...(isStream(body) && { duplex: 'half' }),
  } as RequestInit); // the body is one of those that fetch takes
}

/** The parts of a URL that `fetch` will send exactly as they are. */
function partsOf(url: string): UrlParts {
  const { protocol, path, query } = splitUrl(url);
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.pathname !== path) {
    throw new TypeError(
      "url: fetch would send another path than this, and so reach another object. Escape the key with encodeKey; a '.' or '..' between slashes can only be sent by node:http",
    );
  }
  if (parsed.search !== (query === '' ? '' : `?${query}`)) {
    throw new TypeError('url: fetch would send another query than this; write it with encodeQuery');
  }
  return { protocol, host: parsed.host, path, query };
}

function isStream(body: FetchBody | undefined): body is ReadableStream<Uint8Array> {
  return typeof ReadableStream !== 'undefined' && body instanceof ReadableStream;
}

async function payloadHashOf(
  body: FetchBody | undefined,
  protocol: string,
  service: string,
): Promise<string> {
  if (body === undefined) return sha256Hex('');
  if (typeof body === 'string' || body instanceof Uint8Array) return sha256Hex(body);
  if (isStream(body)) {
    if (protocol === 'https:' && isS3Service(service)) return UNSIGNED_PAYLOAD;
    throw new TypeError(
      'options.payloadHash must be given for a stream over http, or for a service other than S3: nobody can hash it before it is sent',
    );
  }
  if (body instanceof Blob) return hashOfBlob(body);
  throw new TypeError('init.body must be a string, a Uint8Array, a Blob or a ReadableStream of bytes');
}

/** Read for its hash alone, and piece by piece: a file need not fit into memory. */
async function hashOfBlob(blob: Blob): Promise<string> {
  const hash = createSha256();
  const reader = blob.stream().getReader();
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
    if (value !== undefined) hash.update(value);
  }
  return hash.digestHex();
}
