import { getContentMd5, type S3Call } from '@s3kit/core';

/** A document as the body of a request, with the checksum that S3 asks for. */
export function documentBody(text: string): Required<Pick<S3Call, 'body' | 'headers'>> {
  return {
    body: { kind: 'bytes', bytes: new TextEncoder().encode(text) },
    headers: { 'content-md5': getContentMd5(text) },
  };
}
