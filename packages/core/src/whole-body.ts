import { contentRange } from './content-range.ts';
import type { Address } from './endpoint.ts';
import { TransportError, type TransportResponse } from './http.ts';

/**
 * A response whose body fails where it is not of its announced length. Transports that see to that themselves do not know what a
 * range has to hold.
 */
export function wholeBody(
  response: TransportResponse,
  address: Pick<Address, 'hostname' | 'port'>,
): TransportResponse {
  return { ...response, body: checkedBody(response, address) };
}

async function* checkedBody(
  response: TransportResponse,
  { hostname, port }: Pick<Address, 'hostname' | 'port'>,
): AsyncGenerator<Uint8Array> {
  let received = 0;
  for await (const chunk of response.body) {
    received += chunk.byteLength;
    yield chunk;
  }
  const announced = contentRange(response)?.length ?? Number(response.headers['content-length'] ?? received);
  if (!response.decoded && received !== announced) {
    throw new TransportError(`the body ended after ${received} of ${announced} bytes`, {
      code: 'ECONNRESET',
      hostname,
      port,
    });
  }
}
