/** The two or three strings that AWS gives to whoever may sign. */
export interface Credentials {
  /** The key's public name, such as `AKIAIOSFODNN7EXAMPLE`. */
  accessKeyId: string;
  /** The secret; it never leaves the signer. */
  secretAccessKey: string;
  /** The session token of temporary credentials; sent, and signed, with each request. */
  sessionToken?: string;
  /** When temporary credentials end. No part of a signature; whoever keeps credentials looks at it. */
  expiration?: Date;
  /** The account that the credentials are of, where their source tells. No part of a signature. */
  accountId?: string;
}

/** What each field must be, and how that is put. */
const FIELDS = [
  // The access key id is cut out of the Authorization header again by its comma.
  ['accessKeyId', /^[\x21-\x2b\x2d-\x7e]+$/, 'visible ASCII characters, at least one, without a comma'],
  ['secretAccessKey', /^[^\r\n]+$/, 'a string, not empty, without a line break'],
  ['sessionToken', /^[\x21-\x7e]+$/, 'visible ASCII characters; leave it out if there is none'],
] as const;

/**
 * Copies credentials after a check, so that what the caller does to the object later changes nothing.
 *
 * @throws {TypeError} a field is missing or empty, or cannot stand in a header; no value is repeated
 */
export function checkedCredentials(credentials: Credentials): Credentials {
  const checked: Partial<Pick<Credentials, (typeof FIELDS)[number][0]>> = {};
  for (const [field, pattern, rule] of FIELDS) {
    // The fields of a missing object are missing too, and the first of them is named.
    const value = (Object(credentials) as Credentials)[field];
    if (field === 'sessionToken' && value === undefined) continue;
    if (typeof value !== 'string' || !pattern.test(value)) {
      throw new TypeError(`credentials.${field} must be ${rule}`);
    }
    checked[field] = value;
  }
  // The fields that must be there have been found.
  return checked as Credentials;
}
