import { signerOf } from '#p256';
import { formatAmzDate } from './amz-date.ts';
import type { HeaderEntry } from './canonical-headers.ts';
import type { PathRules } from './canonical-uri.ts';
import { type Credentials, checkedCredentials } from './credentials.ts';
import type { QueryPair } from './encode-query.ts';
import { encodeQueryComponent } from './percent-encoding.ts';
import { checkedExpiresIn, draftUrl, finishedUrl } from './presign-url.ts';
import { checkedRules, checkedScopePart } from './scope-part.ts';
import { DEFAULT_SERVICE, rulesOf } from './services.ts';
import { draftHeaders, type SignedRequest } from './sign-headers.ts';
import { authorizationOf } from './signature-text.ts';
import type { SigningRequest } from './signing-request.ts';
import { stringToSign } from './string-to-sign.ts';
import { bytesToHex, V4A_ALGORITHM, v4aSigningKey } from './v4a-key.ts';

/** What a `SignerV4a` is made of. */
export interface SignerV4aOptions {
  /** The regions in which the signature holds: names, separated by commas, with `*` for any letters. @default '*' */
  regionSet?: string;
  /** The signing name of the service. @default 's3' */
  service?: string;
  /** Who signs; copied. */
  credentials: Credentials;
  /** How the path enters the signature. @default 's3' for the services of S3, 'general' for all others */
  rules?: PathRules;
}

/** What one call may change. */
export interface SignV4aOverrides {
  /** The time of the request, for a corrected clock. @default now */
  date?: Date;
  /** Other regions. @default those of the signer */
  regionSet?: string;
}

/** What one call of `presign` may choose. */
export interface PresignV4aOptions extends SignV4aOverrides {
  /** For how long the URL is good, in whole seconds, 1 to 604,800 (a week). @default 3600 */
  expiresIn?: number;
}

/** One signature's surroundings. */
interface Context {
  amzDate: string;
  regionSet: string;
  scope: string;
}

/**
 * Signs requests with AWS Signature Version 4a: by an ECDSA key that is good for several regions, as S3's
 * Multi-Region Access Points need it.
 *
 * Everything is asynchronous, since WebCrypto is. No two signatures of one request are the same; all are right.
 * The credentials and the key are private to the object: neither `util.inspect` nor JSON shows them.
 *
 * @throws {TypeError} an option is missing or malformed
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointRequests.html}
 * @example
 * const signer = new SignerV4a({ credentials: { accessKeyId, secretAccessKey } });
 * const host = 'example.mrap.accesspoint.s3-global.amazonaws.com';
 * const { headers } = await signer.sign({ method: 'GET', host, path: '/key' });
 */
export class SignerV4a {
  /** The regions in which the signatures hold. */
  readonly regionSet: string;
  /** The signing name of the service. */
  readonly service: string;
  /** How the path enters the signature. */
  readonly rules: PathRules;

  readonly #credentials: Credentials;
  #signing: Promise<(message: string) => Promise<Uint8Array>> | undefined;

  constructor(options: SignerV4aOptions) {
    this.regionSet = checkedRegionSet(options.regionSet ?? '*');
    this.service = checkedScopePart(options.service ?? DEFAULT_SERVICE, 'service');
    this.rules = checkedRules(options.rules ?? rulesOf(this.service));
    this.#credentials = checkedCredentials(options.credentials);
  }

  /**
   * Signs a request by an Authorization header.
   *
   * @throws {TypeError} a part of the request is malformed
   * @throws {RangeError} `overrides.date` is invalid
   */
  async sign(request: SigningRequest, overrides: SignV4aOverrides = {}): Promise<SignedRequest> {
    const context = this.#context(overrides);
    const { accessKeyId, sessionToken } = this.#credentials;
    const own: HeaderEntry[] = [
      ['x-amz-date', context.amzDate],
      ['x-amz-region-set', context.regionSet],
    ];
    if (sessionToken !== undefined) own.push(['x-amz-security-token', sessionToken]);
    const { headers, signedHeaders, request: canonical } = draftHeaders(this, request, own);
    const signature = await this.#signature(context, canonical);
    const credential = `${accessKeyId}/${context.scope}`;
    headers['authorization'] = authorizationOf(V4A_ALGORITHM, credential, signedHeaders, signature);
    return { headers, signature };
  }

  /**
   * Signs a request by its URL, which anyone can then use until it expires; see `Signer.presign`.
   *
   * @returns the whole URL
   * @throws {TypeError} a part of the request is malformed
   * @throws {RangeError} `expiresIn` is outside 1 to 604,800, or `date` is invalid
   */
  async presign(request: SigningRequest, options: PresignV4aOptions = {}): Promise<string> {
    const expiresIn = checkedExpiresIn(options.expiresIn ?? 3600);
    const context = this.#context(options);
    const { accessKeyId, sessionToken } = this.#credentials;
    const own: QueryPair[] = [
      ['X-Amz-Algorithm', V4A_ALGORITHM],
      ['X-Amz-Credential', encodeQueryComponent(`${accessKeyId}/${context.scope}`)],
      ['X-Amz-Date', context.amzDate],
      ['X-Amz-Expires', String(expiresIn)],
      ['X-Amz-Region-Set', encodeQueryComponent(context.regionSet)],
    ];
    if (sessionToken !== undefined) own.push(['X-Amz-Security-Token', encodeQueryComponent(sessionToken)]);
    const draft = draftUrl(this, request, own);
    return finishedUrl(draft, await this.#signature(context, draft.request));
  }

  #context({ date = new Date(), regionSet }: SignV4aOverrides): Context {
    const amzDate = formatAmzDate(date);
    return {
      amzDate,
      regionSet: regionSet === undefined ? this.regionSet : checkedRegionSet(regionSet),
      scope: v4aScope(amzDate, this.service),
    };
  }

  async #signature({ amzDate, scope }: Context, request: string): Promise<string> {
    const { accessKeyId, secretAccessKey } = this.#credentials;
    // The key is good for ever, so it is derived once.
    this.#signing ??= signerOf(v4aSigningKey(accessKeyId, secretAccessKey));
    const sign = await this.#signing;
    return bytesToHex(await sign(stringToSign(amzDate, scope, request, V4A_ALGORITHM)));
  }
}

/** The credential scope of Signature Version 4a, which names no region. */
export function v4aScope(amzDate: string, service: string): string {
  return `${amzDate.slice(0, 8)}/${service}/aws4_request`;
}

function checkedRegionSet(regionSet: string): string {
  if (typeof regionSet !== 'string' || !/^[\w*-]+(,[\w*-]+)*$/.test(regionSet)) {
    throw new TypeError("regionSet must be regions, separated by commas, such as 'us-east-1,eu-*', or '*'");
  }
  return regionSet;
}
