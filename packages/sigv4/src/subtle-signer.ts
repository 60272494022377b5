import { canonicalRequest } from './canonical-request.ts';
import { credentialScope } from './credential-scope.ts';
import type { Credentials } from './credentials.ts';
import { DEFAULT_SERVICE } from './services.ts';
import type { SignedRequest } from './sign-headers.ts';
import { ALGORITHM, authorizationOf, linesToSign } from './signature-text.ts';
import { signedPart } from './signed-headers.ts';
import type { SignerOptions } from './signing-identity.ts';

/** A request that nothing has to be done to, as clients write it that check and encode themselves. */
export interface PreparedRequest {
  /** The HTTP method, in upper case. */
  readonly method: string;
  /** The Host header as sent. */
  readonly host: string;
  /** The path on the wire, every byte escaped as `encodeKey` does it. */
  readonly path: string;
  /** The query string on the wire, as `encodeQuery` writes it. */
  readonly query: string;
  /** Names in lower case; values without characters above U+00FF. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body's SHA-256 in lower-case hexadecimal, or a literal such as `UNSIGNED-PAYLOAD`. */
  readonly payloadHash: string;
}

/** What one signature may change. */
export interface SubtleSignOptions {
  /** The time of the request, for a corrected clock. @default now */
  readonly date?: Date;
  /** Another region, for example after a redirect. @default that of the signer */
  readonly region?: string;
}

/** What WebCrypto calls `CryptoKey`, which is not among Node's global types. */
type HmacKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

const HMAC = { name: 'HMAC', hash: 'SHA-256' };

/**
 * Signs requests to S3 by WebCrypto, for pages where every kilobyte counts: it brings no hash along, and checks neither
 * requests nor what stands in regions and credentials (`checkedScopePart` and `checkedCredentials` do that). `Signer` does all else, and gives the same signatures.
 *
 * There is WebCrypto on pages over HTTPS and on localhost, in Workers, and everywhere outside of browsers. Neither
 * `util.inspect` nor JSON shows the credentials. The signing key that was used last is kept.
 *
 * @throws {TypeError} a key is missing
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html}
 * @example
 * const signer = new SubtleSigner({ region: 'eu-west-1', credentials: { accessKeyId, secretAccessKey } });
 * const request = { method: 'GET', host, path: '/key', query: '', headers: {}, payloadHash: 'UNSIGNED-PAYLOAD' };
 * const { headers } = await signer.sign(request);
 */
export class SubtleSigner {
  /** The region for which requests are signed. */
  readonly region: string;
  readonly #credentials: Credentials;
  #last: { readonly scope: string; readonly key: Promise<HmacKey> } | undefined;

  constructor({ region, credentials }: Pick<SignerOptions, 'region' | 'credentials'>) {
    this.region = region;
    const { accessKeyId, secretAccessKey, sessionToken } = credentials;
    if (!accessKeyId || !secretAccessKey) throw new TypeError('credentials lack a key');
    this.#credentials = { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
  }

  /**
   * Signs a request by an Authorization header.
   *
   * @throws {RangeError} the date is invalid
   */
  async sign(request: PreparedRequest, options: SubtleSignOptions = {}): Promise<SignedRequest> {
    const { date = new Date(), region = this.region } = options;
    const { accessKeyId, sessionToken } = this.#credentials;
    const { method, path, query, payloadHash } = request;
    const amzDate = date.toISOString().replace(/\.\d+|[:-]/g, '');
    const scope = credentialScope(amzDate, region, DEFAULT_SERVICE);
    const headers: Record<string, string> = {
      ...request.headers,
      host: request.host,
      'x-amz-date': amzDate,
      'x-amz-content-sha256': payloadHash,
    };
    if (sessionToken !== undefined) headers['x-amz-security-token'] = sessionToken;
    const { canonical, signedHeaders } = signedPart(headers);
    const parts = { method, uri: path, query, headers: canonical, signedHeaders, payloadHash };
    // Only header values can hold more than ASCII, and HTTP carries U+0080 to U+00FF in one byte each.
    const bytes = Uint8Array.from(canonicalRequest(parts), (character) => character.charCodeAt(0));
    const text = linesToSign(ALGORITHM, amzDate, scope, await subtleSha256Hex(bytes));
    const signature = toHex(await hmac(await this.#key(scope), text));
    headers['authorization'] = authorizationOf(
      ALGORITHM,
      `${accessKeyId}/${scope}`,
      signedHeaders,
      signature,
    );
    return { headers, signature };
  }

  #key(scope: string): Promise<HmacKey> {
    if (this.#last?.scope !== scope) this.#last = { scope, key: this.#derive(scope) };
    return this.#last.key;
  }

  /** @see {@link https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html} */
  async #derive(scope: string): Promise<HmacKey> {
    let key = await importKey(new TextEncoder().encode(`AWS4${this.#credentials.secretAccessKey}`));
    for (const part of scope.split('/')) key = await importKey(await hmac(key, part));
    return key;
  }
}

/** SHA-256 by WebCrypto, as 64 lower-case hexadecimal digits. */
export async function subtleSha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return toHex(await crypto.subtle.digest('SHA-256', bytes));
}

function importKey(key: Uint8Array<ArrayBuffer> | ArrayBuffer): Promise<HmacKey> {
  return crypto.subtle.importKey('raw', key, HMAC, false, ['sign']);
}

function hmac(key: HmacKey, text: string): Promise<ArrayBuffer> {
  return crypto.subtle.sign('HMAC', key, new TextEncoder().encode(text));
}

function toHex(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
