import { Worker } from 'node:worker_threads';
import { type BodyDestination, type HttpRequest, TransportError, type TransportResponse } from '../http.ts';
import type { PoolSettings } from './http1/socket-pool.ts';
import { onAbort } from './on-abort.ts';
import type { FromThread, ResponseHead, ThreadError, ToThread } from './range-messages.ts';

/** A task that a thread has, and what it comes to: undefined where the thread has died. */
interface Pending {
  readonly request: HttpRequest;
  readonly into: BodyDestination;
  counted: number;
  readonly resolve: (response: TransportResponse | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** What threads are told: all that concerns connections, but no rate, which they would have to share. */
export type ThreadSettings = Omit<PoolSettings, 'pacer'>;

/**
 * Threads that fetch ranges of large objects and write them to their places in a file, each with connections of its own. They are
 * made when there is something to do, and keep no process alive.
 */
export class RangeThreads {
  readonly #settings: ThreadSettings;
  readonly #threads: (RangeThread | undefined)[];
  #next = 0;
  #hasFailed = false;

  constructor(count: number, settings: ThreadSettings) {
    this.#settings = settings;
    this.#threads = Array.from({ length: count });
  }

  /** Has a thread make a request, and write what comes; undefined where there are no threads to be had. */
  async fetch(
    request: HttpRequest,
    into: BodyDestination,
    signal: AbortSignal | undefined,
  ): Promise<TransportResponse | undefined> {
    if (this.#hasFailed) return undefined;
    const response = await this.#thread()?.fetch(request, into, signal);
    // Where a thread has died, as for want of memory, others would too.
    if (response === undefined) this.#hasFailed = true;
    return response;
  }

  /** The next in turn; undefined where a bundler has left what runs in it behind. */
  #thread(): RangeThread | undefined {
    const turn = this.#next++ % this.#threads.length;
    try {
      this.#threads[turn] ??= new RangeThread(this.#settings);
      return this.#threads[turn];
    } catch {
      return undefined;
    }
  }

  /** Ends the threads, each when it has done what it was given; to be used again, they are made anew. */
  close(): void {
    for (const thread of this.#threads.splice(0, this.#threads.length, ...this.#threads.map(() => undefined)))
      thread?.close();
  }
}

class RangeThread {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  #isDead = false;
  #isRetired = false;

  constructor(settings: ThreadSettings) {
    this.#worker = new Worker(new URL('./range-thread.cjs', import.meta.url), {
      workerData: settings,
    });
    this.#worker.unref();
    this.#worker.on('message', (message: FromThread) => this.#take(message));
    // It ends after an error; whoever has no thread any more goes on without.
    this.#worker.on('error', () => undefined);
    this.#worker.on('exit', () => {
      this.#isDead = true;
      for (const [id, pending] of this.#pending) this.#end(id, pending, () => pending.resolve(undefined));
    });
  }

  fetch(
    request: HttpRequest,
    into: BodyDestination,
    signal: AbortSignal | undefined,
  ): Promise<TransportResponse | undefined> {
    if (this.#isDead) return Promise.resolve(undefined);
    const id = ++this.#lastId;
    const { method, protocol, hostname, port, target, headers } = request;
    const { descriptor, offset, length, algorithm } = into;
    // The thread is waited for in any case: it must not write any more when the file is closed.
    const giveUp = (): void => this.#tell({ giveUp: id });
    const callOff = onAbort(signal, giveUp);
    const answer = new Promise<TransportResponse | undefined>((resolve, reject) => {
      this.#pending.set(id, { request, into, counted: 0, resolve, reject });
      this.#worker.ref();
      this.#tell({
        id,
        request: { method, protocol, hostname, port, target, headers },
        ...{ descriptor, offset, length, algorithm, watched: into.onBytes !== undefined },
      });
      if (signal?.aborted) giveUp();
    });
    return answer
      .catch((error: unknown) => {
        throw signal?.aborted ? signal.reason : error;
      })
      .finally(callOff);
  }

  close(): void {
    this.#isRetired = true;
    this.#rest();
  }

  /** With nothing to do, it keeps no process running. */
  #rest(): void {
    if (this.#pending.size > 0) return;
    this.#worker.unref();
    if (this.#isRetired) void this.#worker.terminate();
  }

  #tell(message: ToThread): void {
    this.#worker.postMessage(message);
  }

  #take(message: FromThread): void {
    const { id } = message;
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    switch (message.kind) {
      case 'reached':
        pending.request.reached?.(message.stage);
        return;
      case 'progress':
        pending.counted += message.bytes;
        pending.into.onBytes?.(message.bytes);
        return;
      case 'written': {
        const { head, bytes, checksum } = message;
        // Of the last of them, it has not told.
        pending.into.onBytes?.(bytes - pending.counted);
        pending.counted = 0;
        this.#end(id, pending, () => pending.resolve(toResponse(head, only(), { bytes, checksum })));
        return;
      }
      case 'answered': {
        const { head, body } = message;
        this.#end(id, pending, () => pending.resolve(toResponse(head, only(body))));
        return;
      }
      case 'failed':
        this.#end(id, pending, () => pending.reject(errorOf(message.error)));
    }
  }

  #end(id: number, { into, counted }: Pending, settle: () => void): void {
    this.#pending.delete(id);
    this.#rest();
    if (counted > 0) into.onBytes?.(-counted);
    settle();
  }
}

function toResponse(
  head: ResponseHead,
  body: TransportResponse['body'],
  written?: TransportResponse['written'],
): TransportResponse {
  return { ...head, body, written, destroy: () => undefined };
}

async function* only(...chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

function errorOf({ name, message, code, hostname, port, staleConnection }: ThreadError): Error {
  if (name !== 'TransportError' || code === undefined || hostname === undefined || port === undefined)
    return Object.assign(new Error(message), code === undefined ? {} : { code });
  const suffix = ` (${hostname}:${port})`;
  const problem = message.endsWith(suffix) ? message.slice(0, -suffix.length) : message;
  return new TransportError(problem, { code, hostname, port, staleConnection });
}
