import { concatBytes } from './bytes.ts';
import type { Address } from './endpoint.ts';
import type { TransportResponse } from './http.ts';

// A listing of 1,000 long keys with all their XML stays below 8 MiB; anything far above is not an answer of S3's.
const maximumTextLength = 64 * 1024 * 1024;

/** A body's text. */
export async function readText(
  { body }: TransportResponse,
  address: Pick<Address, 'hostname' | 'port'>,
): Promise<string> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of body) {
    pieces.push(piece);
    length += piece.byteLength;
    if (length > maximumTextLength) throw (await import('./refusals.ts')).tooLong(address);
  }
  // At once: a decoder that goes on from piece to piece is ten times slower.
  return new TextDecoder().decode(concatBytes(pieces, length));
}
