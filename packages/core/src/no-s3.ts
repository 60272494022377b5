import type { S3Answer } from './connection.ts';
import { webPage } from './error-document.ts';

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

/** The error of a success that is none of S3's. */
export function noS3({ url, body }: S3Answer['response']): Error {
  const what = webPage.test(body) ? 'a web page' : 'something else than S3 answers with';
  const message = `${new URL(url).origin} sent ${what}: it is no S3 endpoint, or something stands between`;
  return Object.assign(new Error(message), { code: 'ERR_S3KIT_NO_S3' });
}
