import { createHash } from 'node:crypto';

/** The caller of a request that nobody signed; no access key id is empty. */
export const anonymous = '';

/** The canonical id that S3 gives to objects which an anonymous caller wrote. */
const anonymousId = '65a011a29cdf8ec533ec3d1ccaae921c';

/** What the world sees of a user: a canonical user id in S3's form of 64 hex digits, and a name. */
export function ownerOf(accessKeyId: string): { ID: string; DisplayName: string } {
  if (accessKeyId === anonymous) return { ID: anonymousId, DisplayName: 'anonymous' };
  return { ID: createHash('sha256').update(accessKeyId).digest('hex'), DisplayName: accessKeyId };
}

/** The account number of a user that was given none: 12 digits, always the same for an access key id. */
export function accountOf(accessKeyId: string): string {
  const digest = createHash('sha256').update(`account of ${accessKeyId}`).digest();
  return String(digest.readUIntBE(0, 6) % 1e12).padStart(12, '0');
}

/** ARN of a user. */
export function arnOf(accessKeyId: string, accountId: string): string {
  return `arn:aws:iam::${accountId}:user/${accessKeyId}`;
}
