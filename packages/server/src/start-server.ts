import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RequestHandler, refuseConnection, requestHandler } from './handle-request.ts';
import { readOptions, type ServerOptions, type Settings } from './options.ts';
import { Store } from './store.ts';

/** A running server. */
export interface S3Server {
  /** `http://host:port`, for the endpoint option of a client. */
  readonly endpoint: string;
  readonly port: number;
  /** Finishes the requests that are under way, then frees the port and the data. Harmless when called again. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Bytes of all headers of a request; S3 allows 8 KB, and some clients sign with long tokens. */
const maximumHeaderSize = 32 * 1024;

/**
 * Starts an S3 endpoint in this process.
 *
 * Without a directory the data lives in a temporary folder that is removed on close.
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
  const directory = settings.directory ?? (await mkdtemp(join(tmpdir(), 's3kit-server-')));
  const removeData = async (): Promise<void> => {
    if (settings.directory === undefined) await rm(directory, { recursive: true, force: true });
  };
  let store: Store;
  try {
    store = await Store.open(directory, settings.durable);
  } catch (error) {
    await removeData();
    throw error;
  }
  const underWay = new Set<Promise<void>>();
  const server = httpServer(settings, store, underWay);
  try {
    await listen(server, settings);
  } catch (error) {
    await store.close();
    await removeData();
    throw error;
  }
  // A server that listens on TCP has an address of this form.
  const { port } = server.address() as AddressInfo;
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host;
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= (async () => {
      const stopped = stop(server);
      // A request may outlive its connection: the client went away while it was carried out.
      await Promise.all(underWay);
      server.closeIdleConnections();
      await stopped;
      await store.close();
      await removeData();
    })();
    return closing;
  };
  return { endpoint: `http://${host}:${port}`, port, close, [Symbol.asyncDispose]: close };
}

function httpServer(settings: Settings, store: Store, underWay: Set<Promise<void>>): Server {
  const handle = requestHandler(settings, store, underWay);
  const server = createServer({
    maxHeaderSize: maximumHeaderSize,
    // An upload may take hours; what must not happen is silence, which the idle timeout ends.
    requestTimeout: 0,
    headersTimeout: settings.limits.idleTimeoutSeconds * 1000,
    keepAliveTimeout: Math.min(settings.limits.idleTimeoutSeconds, 5) * 1000,
  });
  server.setTimeout(settings.limits.idleTimeoutSeconds * 1000);
  const begin: RequestHandler = (request, response, onRead) => {
    // After a close began, a connection must not wait for more.
    if (!server.listening) response.setHeader('connection', 'close');
    handle(request, response, onRead);
  };
  server.on('request', (request, response) => begin(request, response, () => {}));
  // Only a body that is wanted is asked for: a refusal then costs the client no upload.
  server.on('checkContinue', (request, response) =>
    handle(request, response, () => response.writeContinue()),
  );
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

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}
