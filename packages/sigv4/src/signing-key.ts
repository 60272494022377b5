import { hmacSha256 } from './sha256.ts';

/**
 * Derives the signing key: good for one secret, day, region and service.
 *
 * @param secretAccessKey - the secret; the key is as secret as this
 * @param amzDate - the request's date as `20130524T000000Z`, or its day as `20130524`
 * @returns 32 bytes
 * @see {@link https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html}
 */
export function signingKey(
  secretAccessKey: string,
  amzDate: string,
  region: string,
  service: string,
): Uint8Array {
  const dateKey = hmacSha256(`AWS4${secretAccessKey}`, amzDate.slice(0, 8));
  const regionKey = hmacSha256(dateKey, region);
  const serviceKey = hmacSha256(regionKey, service);
  return hmacSha256(serviceKey, 'aws4_request');
}
