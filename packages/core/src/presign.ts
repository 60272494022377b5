import { encodeQuery } from '@s3kit/sigv4';
import { describeError } from './answer.ts';
import type { S3Call } from './connection.ts';
import type { Address } from './endpoint.ts';
import { invalidArgument } from './errors.ts';
import { normalizeHeaders } from './normalize-headers.ts';
import { queryPairs } from './query.ts';
import { s3Uri } from './s3-uri.ts';
import type { SigningOutcome } from './special-routes.ts';
import { StorageError } from './storage-error.ts';

/** A URL in the making: see `Connection.presign`. */
interface PresignedCall {
  readonly call: Pick<S3Call, 'method' | 'bucket' | 'query' | 'headers'>;
  readonly expiresIn: number;
  readonly address: Address;
  /** Undefined where the connection is anonymous. */
  readonly signing: SigningOutcome | undefined;
  readonly date: Date;
  /** Our clock, uncorrected. */
  readonly now: () => number;
}

export async function presignCall({
  call,
  expiresIn,
  address,
  signing,
  date,
  now,
}: PresignedCall): Promise<string> {
  if (signing === undefined) throw invalidArgument('an anonymous connection cannot presign a URL');
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
