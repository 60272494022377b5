import { formatAmzDate } from './amz-date.ts';
import { type CanonicalHeaders, canonicalHeaders } from './canonical-headers.ts';
import { canonicalQuery, joinQuery, type QueryPair, splitQuery } from './canonical-query.ts';
import { canonicalRequest } from './canonical-request.ts';
import { canonicalUri, type PathRules } from './canonical-uri.ts';
import { credentialScope } from './credential-scope.ts';
import { type Credentials, checkedCredentials } from './credentials.ts';
import { UNSIGNED_PAYLOAD } from './payload-hash.ts';
import { encodeQueryComponent } from './percent-encoding.ts';
import { MAXIMUM_EXPIRES_IN } from './presigned-claim.ts';
import { DEFAULT_SERVICE, isS3Service, rulesOf } from './services.ts';
import { EMPTY_SHA256 } from './sha256.ts';
import { SigningKeyCache } from './signing-key-cache.ts';
import {
  checkRequestLine,
  declaredPayloadHash,
  isSignedHeader,
  requestHeaders,
  type SigningRequest,
} from './signing-request.ts';
import { ALGORITHM, stringToSign } from './string-to-sign.ts';

/** What a `Signer` is made of. */
export interface SignerOptions {
  /** The region for which to sign, such as `eu-west-1`; `auto` for Cloudflare R2. */
  region: string;
  /** The signing name of the service. @default 's3' */
  service?: string;
  /** Who signs; copied. */
  credentials: Credentials;
  /** How the path enters the signature. @default 's3' for the services of S3, 'general' for all others */
  rules?: PathRules;
}

/** What one call of `sign` may change. */
export interface SignOverrides {
  /** The time of the request, for a corrected clock. @default now */
  date?: Date;
  /** Other credentials, for example refreshed ones. @default those of the signer */
  credentials?: Credentials;
  /** Another region, for example after a redirect. @default that of the signer */
  region?: string;
}

/** What one call of `presign` may choose. */
export interface PresignOptions extends SignOverrides {
  /** For how long the URL is good, in whole seconds, 1 to 604,800 (a week). @default 3600 */
  expiresIn?: number;
}

/** A signed request. */
export interface SignedRequest {
  /** Every header to send, named in lower case: those given, and those that the signature needs. */
  headers: Record<string, string>;
  /** The signature, 64 hexadecimal digits; the seed of the chunk signatures of a streamed body. */
  signature: string;
}

/** One signature's surroundings. */
interface Context {
  credentials: Credentials;
  region: string;
  amzDate: string;
  scope: string;
}

/**
 * Signs requests with AWS Signature Version 4.
 *
 * The credentials are private to the object: neither `util.inspect` nor JSON shows them. Signing keys are
 * kept per object, at most 32.
 *
 * @throws {TypeError} an option is missing or malformed
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html}
 * @example
 * const signer = new Signer({ region: 'eu-west-1', credentials: { accessKeyId, secretAccessKey } });
 * const { headers } = signer.sign({ method: 'GET', host: 's3.eu-west-1.amazonaws.com', path: '/bucket/key' });
 */
export class Signer {
  /** The region for which requests are signed. */
  readonly region: string;
  /** The signing name of the service. */
  readonly service: string;
  /** How the path enters the signature. */
  readonly rules: PathRules;

  readonly #credentials: Credentials;
  readonly #keys: SigningKeyCache = new SigningKeyCache();

  constructor(options: SignerOptions) {
    this.region = checkedScopePart(options.region, 'region');
    this.service = checkedScopePart(options.service ?? DEFAULT_SERVICE, 'service');
    this.rules = options.rules ?? rulesOf(this.service);
    if (this.rules !== 's3' && this.rules !== 'general')
      throw new TypeError("rules must be 's3' or 'general'");
    this.#credentials = checkedCredentials(options.credentials);
  }

