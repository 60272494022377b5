import type { Connection } from './connection.ts';
import { copyObject } from './copy-object.ts';
import type { RequestHeaders } from './headers.ts';
import { checkConcurrency } from './part-plan.ts';
import { ProgressMeter } from './progress.ts';
import type { CopyOptions } from './requests/copy.ts';
import { type S3Response, toS3Response } from './responses.ts';
import type { ObjectName } from './s3-name.ts';
import { s3Uri } from './s3-uri.ts';

/** Sends what a `CopyS3Request` asks. */
export async function sendCopy(
  connection: Connection,
  source: ObjectName,
  destination: ObjectName,
  headers: RequestHeaders,
  { concurrency, onProgress, sourceVersionId }: CopyOptions,
  signal: AbortSignal | undefined,
): Promise<S3Response> {
  checkConcurrency(concurrency);
  const meter = onProgress && new ProgressMeter(onProgress, () => connection.now());
  const description = {
    source: { ...source, versionId: sourceVersionId },
    destination,
    headers,
    concurrency,
    meter,
    intent: 'copy',
  } as const;
  const { answer, leftBehind } = await copyObject(connection, description, signal);
  meter?.end();
  const subject = `${s3Uri(source.bucket, source.key)} to ${s3Uri(destination.bucket, destination.key)}`;
  return toS3Response(connection, subject, answer, leftBehind);
}
