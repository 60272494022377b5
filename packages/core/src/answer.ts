import type { S3ErrorDocument } from './errors.ts';
import type { HttpResponse } from './http.ts';

const advice: Readonly<Record<string, string>> = {
  AccessDenied: 'the keys may not do this; see the policies',
  AuthorizationHeaderMalformed: 'the region may be another one',
  BucketAlreadyExists: 'the name is taken',
  BucketNotEmpty: 'empty it first',
  ExpiredToken: 'get new keys',
  Forbidden: 'the keys or their permissions are wrong',
  InvalidAccessKeyId: 'the endpoint does not know the key; see access_key_id',
  NoSuchBucket: 'there is no such bucket at this endpoint',
  SignatureDoesNotMatch: 'the secret access key is wrong; see secret_access_key',
};

// How changes are refused for what is there already, or no longer.
const byState: Readonly<Record<string, readonly number[]>> = {
  PUT: [409, 412],
  POST: [412],
  DELETE: [404, 412],
};

/**
 * What happened, to what, and what to do, in one line.
 *
 * @param mayBeDone - whether an earlier attempt may have done what was asked: then it is what the refusal is about
 */
export function describeError(
  document: S3ErrorDocument,
  subject: string,
  response: HttpResponse,
  now: number,
  mayBeDone: boolean = false,
): string {
  const { code, message, requestId } = document;
  const hint =
    code === 'RequestTimeTooSkewed'
      ? describeSkew(response, now)
      : mayBeDone && byState[response.method]?.includes(response.status)
        ? 'an earlier attempt may have done it'
        : (regionHint(document) ?? advice[code]);
  const said = [code, message].filter(Boolean).join(': ');
  const request = requestId === undefined ? '' : `, request ${requestId}`;
  return oneLine(`${subject}: ${said} (HTTP ${response.status}${request})${hint ? `; ${hint}` : ''}`);
}

function regionHint({ fields }: S3ErrorDocument): string | undefined {
  const region = fields['Region'];
  return region === undefined ? undefined : `the region is ${region}; set it in the connection`;
}

function describeSkew({ headers }: HttpResponse, now: number): string {
  const theirs = Date.parse(headers['date'] ?? '');
  if (Number.isNaN(theirs)) return "this machine's clock differs from the service's; set it";
  const minutes = Math.round(Math.abs(now - theirs) / 60_000);
  return `this machine's clock is ${minutes} minutes ${now > theirs ? 'ahead of' : 'behind'} the service's (${new Date(theirs).toISOString()}); set it`;
}

/** Text from the other side on one line, without characters that could drive a terminal. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}
