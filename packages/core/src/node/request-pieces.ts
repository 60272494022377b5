import type { RequestBody } from '../http.ts';

/** Bytes of a body that are handed to the system, and told of, at once. */
export const pieceSize: number = 256 * 1024;

/** A request's body, piece by piece. */
export function piecesOf(body: RequestBody): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
  return body.kind === 'file' ? body.file.read(body.offset, body.length) : slices(body.bytes);
}

function* slices(bytes: Uint8Array): Generator<Uint8Array> {
  for (let offset = 0; offset < bytes.byteLength; offset += pieceSize)
    yield bytes.subarray(offset, offset + pieceSize);
}
