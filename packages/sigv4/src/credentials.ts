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

/**
 * Copies credentials after a check, so that what the caller does to the object later changes nothing.
 *
 * @throws {TypeError} a field is missing or empty, or cannot stand in a header; no value is repeated
 */
export function checkedCredentials(credentials: Credentials): Credentials {
  // The fields of a missing object are missing too, and the first of them is named.
  const { accessKeyId, secretAccessKey, sessionToken } = Object(credentials) as Credentials;
  // The access key id is cut out of the Authorization header again by its comma.
  if (typeof accessKeyId !== 'string' || !/^[\x21-\x2b\x2d-\x7e]+$/.test(accessKeyId)) {
    throw new TypeError(
      'credentials.accessKeyId must be visible ASCII characters, at least one, without a comma',
    );
  }
  if (typeof secretAccessKey !== 'string' || !/^[^\r\n]+$/.test(secretAccessKey)) {
    throw new TypeError('credentials.secretAccessKey must be a string, not empty, without a line break');
  }
  if (sessionToken === undefined) return { accessKeyId, secretAccessKey };
  if (typeof sessionToken !== 'string' || !/^[\x21-\x7e]+$/.test(sessionToken)) {
    throw new TypeError(
      'credentials.sessionToken must be visible ASCII characters; leave it out if there is none',
    );
  }
  return { accessKeyId, secretAccessKey, sessionToken };
}
