import { Engine } from './engine.ts';
import type { Fault } from './faults.ts';
import { type RequestSummary, readOptions, type ServerOptions, type Settings } from './options.ts';
import { Store } from './store.ts';
import { makeTemporaryFolder, removeTemporaryFolder } from './temporary-folders.ts';
import { inProcessTransport, type Transport } from './transport.ts';

/** A server that is open, whether it listens or not. */
export interface InProcessServer {
  /** Carries out signed requests without any socket: the `transport` of a connection of `@s3kit/core`. */
  readonly transport: Transport;
  /**
   * Makes something go wrong.
   *
   * @returns takes the fault away again
   * @throws {RangeError} a number that cannot be, or an operation that there is not
   * @example
   * server.inject({ operation: 'PutObject', error: { status: 503, code: 'SlowDown' }, times: 2 });
   */
  inject(fault: Fault): () => void;
  /** Collects the requests from now on, until `stop` is called. */
  record(): Recording;
  /**
   * Moves the clock ahead, and carries out what the lifecycle rules ask for at that time. Signatures are still
   * held against the clock of the options.
   *
   * @param milliseconds - how far
   * @throws {RangeError} time does not run backwards
   * @throws {Error} the server is closed
   */
  advanceClock(milliseconds: number): Promise<void>;
  /**
   * Waits for the requests under way, as {@link close} does; then removes all data and faults, and sets the clock back.
   * Requests that come meanwhile are carried out after that.
   *
   * @throws {Error} the server is closed
   */
  reset(): Promise<void>;
  /**
   * Finishes the requests that are under way, then frees the port and the data. Connections without a request are ended at
   * once, and those whose client lets `limits.closeTimeoutSeconds` go by in silence. Harmless when called again.
   */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Requests as they were answered, in order. */
export interface Recording {
  readonly requests: readonly RequestSummary[];
  stop(): void;
}

/**
 * Opens a server that no socket leads to.
 *
 * @param options - as for `startServer`; the port is not used, and the host is no more than a name behind those of buckets
 * @throws {TypeError} an option is of the wrong kind
 * @throws {RangeError} an option has an impossible value
 * @throws {Error} the directory is in use by another server
 * @example
 * const server = await openInProcess({ buckets: ['my-bucket'] });
 * const connection = new S3Connection(config, { transport: server.transport });
 */
export async function openInProcess(options: ServerOptions = {}): Promise<InProcessServer> {
  const { engine, release } = await openEngine(readOptions(options));
  return inProcessServer(engine, async () => {
    await engine.settled();
    await release();
  });
}

/** An engine, and what frees its data. */
export interface OpenedEngine {
  engine: Engine;
  release: () => Promise<void>;
}

/** @throws {Error} the directory is in use, or cannot be used */
export async function openEngine(settings: Settings): Promise<OpenedEngine> {
  const directory = settings.directory ?? (await makeTemporaryFolder());
  const removeData = async (): Promise<void> => {
    if (settings.directory === undefined) await removeTemporaryFolder(directory);
  };
  let store: Store;
  try {
    store = await Store.open(directory, settings.durable);
  } catch (error) {
    await removeData();
    throw error;
  }
  const release = async (): Promise<void> => {
    await store.close();
    await removeData();
  };
  try {
    return { engine: await Engine.open(settings, store), release };
  } catch (error) {
    await release();
    throw error;
  }
}

/** What every server can do, however it is reached. */
export function inProcessServer(engine: Engine, shutDown: () => Promise<void>): InProcessServer {
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= shutDown();
    return closing;
  };
  const checkOpen = (): void => {
    if (closing) throw new Error('the server is closed');
  };
  return {
    transport: inProcessTransport(engine),
    inject: (fault) => engine.faults.add(fault),
    record: () => {
      const requests: RequestSummary[] = [];
      const observer = (request: RequestSummary): void => void requests.push(request);
      engine.recorders.add(observer);
      return { requests, stop: () => void engine.recorders.delete(observer) };
    },
    advanceClock: async (milliseconds) => {
      checkOpen();
      await engine.advanceClock(milliseconds);
    },
    reset: async () => {
      checkOpen();
      await engine.reset();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
