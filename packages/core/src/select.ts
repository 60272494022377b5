import { parseXml, type XmlObject } from '@s3kit/xml/light';
import { describeError } from './answer.ts';
import { toDocument } from './documents.ts';
import { textIn } from './elements.ts';
import { invalidArgument } from './errors.ts';
import { messagesIn } from './event-stream.ts';
import { bytesBody, type HttpResponse, type TransportResponse } from './http.ts';
import { headersOf } from './object-options.ts';
import type { ByteRange } from './open-object.ts';
import type { CustomerEncryption, RequestOptions } from './option-types.ts';
import { RawS3Request } from './requests/raw.ts';
import type { ObjectName } from './s3-name.ts';
import { s3Uri } from './s3-uri.ts';
import type { StorageCalls } from './storage-calls.ts';
import { isStorageError, StorageError } from './storage-error.ts';

/** How S3 is to read or write records, in S3's own terms: one of the formats, with its settings. */
export interface RecordFormat {
  readonly CSV?: Readonly<Record<string, string>> | undefined;
  readonly JSON?: Readonly<Record<string, string>> | undefined;
}

/** What a query has cost. */
export interface SelectStats {
  /** Bytes of the object that were read. */
  readonly bytesScanned: number;
  /** Those bytes, when they are decompressed. */
  readonly bytesProcessed: number;
  /** Bytes of records. */
  readonly bytesReturned: number;
}

/** What `objectSelect` takes. */
export interface SelectOptions extends RequestOptions {
  /** The query, such as `SELECT s.name FROM S3Object s WHERE s.size > '9'`. */
  readonly expression: string;
  /** What the object is: `{ CSV: { FileHeaderInfo: 'USE' } }`, `{ JSON: { Type: 'LINES' } }`, `{ Parquet: {} }`. */
  readonly input: RecordFormat & {
    readonly Parquet?: Readonly<Record<string, string>> | undefined;
    readonly CompressionType?: 'NONE' | 'GZIP' | 'BZIP2' | undefined;
  };
  /** How the records come. @default CSV for CSV; else JSON, one a line */
  readonly output?: RecordFormat | undefined;
  /** Only the records that begin in these bytes of the object. */
  readonly scanRange?: ByteRange | undefined;
  /** The key of an object that its owner's key encrypts. */
  readonly encryption?: CustomerEncryption | undefined;
  /** Is told at the end what the query has cost. */
  readonly onStats?: ((stats: SelectStats) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const operation = 'objectSelect';

/** The records that a query picks, as they come. */
export async function* selectRecords(
  calls: StorageCalls,
  name: ObjectName,
  options: SelectOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { signal } = options;
  const uri = s3Uri(name.bucket, name.key);
  const headers = headersOf(options);
  const body = bytesBody(toDocument(documentOf(options), { format: 'xml' }));
  let answer: TransportResponse | undefined;
  const query = { select: '', 'select-type': '2' };
  const receive = async (response: TransportResponse): Promise<void> => {
    answer = response;
  };
  const { response } = await calls.call(
    operation,
    (connection) => new RawS3Request(connection, { ...name, method: 'POST', query, headers, body, receive }),
    (result) => result,
    { signal },
  );
  if (answer === undefined || response === null) throw new Error(`${uri}: S3 sent no response`);
  try {
    let hasEnded = false;
    for await (const { headers: about, payload } of messagesIn(answer.body)) {
      const event = about[':event-type'];
      if (about[':message-type'] === 'error') throw refusal(about, uri, response);
      if (event === 'Records') yield payload;
      else if (event === 'Stats') options.onStats?.(statsIn(payload));
      else if (event === 'End') hasEnded = true;
    }
    if (!hasEnded) throw new Error(`${uri}: the records ended without S3's word that these are all`);
  } catch (error) {
    throw isStorageError(error) ? error : StorageError.failed(operation, error);
  } finally {
    answer.destroy();
  }
}

function documentOf({ expression, input, output, scanRange }: SelectOptions): XmlObject {
  if (typeof expression !== 'string' || expression === '')
    throw invalidArgument('the expression of a query must be a text that is not empty');
  const { start, end } = scanRange ?? {};
  return {
    SelectObjectContentRequest: {
      Expression: expression,
      ExpressionType: 'SQL',
      InputSerialization: { ...input },
      OutputSerialization: { ...(output ?? (input.CSV === undefined ? { JSON: {} } : { CSV: {} })) },
      ScanRange:
        scanRange === undefined
          ? undefined
          : {
              Start: start === undefined ? undefined : String(start),
              End: end === undefined ? undefined : String(end),
            },
    },
  };
}

/** What S3 says when it gives up in the middle of the records. */
function refusal(
  headers: Readonly<Record<string, string>>,
  uri: string,
  response: HttpResponse,
): StorageError {
  const code = headers[':error-code'] ?? 'InternalError';
  const message = headers[':error-message'] ?? '';
  const requestId = response.headers['x-amz-request-id'];
  const document = { code, message, requestId, hostId: response.headers['x-amz-id-2'], fields: {} };
  return StorageError.refused({
    operation,
    detail: describeError(document, uri, response, Date.now()),
    response,
    document,
  });
}

function statsIn(payload: Uint8Array): SelectStats {
  const stats = parseXml(new TextDecoder().decode(payload))['Stats'];
  const count = (name: string): number => Number(textIn(stats, name) ?? 0);
  return {
    bytesScanned: count('BytesScanned'),
    bytesProcessed: count('BytesProcessed'),
    bytesReturned: count('BytesReturned'),
  };
}
