import { encodeQuery, type Signer } from '@s3kit/sigv4';
import { describeError } from './answer.ts';
import type { S3Call } from './connection.ts';
import { invalidArgument } from './errors.ts';
import { normalizeHeaders } from './normalize-headers.ts';
import { queryPairs } from './query.ts';
import type { ConnectionParts } from './repairs.ts';
import { s3Uri } from './s3-uri.ts';
import { StorageError } from './storage-error.ts';

/** See `Connection.presign`. */
export async function presignCall(
  { identity, addressOf, signingOf, date, now }: ConnectionParts,
  call: Pick<S3Call, 'method' | 'bucket' | 'key' | 'query' | 'headers'>,
  expiresIn: number,
): Promise<string> {
  const address = await addressOf(call);
  const identified = await identity.signer();
  if (identified === undefined) throw invalidArgument('an anonymous connection cannot presign a URL');
  const signing = await signingOf(call, identified);
  if ('refusal' in signing) {
    const { response, error: document } = signing.refusal;
    const detail = describeError(document, s3Uri(call.bucket), response, now());
    throw StorageError.refused({ operation: 'presign', detail, response, document });
  }
  const { signer, sessionToken, region } = signing;
  const session = sessionToken === undefined ? [] : [['X-Amz-S3session-Token', sessionToken] as const];
  const { protocol, host, path } = address;
  return ('whole' in signer ? await signer.whole() : signer).presign(
    {
      method: call.method,
      protocol,
      host,
      path,
      query: encodeQuery([...queryPairs(call.query ?? {}), ...session]),
      headers: normalizeHeaders(call.headers ?? {}),
    },
    { expiresIn, date, region },
  );
}

/** Who signs what others send, when, for which region, and where it goes. */
export interface SigningForOthers {
  readonly signer: Signer;
  readonly date: Date;
  readonly region: string;
  readonly url: string;
}

/** @throws {TypeError} the connection is anonymous */
export async function signingForOthers(
  { identity, addressOf, regionOf, date }: ConnectionParts,
  bucket: string,
): Promise<SigningForOthers> {
  const identified = await identity.signer();
  if (identified === undefined) throw invalidArgument('an anonymous connection cannot sign for others');
  const { protocol, host, path } = await addressOf({ method: 'POST', bucket });
  const signer = await identified.signer.whole();
  return { signer, date, region: regionOf(bucket), url: `${protocol}//${host}${path}` };
}
