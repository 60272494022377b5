import type { Address } from './endpoint.ts';
import { TransportError, type TransportResponse } from './http.ts';

/** A response whose body fails where it ends before its announced length, for transports that do not see to that. */
export function wholeBody(
  response: TransportResponse,
  address: Pick<Address, 'hostname' | 'port'>,
): TransportResponse {
  return { ...response, body: checkedBody(response, address) };
}

async function* checkedBody(
  { body, headers, decoded }: TransportResponse,
  { hostname, port }: Pick<Address, 'hostname' | 'port'>,
): AsyncGenerator<Uint8Array> {
  let received = 0;
  for await (const chunk of body) {
    received += chunk.byteLength;
    yield chunk;
  }
  const announced = headers['content-length'] ?? received;
  if (!decoded && received !== Number(announced)) {
    throw new TransportError(`the body ended after ${received} of ${announced} bytes`, {
      code: 'ECONNRESET',
      hostname,
      port,
    });
  }
}
