import { formatAmzDate, parseAmzDate } from './amz-date.ts';
import {
  type Claim,
  parseCredential,
  parseSignedHeaders,
  type Refusal,
  type Scheme,
} from './credential-claim.ts';
import type { ReadRequest } from './received-request.ts';
import { SignatureError } from './signature-error.ts';

/** Makes the error for a fault in an Authorization header. */
export const refuseHeader: Refusal = (fault, details) =>
  new SignatureError(
    'AuthorizationHeaderMalformed',
    `The authorization header is malformed; ${fault}`,
    details,
  );

/**
 * Reads the signature in an Authorization header.
 *
 * @throws {SignatureError} the header is malformed, of another scheme, or the request has no date
 */
export function headerClaim({ headers }: ReadRequest, authorization: string, scheme: Scheme): Claim {
  const { Credential, SignedHeaders, Signature } = authorizationFields(authorization, scheme.algorithm);
  if (Credential === undefined || SignedHeaders === undefined || Signature === undefined) throw incomplete();
  const date = requestDate(headers);
  return {
    kind: 'header',
    credential: parseCredential(Credential, refuseHeader, scheme.regional),
    signedHeaders: parseSignedHeaders(SignedHeaders, refuseHeader),
    signature: Signature,
    amzDate: formatAmzDate(date),
    date,
    payloadHash: headers.get('x-amz-content-sha256'),
    sessionToken: headers.get('x-amz-security-token'),
    regionSet: scheme.regional ? undefined : (headers.get('x-amz-region-set') ?? ''),
  };
}

function incomplete(): SignatureError {
  return refuseHeader(
    'the authorization header requires three components: Credential, SignedHeaders, and Signature.',
  );
}

function authorizationFields(authorization: string, algorithm: string): Record<string, string | undefined> {
  const [, scheme = '', rest = ''] = /^(\S*)[ \t]*(.*)$/s.exec(authorization) ?? [];
  if (scheme === 'AWS') {
    throw new SignatureError(
      'InvalidRequest',
      `The authorization mechanism you have provided is not supported. Please use ${algorithm}.`,
    );
  }
  if (scheme !== algorithm) {
    throw new SignatureError('InvalidArgument', 'Unsupported Authorization Type', {
      ArgumentName: 'Authorization',
    });
  }
  const fields = Object.create(null) as Record<string, string>;
  for (const component of rest.split(',')) {
    const [, name, value = ''] = /^\s*([^=\s]+)=(.*?)\s*$/s.exec(component) ?? [];
    if (name === undefined || name in fields) throw incomplete();
    fields[name] = value;
  }
  return fields;
}

/** `x-amz-date`, or else `Date`, which may have either form. */
function requestDate(headers: ReadonlyMap<string, string>): Date {
  const text = headers.get('x-amz-date') ?? headers.get('date') ?? '';
  const date = parseAmzDate(text) ?? parseHttpDate(text);
  if (date === undefined) {
    throw new SignatureError('AccessDenied', 'AWS authentication requires a valid Date or x-amz-date header');
  }
  return date;
}

/** The one form of a date that RFC 9110 §5.6.7 lets a sender use. */
function parseHttpDate(text: string): Date | undefined {
  if (!/^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/.test(text)) return undefined;
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
