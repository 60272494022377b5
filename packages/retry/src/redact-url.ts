/** Query parameters that let whoever reads them act as the signer, in all versions of the signature. */
const SECRET_PARAMETERS =
  /([?&](?:X-Amz-(?:Signature|Credential|Security-Token|S3session-Token)|Signature|AWSAccessKeyId)=)[^&#\s"'<>]*/gi;

/** A user name and password in front of the host. */
const USER_INFORMATION = /(:\/\/)[^/?#@\s]+@/g;

/**
 * Takes what is secret out of a URL, or out of a text that has URLs in it: signatures, credentials, passwords.
 *
 * @example
 * redactUrl('https://bucket.example/key?X-Amz-Signature=0123&versionId=1'); // '...?X-Amz-Signature=***&versionId=1'
 */
export function redactUrl(text: string): string {
  return text.replace(SECRET_PARAMETERS, '$1***').replace(USER_INFORMATION, '$1***@');
}
