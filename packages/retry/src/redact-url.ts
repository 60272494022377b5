/**
 * Query parameters that let whoever reads them act as the signer, in all versions of the signature. Nothing is asked of what stands
 * before them: in a document it is `&amp;`, in a URL that is part of another one `%26`. There `=` is `%3D`, and `%253D` one deeper.
 */
const SECRET_PARAMETERS =
  /((?:Signature|AWSAccessKeyId|X-Amz-(?:Credential|Security-Token|S3session-Token))(?:=|%(?:25)*3D))[^&#\s"'<>]*/gi;

/** A user name and password in front of the host: all up to the last `@`, as parsers of URLs take it. */
const USER_INFORMATION = /(:\/\/)[^/?#\s]*@/g;

/**
 * Takes what is secret out of a URL, or out of a text that has URLs in it: signatures, credentials, passwords.
 *
 * @example
 * redactUrl('https://bucket.example/key?X-Amz-Signature=0123&versionId=1'); // '...?X-Amz-Signature=***&versionId=1'
 */
export function redactUrl(text: string): string {
  return text.replace(SECRET_PARAMETERS, '$1***').replace(USER_INFORMATION, '$1***@');
}
