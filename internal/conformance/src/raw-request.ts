import { type IncomingHttpHeaders, request } from 'node:http';

/** An answer, read to its end. */
export interface RawAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** A request that is sent as it is: no library on the way that could change its path. */
export interface RawRequest {
  endpoint: string;
  method: string;
  /** Path and query. */
  target: string;
  headers: Readonly<Record<string, string>>;
  body?: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** Sends a request over plain HTTP. */
export async function sendRaw({
  endpoint,
  method,
  target,
  headers,
  body = [],
}: RawRequest): Promise<RawAnswer> {
  const { hostname, port } = new URL(endpoint);
  const outgoing = request({ hostname, port, method, path: target, headers, agent: false });
  const answered = new Promise<RawAnswer>((resolve, reject) => {
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          body: Buffer.concat(chunks).toString(),
        });
      });
    });
  });
  for await (const piece of body) {
    if (!outgoing.write(piece))
      await Promise.race([new Promise((resolve) => outgoing.once('drain', resolve)), answered]);
  }
  outgoing.end();
  return answered;
}
