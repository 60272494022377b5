import type { Address } from './endpoint.ts';
import { TransportError, type TransportResponse } from './http.ts';

// A listing of 1,000 long keys with all their XML stays below 8 MiB; anything far above is not an answer of S3's.
const maximumTextLength = 64 * 1024 * 1024;

/** The body, which fails where it ends before its announced length. */
export async function* wholeBody(
  { body, headers, decoded = false }: TransportResponse,
  { hostname, port }: Pick<Address, 'hostname' | 'port'>,
): AsyncGenerator<Uint8Array> {
  let received = 0;
  for await (const chunk of body) {
    received += chunk.byteLength;
    yield chunk;
  }
  const announced = headers['content-length'];
  if (!decoded && announced !== undefined && received !== Number(announced)) {
    throw new TransportError(`the body ended after ${received} of ${announced} bytes`, {
      code: 'ECONNRESET',
      hostname,
      port,
    });
  }
}

/** A body's text. */
export async function readText(
  { body }: TransportResponse,
  address: Pick<Address, 'hostname' | 'port'>,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > maximumTextLength) {
      throw (await import('./refusals.ts')).tooLong(address);
    }
  }
  return text + decoder.decode();
}
