import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Connections } from './connections.ts';
import type { Engine } from './engine.ts';
import { type RequestHandler, refuseConnection, requestHandler } from './handle-request.ts';
import { type InProcessServer, inProcessServer, openEngine } from './in-process.ts';
import { readOptions, type ServerOptions, type Settings } from './options.ts';

/** A running server. */
export interface S3Server extends InProcessServer {
  /** `http://host:port`, for the endpoint option of a client. */
  readonly endpoint: string;
  readonly port: number;
}

/** Bytes of all headers of a request; S3 allows 8 KB, and some clients sign with long tokens. */
const maximumHeaderSize = 32 * 1024;

/**
 * Starts an S3 endpoint in this process.
 *
 * Without a directory the data lives in a temporary folder, removed on close or when the process ends by itself; after a signal the
 * next process that needs such a folder removes it.
 *
 * @throws {TypeError} an option is of the wrong kind
 * @throws {RangeError} an option has an impossible value
 * @throws {Error} the port cannot be had, or the directory is in use by another server
 * @example
 * const server = await startServer({ users: [{ accessKeyId: 'me', secretAccessKey: 'mine' }] });
 * console.log(server.endpoint); // http://127.0.0.1:49152
 * await server.close();
 */
export async function startServer(options: ServerOptions = {}): Promise<S3Server> {
  const settings = readOptions(options);
  const opened = await openEngine(settings);
  const { idleTimeoutSeconds, closeTimeoutSeconds } = settings.limits;
  const connections = new Connections(idleTimeoutSeconds * 1000, closeTimeoutSeconds * 1000);
  const server = httpServer(settings, opened.engine, connections);
  try {
    await listen(server, settings);
  } catch (error) {
    await opened.release();
    throw error;
  }
  // A server that listens on TCP has an address of this form.
  const { port } = server.address() as AddressInfo;
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host;
  const common = inProcessServer(opened.engine, async () => {
    const stopped = new Promise<void>((resolve) => server.close(() => resolve()));
    connections.close();
    await connections.hurry(() => stopped);
    // A request may outlive its connection: the client went away while it was carried out.
    await opened.engine.settled();
    await opened.release();
  });
  return {
    ...common,
    endpoint: `http://${host}:${port}`,
    port,
    reset: () => connections.hurry(common.reset),
  };
}

function httpServer(settings: Settings, engine: Engine, connections: Connections): Server {
  const { idleTimeoutSeconds } = settings.limits;
  const handle = requestHandler(engine, connections);
  const server = createServer({
    maxHeaderSize: maximumHeaderSize,
    // An upload may take hours; what must not happen is silence, which the idle timeout ends.
    requestTimeout: 0,
    headersTimeout: idleTimeoutSeconds * 1000,
    keepAliveTimeout: Math.min(idleTimeoutSeconds, 5) * 1000,
  });
  server.setTimeout(idleTimeoutSeconds * 1000);
  server.on('connection', (socket) => connections.opened(socket));
  const begin: RequestHandler = (request, response, onRead) => {
    connections.begin(request, response, () => {
      // After a close began, a connection must not wait for more.
      if (!server.listening) response.setHeader('connection', 'close');
      handle(request, response, onRead);
    });
  };
  server.on('request', (request, response) => begin(request, response, () => {}));
  // Only a body that is wanted is asked for: a refusal then costs the client no upload.
  server.on('checkContinue', (request, response) => begin(request, response, () => response.writeContinue()));
  // Node would refuse any other expectation without a word.
  server.on('checkExpectation', (request, response) => begin(request, response, () => {}));
  server.on('clientError', refuseConnection);
  return server;
}

function listen(server: Server, { port, host }: Settings): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
