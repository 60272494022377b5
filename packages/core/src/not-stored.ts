import type { S3Answer } from './connection.ts';

/**
 * Refuses a success that is none of S3's, which tells the ETag of what it has stored.
 *
 * @throws {Error} with the code `ERR_S3KIT_NO_S3`
 */
export function checkStored({ response, error }: S3Answer): void {
  if (error === undefined && response.headers['etag'] === undefined) throw noS3(response);
}

/**
 * The answer, of which the document is the one that S3 answers with.
 *
 * @throws {Error} with the code `ERR_S3KIT_NO_S3`
 */
export function withDocument(answer: S3Answer, root: string): S3Answer {
  const { response, error } = answer;
  if (error === undefined && !new RegExp(`<(?:\\w+:)?${root}[\\s>]`).test(response.body))
    throw noS3(response);
  return answer;
}

function noS3({ url, body }: S3Answer['response']): Error {
  const isPage = /^\s*<(?:!doctype )?html[\s>]/i.test(body);
  const what = isPage ? 'a web page' : 'something else than S3 answers with';
  const message = `${new URL(url).origin} sent ${what}: it is no S3 endpoint, or something stands between`;
  return Object.assign(new Error(message), { code: 'ERR_S3KIT_NO_S3' });
}
