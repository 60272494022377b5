import { concatBytes } from '../bytes.ts';
import type { RequestBody } from '../http.ts';

/** A piece of a file as `fetch` takes it: Bun and Deno have files, and browsers none. */
export async function contentOfFile({
  file,
  offset,
  length,
}: Extract<RequestBody, { kind: 'file' }>): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  for await (const piece of file.read(offset, length)) pieces.push(piece);
  return concatBytes(pieces, length);
}
