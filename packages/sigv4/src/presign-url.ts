import { canonicalQuery, splitQuery } from './canonical-query.ts';
import { canonicalRequest } from './canonical-request.ts';
import { canonicalUri } from './canonical-uri.ts';
import { joinQuery, type QueryPair } from './encode-query.ts';
import { EMPTY_SHA256, UNSIGNED_PAYLOAD } from './payload-literals.ts';
import { encodeQueryComponent } from './percent-encoding.ts';
import { isS3Service } from './services.ts';
import type { SigningTarget } from './sign-headers.ts';
import { ALGORITHM } from './signature-text.ts';
import { signedPart } from './signed-headers.ts';
import type { SigningIdentity, SignOverrides } from './signing-identity.ts';
import {
  checkRequestLine,
  declaredPayloadHash,
  requestHeaders,
  type SigningRequest,
} from './signing-request.ts';
import { stringToSign } from './string-to-sign.ts';

/** The longest life of a presigned URL, in seconds: a week. */
export const MAXIMUM_EXPIRES_IN = 604_800;

/** What one call of `presign` may choose. */
export interface PresignOptions extends SignOverrides {
  /** For how long the URL is good, in whole seconds, 1 to 604,800 (a week). @default 3600 */
  expiresIn?: number;
}

/** A URL that lacks nothing but its signature. */
export interface UrlDraft {
  /** Scheme, host and path. */
  base: string;
  /** The canonical query. */
  query: string;
  /** The canonical request. */
  request: string;
}

/** @throws {RangeError} naming the argument */
export function checkedExpiresIn(expiresIn: number): number {
  if (!Number.isInteger(expiresIn) || expiresIn < 1 || expiresIn > MAXIMUM_EXPIRES_IN) {
    throw new RangeError(`expiresIn must be a whole number of seconds from 1 to ${MAXIMUM_EXPIRES_IN}`);
  }
  return expiresIn;
}

/**
 * Adds to a request's URL what its signature needs.
 *
 * @param own - the signer's parameters, encoded, without `X-Amz-SignedHeaders` and `X-Amz-Content-Sha256`
 * @throws {TypeError} a part of the request is malformed
 */
export function draftUrl(
  { service, rules }: SigningTarget,
  request: SigningRequest,
  own: QueryPair[],
): UrlDraft {
  checkRequestLine(request);
  const protocol = request.protocol ?? 'https:';
  if (protocol !== 'https:' && protocol !== 'http:') {
    throw new TypeError("protocol must be 'https:' or 'http:'");
  }
  const host = urlHost(request.host, protocol);
  const headers = { ...requestHeaders(request), host };
  const s3 = isS3Service(service);
  const payloadHash = declaredPayloadHash(request, headers) ?? (s3 ? UNSIGNED_PAYLOAD : EMPTY_SHA256);
  const { canonical, signedHeaders } = signedPart(headers);

  const pairs = [...own, ...queryPairs(request.query ?? '')];
  pairs.push(['X-Amz-SignedHeaders', encodeQueryComponent(signedHeaders)]);
  // S3 takes the body of a presigned request as unsigned, unless the URL or a header says otherwise.
  if (s3 && payloadHash !== UNSIGNED_PAYLOAD && !Object.hasOwn(headers, 'x-amz-content-sha256')) {
    pairs.push(['X-Amz-Content-Sha256', payloadHash]);
  }
  const query = joinQuery(pairs);
  return {
    base: `${protocol}//${host}${request.path}`,
    query,
    request: canonicalRequest({
      method: request.method,
      uri: canonicalUri(request.path, rules),
      query,
      headers: canonical,
      signedHeaders,
      payloadHash,
    }),
  };
}

/** The URL with its signature. */
export function finishedUrl({ base, query }: UrlDraft, signature: string): string {
  // There is one such place: other names cannot be this one, and values hold no '='. The query stays in order.
  const rest = query.indexOf('&X-Amz-SignedHeaders=');
  return `${base}?${query.slice(0, rest)}&X-Amz-Signature=${signature}${query.slice(rest)}`;
}

/**
 * Signs a request by its URL: `signer.presign(request, options)` as a function.
 *
 * @throws {TypeError} a part of the request is malformed
 * @throws {RangeError} `expiresIn` is outside 1 to 604,800, or `date` is invalid
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html}
 */
export function presignUrl(
  identity: SigningIdentity,
  request: SigningRequest,
  options: PresignOptions = {},
): string {
  const expiresIn = checkedExpiresIn(options.expiresIn ?? 3600);
  const context = identity.at(options);
  const own: QueryPair[] = [
    ['X-Amz-Algorithm', ALGORITHM],
    ['X-Amz-Credential', context.encodedCredential],
    ['X-Amz-Date', context.amzDate],
    ['X-Amz-Expires', String(expiresIn)],
  ];
  const { sessionToken } = context;
  if (sessionToken !== undefined) own.push(['X-Amz-Security-Token', encodeQueryComponent(sessionToken)]);
  const draft = draftUrl(identity, request, own);
  const signature = context.signature(stringToSign(context.amzDate, context.scope, draft.request));
  return finishedUrl(draft, signature);
}

/** The host as every URL library writes it into the Host header: without the scheme's own port, in lower case. */
function urlHost(host: string, protocol: 'https:' | 'http:'): string {
  const port = protocol === 'https:' ? ':443' : ':80';
  return (host.endsWith(port) ? host.slice(0, -port.length) : host).toLowerCase();
}

/** The request's own parameters, encoded. @throws {TypeError} one of them is a parameter of the signature */
function queryPairs(query: string | Iterable<QueryPair>): QueryPair[] {
  if (query === '') return [];
  const pairs = splitQuery(canonicalQuery(query));
  const clash = pairs.find(([name]) =>
    /^x-amz-(algorithm|content-sha256|credential|date|expires|region-set|security-token|signature|signedheaders)$/i.test(
      name,
    ),
  );
  if (clash !== undefined)
    throw new TypeError(`query holds ${clash[0]}, which presign adds itself; leave it out`);
  return pairs;
}
