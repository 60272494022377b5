/** The vector files, in the terms of the package. */
import type { Credentials, PathRules, SigningRequest } from '../src/index.ts';
import keyEncoding from './vectors/key-encoding.json' with { type: 'json' };
import s3Examples from './vectors/s3-examples.json' with { type: 'json' };
import s3Signing from './vectors/s3-signing.json' with { type: 'json' };
import legacySuite from './vectors/sigv4-legacy-suite.json' with { type: 'json' };
import suite from './vectors/sigv4-suite.json' with { type: 'json' };
import v4aSuite from './vectors/sigv4a-suite.json' with { type: 'json' };

/** One signature that is known to be right. */
export interface SigningVector {
  name: string;
  credentials: Credentials;
  region: string;
  service: string;
  rules?: PathRules;
  date: Date;
  request: SigningRequest & { path: string; query: string };
  canonicalRequest: string;
  stringToSign: string;
  signature: string;
}

/** The same for a URL. */
export interface PresignVector extends SigningVector {
  expiresIn: number;
  /** The whole URL; the suite of AWS gives none in the order in which we write the parameters. */
  url?: string;
  /** The query string as signed by others, in their order. */
  signedQuery: string;
}

interface SuiteCase {
  name: string;
  context: {
    credentials: { access_key_id: string; secret_access_key: string; token?: string };
    region: string;
    service: string;
    timestamp: string;
    normalize: boolean;
    sign_body?: boolean;
    omit_session_token?: boolean;
    expiration_in_seconds?: number;
  };
  request: { method: string; path: string; query: string; headers: string[][]; body: string };
}

interface Figures {
  canonicalRequest: string;
  stringToSign: string;
  signature: string;
}

/** Headers as one record: the values of a repeated name joined by commas, as HTTP allows. */
function record(headers: readonly (readonly string[])[]): Record<string, string> {
  const joined: Record<string, string> = {};
  for (const [name = '', value = ''] of headers) {
    joined[name] = joined[name] === undefined ? value : `${joined[name]},${value}`;
  }
  return joined;
}

function fromSuite({ name, context, request }: SuiteCase, figures: Figures): SigningVector {
  const { access_key_id: accessKeyId, secret_access_key: secretAccessKey, token } = context.credentials;
  const headers = record(request.headers);
  const { Host: host = '' } = headers;
  // The suite can leave the token out of the signature and send it all the same; the signature is then
  // that of credentials without a token.
  const withToken = token !== undefined && context.omit_session_token !== true;
  return {
    name,
    credentials: { accessKeyId, secretAccessKey, ...(withToken && { sessionToken: token }) },
    region: context.region,
    service: context.service,
    rules: context.normalize ? 'general' : 's3',
    date: new Date(context.timestamp),
    request: {
      method: request.method,
      host,
      path: request.path,
      query: request.query,
      headers,
      body: request.body,
    },
    ...figures,
  };
}

/** `sign_body`: the payload hash goes along as a header. */
function withPayloadHeader(vector: SigningVector, signBody: boolean | undefined): SigningVector {
  if (signBody !== true) return vector;
  const hash = vector.canonicalRequest.slice(-64);
  const headers = { ...vector.request.headers, 'x-amz-content-sha256': hash };
  return { ...vector, request: { ...vector.request, headers } };
}

export const suiteHeaderVectors: SigningVector[] = suite.map((vector) =>
  withPayloadHeader(fromSuite(vector, vector.header), vector.context.sign_body),
);

export const suiteQueryVectors: PresignVector[] = suite.map((vector) => ({
  ...fromSuite(vector, vector.query),
  signedQuery: / [^?]*\?(\S*) HTTP/.exec(vector.query.signedRequest)?.[1] ?? '',
  expiresIn: vector.context.expiration_in_seconds,
}));

export const legacyVectors: SigningVector[] = legacySuite.map((vector) => fromSuite(vector, vector.header));

interface S3Case {
  name: string;
  kind: string;
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  region?: string;
  service?: string;
  timestamp?: string;
  expiresIn?: number;
  request?: { method: string; url: string; headers: string[][]; body?: unknown };
  payloadHash?: string;
  expected: Partial<Figures> & { url?: string };
}

const s3Cases: S3Case[] = [...s3Signing, ...s3Examples];

