/** The one algorithm of Signature Version 4 with a shared secret. */
export const ALGORITHM = 'AWS4-HMAC-SHA256';

/** The string to sign, of its four lines. */
export function linesToSign(algorithm: string, amzDate: string, scope: string, requestHash: string): string {
  return `${algorithm}\n${amzDate}\n${scope}\n${requestHash}`;
}

/** An Authorization header. */
export function authorizationOf(
  algorithm: string,
  credential: string,
  signedHeaders: string,
  signature: string,
): string {
  return `${algorithm} Credential=${credential}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
}
