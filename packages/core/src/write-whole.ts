import type { Connection, S3Call } from './connection.ts';
import type { RequestHeaders } from './headers.ts';
import type { HeaderRecord } from './http.ts';
import { type S3Response, toS3Response } from './responses.ts';
import type { ObjectName } from './s3-name.ts';
import { s3Uri } from './s3-uri.ts';
import type { WriteSource } from './sources.ts';

/** An object that is to be written. */
export interface ObjectWrite {
  readonly connection: Connection;
  readonly name: ObjectName;
  readonly headers: RequestHeaders;
  readonly signal: AbortSignal | undefined;
}

/** The same, with headers in lower case. */
export type CheckedWrite = ObjectWrite & { readonly headers: HeaderRecord };

/** What is there as a whole. */
export interface WholeSource {
  readonly size: number;
  /** The bytes from `start` up to `end`; all without them. */
  bytes(start?: number, end?: number): Uint8Array | Promise<Uint8Array>;
}

/** A source that need not be read first; undefined where it is a file or a stream. */
export function atHand(source: WriteSource): WholeSource | undefined {
  if (source instanceof Blob) {
    const bytes = async (start?: number, end?: number): Promise<Uint8Array> =>
      new Uint8Array(await source.slice(start, end).arrayBuffer());
    return { size: source.size, bytes };
  }
  const { text } = Object(source) as { readonly text?: unknown };
  const whole: unknown =
    typeof text === 'string'
      ? new TextEncoder().encode(text)
      : source instanceof ArrayBuffer
        ? new Uint8Array(source)
        : source;
  return whole instanceof Uint8Array
    ? { size: whole.byteLength, bytes: (start, end) => whole.subarray(start, end) }
    : undefined;
}

// Bytes: what is at hand is held by its owner anyway, and only a Blob is read for it.
const mostCounted = 2 ** 26;

/** Bytes that are held in memory of what is at hand. */
export function heldAtHand(size: number): number {
  return Math.min(size, mostCounted);
}

/**
 * Writes an object by one request, when there is room for it.
 *
 * @param held - bytes that its content holds in memory
 */
export function writeWhole(
  { connection, name, headers, signal }: ObjectWrite,
  held: number,
  contentOf: () => Promise<Pick<S3Call, 'headers' | 'body' | 'watch'>>,
): Promise<S3Response> {
  const send = async (): Promise<S3Response> => {
    const call = { method: 'PUT', headers, content: true, signal, ...name, ...(await contentOf()) } as const;
    const answer = await connection.send(call);
    return toS3Response(connection, s3Uri(name.bucket, name.key), answer);
  };
  return connection.transfers.use(held, send, signal);
}
