import { gathered } from './bytes.ts';
import type { Address } from './endpoint.ts';
import type { TransportResponse } from './http.ts';

// A listing of 1,000 long keys with all their XML stays below 8 MiB; anything far above is not an answer of S3's.
const maximumTextLength = 64 * 1024 * 1024;

/** A body's text. */
export async function readText(
  { body }: TransportResponse,
  address: Pick<Address, 'hostname' | 'port'>,
): Promise<string> {
  // Decoded at once: a decoder that goes on from piece to piece is ten times slower.
  const bytes = await gathered(body, maximumTextLength);
  if (bytes === undefined) throw (await import('./refusals.ts')).tooLong(address);
  return new TextDecoder().decode(bytes);
}
