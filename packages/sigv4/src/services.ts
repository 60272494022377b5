import type { PathRules } from './canonical-uri.ts';

/** The signing names under which S3 answers; all of them take the path as it is, and want the payload hash. */
const S3_SERVICES: readonly string[] = ['s3', 's3-outposts', 's3-object-lambda', 's3express'];

/** The service that is meant when none is named. */
export const DEFAULT_SERVICE = 's3';

/** Whether requests to the service carry `x-amz-content-sha256`, and presigned ones leave the body unsigned. */
export function isS3Service(service: string): boolean {
  return S3_SERVICES.includes(service);
}

/** The path rules of a service. */
export function rulesOf(service: string): PathRules {
  return isS3Service(service) ? 's3' : 'general';
}