function fromS3(vector: S3Case): PresignVector {
  const { name, credentials, region, service, timestamp, request, payloadHash, expected } = vector;
  const { canonicalRequest, stringToSign, signature, url } = expected;
  // Not new URL(): it rewrites the very paths that are tested here.
  const parts = /^(https?:)\/\/([^/]+)([^?]*)\??(.*)$/s.exec(request?.url ?? '');
  if (!(credentials && region && service && timestamp && request && parts))
    throw new Error(`${name} lacks a field`);
  if (!(canonicalRequest && stringToSign && signature && payloadHash))
    throw new Error(`${name} lacks a figure`);
  const [, protocol, host = '', path = '', query = ''] = parts;
  const headers = record(request.headers);
  // One published example signs this header for a service that does not ask for it.
  if (canonicalRequest.includes('\nx-amz-content-sha256:')) headers['x-amz-content-sha256'] = payloadHash;
  return {
    name,
    credentials,
    region,
    service,
    date: new Date(timestamp),
    expiresIn: vector.expiresIn ?? 0,
    signedQuery: (url ?? '').slice((url ?? '').indexOf('?') + 1),
    request: {
      method: request.method,
      protocol: protocol === 'http:' ? 'http:' : 'https:',
      host,
      path,
      query,
      headers,
      payloadHash,
    },
    canonicalRequest,
    stringToSign,
    signature,
    ...(url !== undefined && { url }),
  };
}

/** Seeds of streamed bodies are ordinary header signatures. */
const HEADER_KINDS = ['header', 'chunked'];

export const s3HeaderVectors: SigningVector[] = s3Cases
  .filter(({ kind }) => HEADER_KINDS.includes(kind))
  .map(fromS3);

export const s3PresignVectors: PresignVector[] = s3Cases.filter(({ kind }) => kind === 'presign').map(fromS3);

/** Every kind of case in the files, each of which some test walks through. */
export const s3Kinds: string[] = s3Cases.map(({ kind }) => kind);

export const signingKeyVectors: {
  name: string;
  secretAccessKey: string;
  date: string;
  region: string;
  service: string;
  signingKeyHex: string;
}[] = s3Examples.flatMap(({ name, kind, secretAccessKey, date, region, service, expected }) =>
  kind === 'signing-key' && secretAccessKey && date && region && service && expected.kSigning
    ? [{ name, secretAccessKey, date, region, service, signingKeyHex: expected.kSigning }]
    : [],
);

export const keyVectors: {
  name: string;
  key: string;
  path: string;
  pathStyle: string;
  queryValue: string;
}[] = keyEncoding.keys;

/** A case of Signature Version 4a. Its signatures differ each time that they are made, so several are known. */
export interface V4aVector {
  name: string;
  credentials: Credentials;
  service: string;
  regionSet: string;
  rules: PathRules;
  date: Date;
  expiresIn: number;
  publicKey: { X: string; Y: string };
  derivedPrivateKeyHex: string;
  /** The token is sent, but not signed. */
  unsignedToken: boolean;
  header: SigningVector & {
    /** The headers as sent, but for `authorization`. */
    signedHeaders: Record<string, string>;
    authorizations: { authorization: string }[];
  };
  query: SigningVector & { signedQuery: string };
}

export const v4aVectors: V4aVector[] = v4aSuite.map((vector) => {
  const { name, context, publicKey, derivedPrivateKeyHex } = vector;
  const header = withPayloadHeader(fromSuite(vector, vector.header), context.sign_body);
  const query = fromSuite(vector, vector.query);
  const lines = vector.header.signedRequest.split('\n');
  const sent = lines
    .slice(1, lines.indexOf(''))
    .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]);
  const { Authorization = '', ...signedHeaders } = record(sent);
  // Sent, but not signed, which S3 does not allow: left out here.
  if (context.omit_session_token === true) delete signedHeaders['X-Amz-Security-Token'];
  return {
    name,
    credentials: header.credentials,
    service: context.service,
    regionSet: context.region,
    rules: header.rules ?? 'general',
    date: header.date,
    expiresIn: context.expiration_in_seconds,
    publicKey,
    derivedPrivateKeyHex,
    unsignedToken: context.omit_session_token === true,
    header: {
      ...header,
      signedHeaders,
      // One is in the signed request, the other beside it.
      authorizations: [
        Authorization,
        Authorization.replace(/Signature=.*/, `Signature=${vector.header.signature}`),
      ].map((authorization) => ({ authorization })),
    },
    query: { ...query, signedQuery: / [^?]*\?(\S*) HTTP/.exec(vector.query.signedRequest)?.[1] ?? '' },
  };
});
