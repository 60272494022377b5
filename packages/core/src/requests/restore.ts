import type { Connection } from '../connection.ts';
import { getContentMd5 } from '../content-md5.ts';
import { toDocument } from '../documents.ts';
import { bytesBody } from '../http.ts';
import { headersFor } from '../option-headers.ts';
import type { ObjectName } from '../s3-name.ts';
import type { RestoreOptions } from '../storage.ts';
import { RawS3Request } from './raw.ts';

/** Asks for a copy, for some days, of an object that is in an archive. */
export async function restoreRequest(
  connection: Connection,
  name: ObjectName,
  options: RestoreOptions,
): Promise<RawS3Request> {
  const { days, tier, versionId } = options;
  const asked = {
    Days: days === undefined ? undefined : String(days),
    GlacierJobParameters: tier === undefined ? undefined : { Tier: tier },
  };
  const document = toDocument(options.data ?? { RestoreRequest: asked }, { format: 'xml' });
  return new RawS3Request(connection, {
    ...name,
    method: 'POST',
    query: { restore: '', versionId },
    headers: { 'content-md5': getContentMd5(document), ...(await headersFor(options)) },
    body: bytesBody(document),
  });
}