  /**
   * Signs a request by an Authorization header.
   *
   * @throws {TypeError} a part of the request is malformed
   * @throws {RangeError} `overrides.date` is invalid
   */
  sign(request: SigningRequest, overrides: SignOverrides = {}): SignedRequest {
    const context = this.#context(overrides);
    checkRequestLine(request);
    const headers = requestHeaders(request);
    const payloadHash = declaredPayloadHash(request, headers) ?? EMPTY_SHA256;
    const { credentials, scope } = context;

    headers['x-amz-date'] = context.amzDate;
    if (isS3Service(this.service)) headers['x-amz-content-sha256'] = payloadHash;
    if (credentials.sessionToken !== undefined) headers['x-amz-security-token'] = credentials.sessionToken;

    const signed = signedPart(headers);
    const signature = this.#signature(
      context,
      request,
      canonicalQuery(request.query ?? ''),
      signed,
      payloadHash,
    );
    const credential = `${credentials.accessKeyId}/${scope}`;
    headers['authorization'] =
      `${ALGORITHM} Credential=${credential}, SignedHeaders=${signed.signedHeaders}, Signature=${signature}`;
    return { headers, signature };
  }

  /**
   * Signs a request by its URL, which anyone can then use until it expires.
   *
   * The headers given are signed too, and have to be sent with the URL. The body is not signed, unless
   * `payloadHash` or `body` say what it is; for services other than S3, no body is signed as an empty one.
   *
   * @returns the whole URL
   * @throws {TypeError} a part of the request is malformed
   * @throws {RangeError} `expiresIn` is outside 1 to 604,800, or `date` is invalid
   * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html}
   */
  presign(request: SigningRequest, options: PresignOptions = {}): string {
    const { expiresIn = 3600 } = options;
    if (!Number.isInteger(expiresIn) || expiresIn < 1 || expiresIn > MAXIMUM_EXPIRES_IN) {
      throw new RangeError(`expiresIn must be a whole number of seconds from 1 to ${MAXIMUM_EXPIRES_IN}`);
    }
    const context = this.#context(options);
    checkRequestLine(request);
    const protocol = request.protocol ?? 'https:';
    if (protocol !== 'https:' && protocol !== 'http:') {
      throw new TypeError("protocol must be 'https:' or 'http:'");
    }
    const host = urlHost(request.host, protocol);
    const headers = { ...requestHeaders(request), host };
    const declared = declaredPayloadHash(request, headers);
    const s3 = isS3Service(this.service);
    const payloadHash = declared ?? (s3 ? UNSIGNED_PAYLOAD : EMPTY_SHA256);

    const signed = signedPart(headers);
    const pairs = queryPairs(request.query ?? '');
    const add = (name: string, value: string) => pairs.push([name, encodeQueryComponent(value)]);
    add('X-Amz-Algorithm', ALGORITHM);
    add('X-Amz-Credential', `${context.credentials.accessKeyId}/${context.scope}`);
    add('X-Amz-Date', context.amzDate);
    add('X-Amz-Expires', String(expiresIn));
    add('X-Amz-SignedHeaders', signed.signedHeaders);
    if (context.credentials.sessionToken !== undefined) {
      add('X-Amz-Security-Token', context.credentials.sessionToken);
    }
    // S3 takes the body of a presigned request as unsigned, unless the URL says otherwise.
    if (s3 && payloadHash !== UNSIGNED_PAYLOAD) add('X-Amz-Content-Sha256', payloadHash);

    add('X-Amz-Signature', this.#signature(context, request, joinQuery(pairs), signed, payloadHash));
    return `${protocol}//${host}${request.path}?${joinQuery(pairs)}`;
  }

  #context({ date = new Date(), credentials: given, region: otherRegion }: SignOverrides): Context {
    const credentials = given === undefined ? this.#credentials : checkedCredentials(given);
    const region = otherRegion === undefined ? this.region : checkedScopePart(otherRegion, 'region');
    const amzDate = formatAmzDate(date);
    return { credentials, region, amzDate, scope: credentialScope(amzDate, region, this.service) };
  }

  #signature(
    { credentials, region, amzDate, scope }: Context,
    { method, path }: SigningRequest,
    query: string,
    { canonical, signedHeaders }: CanonicalHeaders,
    payloadHash: string,
  ): string {
    const uri = canonicalUri(path, this.rules);
    const request = canonicalRequest({ method, uri, query, headers: canonical, signedHeaders, payloadHash });
    const key = this.#keys.get(credentials.secretAccessKey, amzDate, region, this.service);
    return key.hex(stringToSign(amzDate, scope, request));
  }
}

function signedPart(headers: Readonly<Record<string, string>>): CanonicalHeaders {
  return canonicalHeaders(Object.entries(headers).filter(([name]) => isSignedHeader(name)));
}

/** A part of the credential scope, in which the slash separates. */
function checkedScopePart(text: string, argument: 'region' | 'service'): string {
  if (typeof text !== 'string' || !/^[^\s/,]+$/.test(text)) {
    throw new TypeError(`${argument} must be a name such as '${argument === 'region' ? 'us-east-1' : 's3'}'`);
  }
  return text;
}

/** The host as every URL library writes it into the Host header: without the scheme's own port, in lower case. */
function urlHost(host: string, protocol: 'https:' | 'http:'): string {
  const port = protocol === 'https:' ? ':443' : ':80';
  return (host.endsWith(port) ? host.slice(0, -port.length) : host).toLowerCase();
}

/** The request's own parameters, encoded. @throws {TypeError} one of them is a parameter of the signature */
function queryPairs(query: string | Iterable<QueryPair>): QueryPair[] {
  const pairs = splitQuery(canonicalQuery(query));
  const clash = pairs.find(([name]) =>
    /^x-amz-(algorithm|content-sha256|credential|date|expires|security-token|signature|signedheaders)$/i.test(
      name,
    ),
  );
  if (clash !== undefined)
    throw new TypeError(`query holds ${clash[0]}, which presign adds itself; leave it out`);
  return pairs;
}
