import { checksumOf, toBase64 } from '@s3kit/checksums';
import { concatBytes } from './bytes.ts';

/** A message of an event stream. */
export interface EventMessage {
  /** Those that are text, which all of S3's are. */
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: Uint8Array;
}

// Bytes: a prelude of two lengths and their checksum, and the message's own checksum at its end.
const preludeLength = 12;
const overhead = 16;
// S3 sends a megabyte at most; what announces far more is no event stream.
const longestMessage = 24 * 1024 * 1024;
// The bytes of a header's value, by its type; those of a text and of bytes are told.
const valueLengths: readonly (number | undefined)[] = [0, 0, 1, 2, 4, 8, undefined, undefined, 8, 16];
const textType = 7;

/**
 * The messages in a body, each one as soon as it is whole.
 *
 * @throws {Error} a checksum that is wrong, or a body that is no event stream, or ends within a message
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/RESTSelectObjectAppendix.html}
 */
export async function* messagesIn(body: AsyncIterable<Uint8Array>): AsyncGenerator<EventMessage> {
  let pieces: Uint8Array[] = [];
  let held = 0;
  let wanted = preludeLength;
  for await (const piece of body) {
    pieces.push(piece);
    held += piece.byteLength;
    while (held >= wanted) {
      const bytes = pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : concatBytes(pieces, held);
      pieces = [bytes];
      if (wanted === preludeLength) {
        wanted = lengthOfMessage(bytes);
        continue;
      }
      yield messageIn(bytes.subarray(0, wanted));
      pieces = [bytes.subarray(wanted)];
      held -= wanted;
      wanted = preludeLength;
    }
  }
  if (held > 0) throw new Error(`the event stream ended within a message, ${held} bytes after its beginning`);
}

function lengthOfMessage(bytes: Uint8Array): number {
  const { total, headersLength } = preludeOf(bytes);
  checkChecksum(bytes.subarray(0, 8), bytes.subarray(8, preludeLength));
  if (total < overhead + headersLength || total > longestMessage)
    throw new Error(
      `a message of ${total} bytes, ${headersLength} of them headers, is none of an event stream`,
    );
  return total;
}

function messageIn(bytes: Uint8Array): EventMessage {
  const { total, headersLength } = preludeOf(bytes);
  checkChecksum(bytes.subarray(0, total - 4), bytes.subarray(total - 4));
  const payloadAt = preludeLength + headersLength;
  return {
    headers: headersIn(bytes.subarray(preludeLength, payloadAt)),
    payload: bytes.subarray(payloadAt, total - 4),
  };
}

function preludeOf(bytes: Uint8Array): { total: number; headersLength: number } {
  const view = viewOf(bytes);
  return { total: view.getUint32(0), headersLength: view.getUint32(4) };
}

function headersIn(bytes: Uint8Array): Record<string, string> {
  const view = viewOf(bytes);
  const decoder = new TextDecoder();
  const headers: Record<string, string> = {};
  for (let at = 0; at < bytes.byteLength; ) {
    const nameEnd = at + 1 + view.getUint8(at);
    const name = decoder.decode(bytes.subarray(at + 1, nameEnd));
    const type = view.getUint8(nameEnd);
    const fixed = valueLengths[type];
    const valueAt = nameEnd + (fixed === undefined ? 3 : 1);
    const valueEnd = valueAt + (fixed ?? view.getUint16(nameEnd + 1));
    if (type >= valueLengths.length || valueEnd > bytes.byteLength)
      throw new Error(`the header ${JSON.stringify(name)} of a message is malformed`);
    if (type === textType) headers[name] = decoder.decode(bytes.subarray(valueAt, valueEnd));
    at = valueEnd;
  }
  return headers;
}

function checkChecksum(bytes: Uint8Array, expected: Uint8Array): void {
  if (checksumOf('crc32', bytes) !== toBase64(expected))
    throw new Error('a message of the event stream was changed on its way: its checksum is wrong');
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
