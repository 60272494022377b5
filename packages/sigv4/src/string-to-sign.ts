import { isAscii, sha256Hex } from './sha256.ts';
import { ALGORITHM, linesToSign } from './signature-text.ts';

/**
 * The string to sign of a request.
 *
 * @param amzDate - the request's date as `20130524T000000Z`
 * @param scope - see `credentialScope`
 * @param request - see `canonicalRequest`
 * @param algorithm - the scheme's name; by default that of Signature Version 4
 * @see {@link https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html}
 */
export function stringToSign(
  amzDate: string,
  scope: string,
  request: string,
  algorithm: string = ALGORITHM,
): string {
  return linesToSign(algorithm, amzDate, scope, sha256Hex(wireBytes(request)));
}

/**
 * The bytes that a canonical request stands for. Only header values can hold more than ASCII, and HTTP
 * carries U+0080 to U+00FF in one byte each; that byte is what the other side sees and hashes.
 */
function wireBytes(request: string): string | Uint8Array {
  if (isAscii(request) || /[^\0-\xff]/.test(request)) return request;
  return Uint8Array.from(request, (character) => character.charCodeAt(0));
}
