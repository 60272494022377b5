import { type PresignOptions, presignUrl } from './presign-url.ts';
import { type SignedRequest, signHeaders } from './sign-headers.ts';
import { SigningIdentity, type SignOverrides } from './signing-identity.ts';
import type { SigningRequest } from './signing-request.ts';

/**
 * Signs requests with AWS Signature Version 4.
 *
 * The credentials are private to the object: neither `util.inspect` nor JSON shows them. Signing keys are
 * kept per object, at most 32.
 *
 * @throws {TypeError} an option is missing or malformed
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html}
 * @example
 * const signer = new Signer({ region: 'eu-west-1', credentials: { accessKeyId, secretAccessKey } });
 * const { headers } = signer.sign({ method: 'GET', host: 's3.eu-west-1.amazonaws.com', path: '/bucket/key' });
 */
export class Signer extends SigningIdentity {
  /**
   * Signs a request by an Authorization header.
   *
   * @throws {TypeError} a part of the request is malformed
   * @throws {RangeError} `overrides.date` is invalid
   */
  sign(request: SigningRequest, overrides?: SignOverrides): SignedRequest {
    return signHeaders(this, request, overrides);
  }

  /**
   * Signs a request by its URL, which anyone can then use until it expires.
   *
   * The headers given are signed too, and have to be sent with the URL. The body is not signed, unless
   * `payloadHash` or `body` say what it is; for services other than S3, no body is signed as an empty one.
   *
   * @returns the whole URL
   * @throws {TypeError} a part of the request is malformed
   * @throws {RangeError} `expiresIn` is outside 1 to 604,800, or `date` is invalid
   * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html}
   */
  presign(request: SigningRequest, options?: PresignOptions): string {
    return presignUrl(this, request, options);
  }
}
