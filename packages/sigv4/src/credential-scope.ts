/**
 * The credential scope: the day, region and service for which a signature holds.
 *
 * @param amzDate - the request's date as `20130524T000000Z`, or its day as `20130524`
 * @see {@link https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html}
 */
export function credentialScope(amzDate: string, region: string, service: string): string {
  return `${amzDate.slice(0, 8)}/${region}/${service}/aws4_request`;
}
