import { parseAmzDate } from './amz-date.ts';
import {
  type Claim,
  parseCredential,
  parseSignedHeaders,
  type Refusal,
  type Scheme,
} from './credential-claim.ts';
import { MAXIMUM_EXPIRES_IN } from './presign-url.ts';
import type { ReadRequest } from './received-request.ts';
import { SignatureError } from './signature-error.ts';

/** The query parameters of a signature. */
type Parameter = (typeof REQUIRED)[number] | (typeof OPTIONAL)[number];

const REQUIRED = [
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Signature',
  'X-Amz-Date',
  'X-Amz-SignedHeaders',
  'X-Amz-Expires',
] as const;
const OPTIONAL = ['X-Amz-Content-Sha256', 'X-Amz-Region-Set', 'X-Amz-Security-Token'] as const;

/** Any of these makes a request a presigned one. */
const TELLING: readonly string[] = ['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Signature'];

/** A claim that ends. */
export interface PresignedClaim extends Claim {
  /** Seconds after the date. */
  expiresIn: number;
}

function refuse(message: string): SignatureError {
  return new SignatureError('AuthorizationQueryParametersError', message);
}

/** Makes the error for a fault in the credential or the list of headers. */
export const refuseQuery: Refusal = (fault, details) =>
  new SignatureError(
    'AuthorizationQueryParametersError',
    `Error parsing the X-Amz-Credential parameter; ${fault}`,
    details,
  );

/** Whether the query carries a signature. */
export function isPresigned({ query }: ReadRequest): boolean {
  return query.some(([name]) => TELLING.includes(name));
}

/**
 * Reads the signature in a query.
 *
 * @throws {SignatureError} a parameter is missing, malformed, or there twice
 */
export function presignedClaim(request: ReadRequest, scheme: Scheme): PresignedClaim {
  const parameters = signatureParameters(request);
  const algorithm = parameters.get('X-Amz-Algorithm');
  if (REQUIRED.some((name) => !parameters.get(name))) {
    throw refuse(`Query-string authentication version 4 requires the ${REQUIRED.join(', ')} parameters.`);
  }
  if (algorithm !== scheme.algorithm) throw refuse(`X-Amz-Algorithm only supports "${scheme.algorithm}"`);
  const amzDate = parameters.get('X-Amz-Date') ?? '';
  const date = parseAmzDate(amzDate);
  if (date === undefined) {
    throw refuse(`X-Amz-Date must be in the ISO8601 Long Format "yyyyMMdd'T'HHmmss'Z'"`);
  }
  return {
    kind: 'presigned',
    credential: parseCredential(parameters.get('X-Amz-Credential') ?? '', refuseQuery, scheme.regional),
    signedHeaders: parseSignedHeaders(parameters.get('X-Amz-SignedHeaders') ?? '', refuseQuery),
    signature: parameters.get('X-Amz-Signature') ?? '',
    amzDate,
    date,
    expiresIn: parseExpires(parameters.get('X-Amz-Expires') ?? ''),
    payloadHash: parameters.get('X-Amz-Content-Sha256') ?? request.headers.get('x-amz-content-sha256'),
    sessionToken: parameters.get('X-Amz-Security-Token'),
    regionSet: scheme.regional ? undefined : (parameters.get('X-Amz-Region-Set') ?? ''),
  };
}

function signatureParameters({ query }: ReadRequest): Map<Parameter, string> {
  const names: readonly string[] = [...REQUIRED, ...OPTIONAL];
  const parameters = new Map<Parameter, string>();
  for (const [name, value] of query) {
    if (!names.includes(name)) continue;
    const parameter = name as Parameter; // it is one of the names
    if (parameters.has(parameter)) throw refuse(`${name} is given more than once.`);
    parameters.set(parameter, decoded(value));
  }
  return parameters;
}

/** An escape that is no UTF-8 cannot match anything expected; it is left as it is. */
function decoded(component: string): string {
  try {
    return decodeURIComponent(component);
  } catch {
    return component;
  }
}

function parseExpires(text: string): number {
  if (!/^-?\d+$/.test(text)) throw refuse('X-Amz-Expires should be a number');
  const seconds = Number(text);
  if (seconds < 0) throw refuse('X-Amz-Expires must be non-negative');
  if (seconds === 0) throw refuse('X-Amz-Expires must be at least 1');
  if (seconds > MAXIMUM_EXPIRES_IN) {
    throw refuse(
      `X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than ${MAXIMUM_EXPIRES_IN} seconds`,
    );
  }
  return seconds;
}
