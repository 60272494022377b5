import { connect } from 'node:net';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { Signer } from '@s3kit/sigv4';
import { type S3Server, type ServerOptions, startServer } from '../src/index.ts';

/** The two users of the tests; each has its own buckets. */
export const alice = { accessKeyId: 'alice', secretAccessKey: 'alice-secret' };
export const bob = { accessKeyId: 'bob', secretAccessKey: 'bob-secret' };

/** A server for tests, with small limits where S3's own would need gigabytes. */
export function testServer(options: ServerOptions = {}): Promise<S3Server> {
  return startServer({ users: [alice, bob], limits: { minimumPartSize: 1024 }, ...options });
}

/** The client of the AWS SDK, as its users set it up for another endpoint. */
export function sdk(server: S3Server, config: S3ClientConfig = {}): S3Client {
  return new S3Client({
    endpoint: server.endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: alice,
    maxAttempts: 1,
    ...config,
  });
}

/** A request as it goes over the wire: nothing about the target is changed. */
export interface RawRequest {
  method?: string;
  /** Path and query, as they are to be sent. */
  target: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  /** Who signs; null: nobody. */
  user?: typeof alice | null;
  date?: Date;
  host?: string;
  /** Stands in the place of the body's own hash. */
  payloadHash?: string;
  region?: string;
  /** The service that it is signed for. @default 's3' */
  service?: string;
}

export interface RawResponse {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
  text: string;
}

/** What a raw request needs of a server. */
export type Listener = Pick<S3Server, 'port'>;

/** The bytes of a request, signed. */
export function rawBytes(server: Listener, request: RawRequest): Buffer {
  const {
    method = 'GET',
    target,
    user = alice,
    date,
    payloadHash,
    region = 'us-east-1',
    service = 's3',
  } = request;
  const host = request.host ?? `127.0.0.1:${server.port}`;
  const body = Buffer.from(request.body ?? '');
  const [path = '', query = ''] = target.split(/\?(.*)/s);
  let headers: Record<string, string> = { host, ...request.headers };
  if (user) {
    const signer = new Signer({ region, service, credentials: user });
    const signed = signer.sign(
      {
        method,
        host,
        path,
        query,
        headers: request.headers ?? {},
        ...(payloadHash === undefined ? { body } : { payloadHash }),
      },
      date ? { date } : {},
    );
    headers = { host, ...signed.headers };
  }
  if (
    !Object.hasOwn(headers, 'content-length') &&
    (body.length > 0 || method === 'PUT' || method === 'POST')
  ) {
    headers['content-length'] = String(body.length);
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `${method} ${target} HTTP/1.1\r\n${lines.join('')}connection: close\r\n\r\n`;
  return Buffer.concat([Buffer.from(head, 'latin1'), body]);
}

/** Sends bytes as they are and reads the answer to its end. */
export function exchange(server: Listener, bytes: Buffer): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(server.port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('end', () => {
      socket.end();
      resolve(parseResponse(Buffer.concat(chunks)));
    });
  });
}

/** Signs a request and sends it over a socket of its own. */
export function raw(server: Listener, request: RawRequest): Promise<RawResponse> {
  return exchange(server, rawBytes(server, request));
}

function parseResponse(bytes: Buffer): RawResponse {
  const end = bytes.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const body = bytes.subarray(end + 4);
  return { status: Number(statusLine.split(' ')[1]), headers, body, text: body.toString() };
}

/** The code of an error document. */
export function codeOf({ text }: RawResponse): string | undefined {
  return /<Code>(.*?)<\/Code>/.exec(text)?.[1];
}

/** The name and status of the error that a client of the AWS SDK throws. */
export async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    // The SDK's errors have these two fields.
    const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
    return `${$metadata?.httpStatusCode} ${name}`;
  }
  return 'no refusal';
}
