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
import type { IncomingRequest } from './incoming.ts';
import type { Settings } from './options.ts';
import type { RequestTarget } from './request-target.ts';

/** Who sent a request, and what was signed of its body. */
export interface Authentication {
  /** Access key id; empty for an anonymous caller. */
  caller: string;
  payloadHash: string;
  /** The seed of the signatures of a body's chunks. */
  verified?: VerifiedSignature;
}

/**
 * Tells who sent a request.
 *
 * @throws {SignatureError} the signature is wrong, expired, of an unknown key, or malformed
 */
export function authenticate(
  { users, region, now, verify: isVerified }: Settings,
  keys: SigningKeyCache,
  { method, headers }: IncomingRequest,
  { rawPath, rawQuery }: RequestTarget,
): Authentication {
  const payloadHash = headers['x-amz-content-sha256']?.[0] ?? UNSIGNED_PAYLOAD;
  if (!isVerified)
    return { caller: claimedCaller(users, headers['authorization']?.[0], rawQuery), payloadHash };
  const verified = verify(
    { method, path: rawPath, query: rawQuery, headers },
    { secretFor: (accessKeyId) => users.get(accessKeyId)?.secretAccessKey, region, now: now(), keys },
  );
  if (verified.kind === 'anonymous') return { caller: anonymous, payloadHash };
  return { caller: verified.accessKeyId, payloadHash: verified.payloadHash, verified };
}

/** Where nothing is verified: the user that a request names, or else the first one. */
function claimedCaller(
  users: Settings['users'],
  authorization: string | undefined,
  rawQuery: string,
): string {
  const [, claimed = ''] =
    /Credential=([^/,\s]+)/.exec(authorization ?? '') ??
    /(?:^|&)X-Amz-Credential=([^&]+?)(?:%2F|\/)/i.exec(rawQuery) ??
    [];
  const [first = anonymous] = users.keys();
  return users.has(claimed) ? claimed : first;
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
  form: ReceivedForm,
): VerifiedForm {
  const nothing = { key: undefined, contentLengthRange: undefined };
  if (!isVerified) {
    const [, claimed] = [...form.fields].find(([name]) => name.toLowerCase() === 'x-amz-credential') ?? [];
    return { caller: claimedCaller(users, `Credential=${claimed ?? ''}`, ''), ...nothing };
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
