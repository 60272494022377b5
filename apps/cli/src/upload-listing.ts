import type { Storage } from '@s3kit/core';
import { ask, documentIn, elementsOf, textOf } from './ask.ts';

/** A multipart upload that is neither completed nor aborted. */
export interface Upload {
  readonly key: string;
  readonly uploadId: string;
  readonly initiated: Date;
}

/** The unfinished uploads to keys that begin with a prefix. */
export async function* listUploads(
  storage: Storage,
  bucket: string,
  prefix: string,
  signal: AbortSignal,
): AsyncGenerator<Upload, void, undefined> {
  let from: Record<string, string> | undefined = {};
  while (from !== undefined) {
    const query: Record<string, string> = { uploads: '', prefix, 'encoding-type': 'url', ...from };
    const response = await ask(storage, 'ListMultipartUploads', { method: 'GET', bucket, query, signal });
    const page = documentIn(response, 'ListMultipartUploadsResult', ['ListMultipartUploadsResult/Upload']);
    for (const element of elementsOf(page, 'Upload'))
      yield {
        key: decoded(textOf(element, 'Key')),
        uploadId: textOf(element, 'UploadId'),
        initiated: new Date(textOf(element, 'Initiated')),
      };
    if (textOf(page, 'IsTruncated') !== 'true') return;
    const next: Record<string, string> = {
      'key-marker': decoded(textOf(page, 'NextKeyMarker')),
      'upload-id-marker': textOf(page, 'NextUploadIdMarker'),
    };
    if (next['key-marker'] === '' || JSON.stringify(next) === JSON.stringify(from))
      throw new Error('S3 says that the listing of uploads goes on, but not from where');
    from = next;
  }
}

function decoded(name: string): string {
  return decodeURIComponent(name.replaceAll('+', ' '));
}
