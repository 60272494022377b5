import { encodeQuery, type Signer } from '@s3kit/sigv4';
import { describeError } from './answer.ts';
import type { S3Call } from './connection.ts';
import { invalidArgument } from './errors.ts';
import type { RequestHeaders } from './headers.ts';
import type { HeaderRecord } from './http.ts';
import { normalizeHeaders } from './normalize-headers.ts';
import { queryPairs } from './query.ts';
import { orRefused } from './refused-argument.ts';
import type { ConnectionInside } from './repairs.ts';
import { s3Uri } from './s3-uri.ts';
import { StorageError } from './storage-error.ts';

/** The time at the service. */
function dateOf({ connection, learnt }: ConnectionInside): Date {
  return new Date(connection.now() + learnt.clockOffset);
}

/** Makes what `Connection.presign` gives. */
export async function presignCall(
  inside: ConnectionInside,
  call: Pick<S3Call, 'method' | 'bucket' | 'key' | 'query' | 'headers'>,
  expiresIn: number,
): Promise<string> {
  const { connection, identity, addressOf, signingOf } = inside;
  const { protocol, host, path } = await addressOf(call);
  const identified = await identity.signer();
  if (identified === undefined) throw invalidArgument('an anonymous connection cannot presign a URL');
  const signing = await signingOf(call, identified);
  if ('refusal' in signing) {
    const { response, error: document } = signing.refusal;
    const detail = describeError(document, s3Uri(call.bucket), response, connection.now());
    throw StorageError.refused({ operation: 'presign', detail, response, document });
  }
  const { signer, sessionToken, region } = signing;
  const session = sessionToken === undefined ? [] : [['X-Amz-S3session-Token', sessionToken] as const];
  const whole = 'whole' in signer ? await signer.whole() : signer;
  return orRefused(() =>
    whole.presign(
      {
        method: call.method,
        protocol,
        host,
        path,
        query: encodeQuery([...queryPairs(call.query ?? {}), ...session]),
        headers: headersOfUrl(call.headers ?? {}),
      },
      { expiresIn, date: dateOf(inside), region },
    ),
  );
}

/** As others send the request, how long its body is to be can be among them. */
function headersOfUrl(headers: RequestHeaders): HeaderRecord {
  const isLength = ([name]: readonly [string, unknown]): boolean => name.toLowerCase() === 'content-length';
  const entries = Object.entries(headers);
  const others = normalizeHeaders(Object.fromEntries(entries.filter((entry) => !isLength(entry))));
  const [[, length] = []] = entries.filter(isLength);
  if (length === undefined) return others;
  if (!/^\d{1,15}$/.test(String(length)))
    throw invalidArgument('the header content-length must be a whole number of bytes');
  return { ...others, 'content-length': String(length) };
}

/** What `Connection.signing` gives. */
export async function signingForOthers(
  inside: ConnectionInside,
  bucket: string,
): Promise<{ signer: Signer; date: Date; region: string; url: string }> {
  const { identity, addressOf, signingOf } = inside;
  const identified = await identity.signer();
  if (identified === undefined) throw invalidArgument('an anonymous connection cannot sign for others');
  // A directory bucket has sessions, an access point of many regions another signature, and Object Lambda no uploads.
  if (/--xa?-s3$|^arn:[^:]+:s3(::|-object-lambda:)/.test(bucket))
    throw invalidArgument(
      `${s3Uri(bucket)}: for such a bucket, S3 takes no signature that is made for others' forms`,
    );
  const call = { method: 'POST', bucket } as const;
  const { protocol, host, path } = await addressOf(call);
  const signing = await signingOf(call, identified);
  if ('refusal' in signing || !('at' in signing.signer || 'whole' in signing.signer))
    throw invalidArgument(`${s3Uri(bucket)}: nothing can be signed for it here`);
  const { signer, region } = signing;
  return {
    signer: 'whole' in signer ? await signer.whole() : signer,
    date: dateOf(inside),
    region,
    url: `${protocol}//${host}${path}`,
  };
}
