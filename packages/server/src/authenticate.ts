import {
  type ContentLengthRange,
  type ReceivedForm,
  type SigningKeyCache,
  UNSIGNED_PAYLOAD,
  type VerifiedSignature,
  verify,
  verifyPostForm,
} from '@s3kit/sigv4';
import { anonymous } from './callers.ts';
import { isDirectoryBucketName } from './directory-buckets.ts';
import { s3Error } from './errors.ts';
import type { IncomingRequest } from './incoming.ts';
import type { Settings } from './options.ts';
import type { RequestTarget } from './request-target.ts';
import type { Session, Sessions } from './sessions.ts';

/** Who sent a request, and what was signed of its body. */
export interface Authentication {
  /** Access key id; empty for an anonymous caller. */
  caller: string;
  payloadHash: string;
  /** Whose keys signed the request, where they are not the caller's own. */
  session?: Session;
  /** The seed of the signatures of a body's chunks. */
  verified?: VerifiedSignature;
}

/**
 * Tells who sent a request.
 *
 * @throws {SignatureError} the signature is wrong, expired, of an unknown key, or malformed
 * @throws {S3Error} `InvalidToken`, `ExpiredToken` for the token of a session
 */
export function authenticate(
  { users, region, now, verify: isVerified }: Settings,
  keys: SigningKeyCache,
  sessions: Sessions,
  { method, headers }: IncomingRequest,
  { rawPath, rawQuery, bucket, query }: RequestTarget,
): Authentication {
  const payloadHash = headers['x-amz-content-sha256']?.[0] ?? UNSIGNED_PAYLOAD;
  if (!isVerified)
    return { caller: claimedCaller(users, sessions, headers['authorization']?.[0], rawQuery), payloadHash };
  // Both are taken for directory buckets: not every client knows that these have another name.
  const isExpress = isSignedForExpress(headers, query) && (bucket === '' || isDirectoryBucketName(bucket));
  const verified = verify(
    { method, path: rawPath, query: rawQuery, headers },
    {
      secretFor: (id) => (users.get(id) ?? sessions.get(id))?.secretAccessKey,
      service: isExpress ? 's3express' : 's3',
      region,
      now: now(),
      keys,
    },
  );
  if (verified.kind === 'anonymous') return { caller: anonymous, payloadHash };
  const signed = { payloadHash: verified.payloadHash, verified };
  const session = sessions.get(verified.accessKeyId);
  const token = headers['x-amz-s3session-token']?.[0] ?? query.get('X-Amz-S3session-Token');
  if (token !== session?.token) throw s3Error('InvalidToken');
  if (session === undefined) return { caller: verified.accessKeyId, ...signed };
  if (session.expires <= now().getTime()) throw s3Error('ExpiredToken');
  return { caller: session.caller, session, ...signed };
}

/** Whether a request says that it is signed for the service of directory buckets; `verify` finds out if it is. */
export function isSignedForExpress(
  headers: IncomingRequest['headers'],
  query: RequestTarget['query'],
): boolean {
  const claim = /Credential=([^,\s]+)/.exec(headers['authorization']?.[0] ?? '')?.[1];
  return (claim ?? query.get('X-Amz-Credential') ?? '').endsWith('/s3express/aws4_request');
}

/** Where nothing is verified: the user that a request names, or whose session it names, or else the first one. */
function claimedCaller(
  users: Settings['users'],
  sessions: Sessions,
  authorization: string | undefined,
  rawQuery: string,
): string {
  const [, claimed = ''] =
    /Credential=([^/,\s]+)/.exec(authorization ?? '') ??
    /(?:^|&)X-Amz-Credential=([^&]+?)(?:%2F|\/)/i.exec(rawQuery) ??
    [];
  const [first = anonymous] = users.keys();
  return users.has(claimed) ? claimed : (sessions.get(claimed)?.caller ?? first);
}

/** Who sent a form, and what its policy says. */
export interface VerifiedForm {
  /** Access key id; empty for an anonymous caller. */
  caller: string;
  /** Undefined: as the form's field has it. */
  key: string | undefined;
  contentLengthRange: ContentLengthRange | undefined;
}

/**
 * Tells who sent a form.
 *
 * @throws {SignatureError} the signature is wrong, or the form is not as its policy wants it
 */
export function authenticateForm(
  { users, region, now, verify: isVerified }: Settings,
  keys: SigningKeyCache,
  sessions: Sessions,
  form: ReceivedForm,
): VerifiedForm {
  const nothing = { key: undefined, contentLengthRange: undefined };
  if (!isVerified) {
    const [, claimed] = [...form.fields].find(([name]) => name.toLowerCase() === 'x-amz-credential') ?? [];
    return { caller: claimedCaller(users, sessions, `Credential=${claimed ?? ''}`, ''), ...nothing };
  }
  const verified = verifyPostForm(form, {
    secretFor: (accessKeyId) => users.get(accessKeyId)?.secretAccessKey,
    region,
    now: now(),
    keys,
  });
  if (verified.kind === 'anonymous') return { caller: anonymous, ...nothing };
  const { accessKeyId: caller, key, contentLengthRange } = verified;
  return { caller, key, contentLengthRange };
}
