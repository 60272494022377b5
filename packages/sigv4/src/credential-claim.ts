import { parseAmzDate } from './amz-date.ts';
import { isHeaderName } from './canonical-headers.ts';
import type { SignatureError } from './signature-error.ts';

/** A version of the signature: what it is called, and whether it is for one region. */
export interface Scheme {
  algorithm: string;
  /** Without, the region is not in the credential but in a set of its own. */
  regional: boolean;
}

/** What a request says about its own signature, in a header or in the query; none of it is proven yet. */
export interface Claim {
  kind: 'header' | 'presigned';
  credential: Credential;
  /** The names in `SignedHeaders`, in lower case. */
  signedHeaders: readonly string[];
  signature: string;
  amzDate: string;
  date: Date;
  /** As declared; undefined when nothing is. */
  payloadHash: string | undefined;
  sessionToken: string | undefined;
  /** For schemes without a region in the credential: a list of regions, with `*` for any letters. */
  regionSet: string | undefined;
}

/** A credential: `<access key id>/<day>/<region>/<service>/aws4_request`. */
export interface Credential {
  accessKeyId: string;
  day: string;
  /** Empty in a scheme without. */
  region: string;
  service: string;
}

/** Makes the error for a fault in the credential; header and query have a code and wording each. */
export type Refusal = (fault: string, details?: Readonly<Record<string, string>>) => SignatureError;

/** Takes a credential apart. @throws what `refuse` makes */
export function parseCredential(text: string, refuse: Refusal, regional = true): Credential {
  // From the end: an access key id of a service other than AWS may hold a slash.
  const parts = text.split('/');
  const [terminal, service = ''] = [parts.pop(), parts.pop()];
  const region = regional ? (parts.pop() ?? '') : '';
  const day = parts.pop() ?? '';
  const accessKeyId = parts.join('/');
  if (accessKeyId === '') {
    throw refuse(
      `the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/${regional ? 'REGION/' : ''}SERVICE/aws4_request".`,
    );
  }
  if (terminal !== 'aws4_request') {
    throw refuse('incorrect terminal in the Credential. This endpoint uses "aws4_request".');
  }
  if (parseAmzDate(`${day}T000000Z`) === undefined) {
    throw refuse('incorrect date format in the Credential. This date must be in the format "yyyyMMdd".');
  }
  return { accessKeyId, day, region, service };
}

/** Compares a credential with what the endpoint expects. @throws what `refuse` makes */
export function checkCredential(
  credential: Credential,
  amzDate: string,
  expected: { region: string | undefined; service: string },
  refuse: Refusal,
  regionSet: string = credential.region,
): void {
  if (credential.day !== amzDate.slice(0, 8)) {
    throw refuse(
      `Invalid credential date "${credential.day}". This date is not the same as X-Amz-Date: "${amzDate}".`,
    );
  }
  if (expected.region !== undefined && !holdsRegion(regionSet, expected.region)) {
    throw refuse(`the region '${regionSet}' is wrong; expecting '${expected.region}'`, {
      Region: expected.region,
    });
  }
  if (credential.service !== expected.service) {
    throw refuse(
      `incorrect service "${credential.service}". This endpoint belongs to "${expected.service}".`,
    );
  }
}

/** Whether a region is in a set such as `us-east-1,eu-*`. A single region is a set, and has no star in it. */
function holdsRegion(set: string, region: string): boolean {
  return set.split(',').some((pattern) => {
    const [start = '', ...ends] = pattern.trim().split('*');
    const [end] = ends;
    if (end === undefined) return region === start;
    return (
      ends.length === 1 &&
      region.length >= start.length + end.length &&
      region.startsWith(start) &&
      region.endsWith(end)
    );
  });
}

/** The names of a `SignedHeaders` list. @throws what `refuse` makes */
export function parseSignedHeaders(text: string, refuse: Refusal): string[] {
  const names = text.toLowerCase().split(';');
  // A name with a line feed in it could pass for two lines of the canonical request.
  if (!names.every(isHeaderName))
    throw refuse('SignedHeaders must be header names, separated by semicolons.');
  return names;
}
