import { fileSource } from '#files';
import { concatBytes, piecesOf } from './bytes.ts';
import { invalidArgument } from './errors.ts';
import { bytesBody, type RequestBody } from './http.ts';
import type { PartCall } from './multipart.ts';
import type { PartOptions } from './requests/write.ts';
import type { JournaledUpload } from './resume-upload.ts';
import { atHand, type CheckedWrite, heldAtHand, type WholeSource } from './write-whole.ts';

/**
 * What can be written: the path of a local file, bytes, text, a Blob, a web stream, a Node stream, or anything else that gives
 * bytes or text piece by piece. (A string is a path; text stands in an object.)
 */
export type WriteSource =
  | string
  | Uint8Array
  | ArrayBuffer
  | Blob
  | { readonly text: string }
  | AsyncIterable<Uint8Array | string>
  | ReadableStream<Uint8Array>;

/** What is being written: of a size that is known, and to be had piece by piece; or a stream, from its beginning to its end. */
export type Source = SizedSource | StreamSource;

/** What can be read at any place. */
export interface SizedSource {
  /** Bytes. */
  readonly size: number;
  /** What sends the bytes from `offset` on, `length` of them. */
  piece(offset: number, length: number): Promise<PartCall>;
  /** Bytes that a piece of a length counts in the memory of all transfers. */
  held(length: number): number;
  /**
   * Opens the journal of the upload, where there is to be one; and ends what is left of another that cannot go on.
   *
   * @param partSize - undefined where all goes in one request, and needs no journal
   */
  journal?(partSize: number | undefined): Promise<JournaledUpload | undefined>;
  /** Rejects when what was sent is no longer what there is. */
  checkUnchanged(): Promise<void>;
  close(): Promise<void>;
}

/** What comes once, and of which nobody knows how much. */
export interface StreamSource {
  readonly size: undefined;
  /** The next bytes, `length` of them, or fewer at the end. To be called again when it has answered. */
  next(length: number): Promise<RequestBody>;
  close(): Promise<void>;
}

/**
 * Opens what is to be written.
 *
 * @throws {TypeError} it is nothing that can be written
 * @throws {Error} a local file that is missing, unreadable, or not a regular file
 */
export async function openSource(
  source: WriteSource,
  write: CheckedWrite,
  options: PartOptions,
): Promise<Source> {
  if (typeof source === 'string') return fileSource(source, write, options);
  const whole = atHand(source);
  if (whole !== undefined) return wholeSource(whole);
  if (typeof source === 'object' && source !== null) {
    if (source instanceof ReadableStream) return streamSource(piecesOf(unread(source)));
    // Whoever writes a generator may fill the same memory for each piece; streams do not.
    if (Symbol.asyncIterator in source) return streamSource(unread(source), !('readableEnded' in source));
  }
  throw invalidArgument(
    'what is written must be a path, bytes, a Blob, a stream, an async iterable, or { text }',
  );
}

// Streams, and generators, that were given to a write before.
const taken = new WeakSet<object>();

/**
 * What can be read once, and has not been: of the rest of it, an object would be made that lacks the beginning, or all.
 *
 * @throws {TypeError} it was given to a write before, or has come to its end
 */
function unread<T extends object>(stream: T): T {
  const { readableEnded, destroyed, errored } = stream as { readonly [state: string]: unknown };
  // What a stream itself has failed with is told by reading it.
  if (taken.has(stream) || readableEnded === true || (destroyed === true && !errored))
    throw invalidArgument(
      'the stream was read before, or destroyed: it cannot be read again, so give each write one of its own',
    );
  if (stream instanceof ReadableStream || 'next' in stream || 'readableEnded' in stream) taken.add(stream);
  return stream;
}

async function nothing(): Promise<void> {}

function wholeSource({ size, bytes }: WholeSource): SizedSource {
  return {
    size,
    piece: async (offset, length) => ({
      body: bytesBody(await bytes(offset, offset + length)),
      content: true,
    }),
    held: heldAtHand,
    checkUnchanged: nothing,
    close: nothing,
  };
}

/**
 * A stream is gathered into pieces, each held in memory: only so can a piece be sent again.
 *
 * @param copies - whether what it has given may change when more is asked for
 */
function streamSource(stream: AsyncIterable<unknown>, copies: boolean = false): StreamSource {
  const iterator = stream[Symbol.asyncIterator]();
  let left: Uint8Array = new Uint8Array();
  let ended = false;
  return {
    size: undefined,
    async next(length) {
      const chunks: Uint8Array[] = [];
      let gathered = 0;
      while (gathered < length) {
        if (left.byteLength === 0) {
          if (ended) break;
          const { done, value } = await iterator.next();
          if (done === true) ended = true;
          else {
            const bytes = toBytes(value);
            left = copies ? new Uint8Array(bytes) : bytes;
          }
          continue;
        }
        const taken = left.subarray(0, length - gathered);
        left = left.subarray(taken.byteLength);
        chunks.push(taken);
        gathered += taken.byteLength;
      }
      const [only] = chunks;
      return bytesBody(chunks.length === 1 && only !== undefined ? only : concatBytes(chunks, gathered));
    },
    async close() {
      // Tells the stream that nobody reads on. One that hangs is not waited for.
      if (!ended) void Promise.resolve(iterator.return?.()).catch(() => undefined);
    },
  };
}

function toBytes(chunk: unknown): Uint8Array {
  if (typeof chunk === 'string') return new TextEncoder().encode(chunk);
  if (chunk instanceof Uint8Array) return chunk;
  throw invalidArgument(`a stream must give bytes or text, not ${chunk === null ? 'null' : typeof chunk}`);
}
