import type { RequestBody } from '../http.ts';

/** Bytes of a body that are handed to the system, and told of, at once; at first, and where the line is slow. */
export const pieceSize: number = 256 * 1024;
// Each piece costs a trip through the system.
const largestPiece = 1024 * 1024;

// Milliseconds: what goes out faster may be larger, and what is slower is to be told of more often.
const fast = 20;
const slow = 200;

/** A request's body, piece by piece. */
export function piecesOf(body: RequestBody): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
  return body.kind === 'file' ? body.file.read(body.offset, body.length) : slices(body.bytes);
}

/** The next piece is asked for when the one before has gone. */
function* slices(bytes: Uint8Array): Generator<Uint8Array> {
  let size = pieceSize;
  for (let offset = 0; offset < bytes.byteLength; ) {
    const started = performance.now();
    yield bytes.subarray(offset, offset + size);
    offset += size;
    const taken = performance.now() - started;
    if (taken < fast) size = Math.min(2 * size, largestPiece);
    else if (taken > slow) size = pieceSize;
  }
}
