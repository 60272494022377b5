import { encodeQuery, type Signer } from '@s3kit/sigv4';
import { describeError } from './answer.ts';
import type { S3Call } from './connection.ts';
import { invalidArgument } from './errors.ts';
import { normalizeHeaders } from './normalize-headers.ts';
import { queryPairs } from './query.ts';
import { orRefused } from './refused-signing.ts';
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
        headers: normalizeHeaders(call.headers ?? {}),
      },
      { expiresIn, date: dateOf(inside), region },
    ),
  );
}

/** What `Connection.signing` gives. */
export async function signingForOthers(
  inside: ConnectionInside,
  bucket: string,
): Promise<{ signer: Signer; date: Date; region: string; url: string }> {
  const { identity, addressOf, regionOf } = inside;
  const identified = await identity.signer();
  if (identified === undefined) throw invalidArgument('an anonymous connection cannot sign for others');
  const { protocol, host, path } = await addressOf({ method: 'POST', bucket });
  return {
    signer: await identified.signer.whole(),
    date: dateOf(inside),
    region: regionOf(bucket),
    url: `${protocol}//${host}${path}`,
  };
}
