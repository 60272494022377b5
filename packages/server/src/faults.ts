import { type OperationName, operationNames } from './operation-names.ts';
import { routes } from './router.ts';

/**
 * Something that goes wrong on purpose. Which requests it is for, then what happens to them: a delay, and one of an
 * error, a reset or a cut body.
 */
export interface Fault {
  /** @default every operation */
  operation?: OperationName | undefined;
  /** @default every bucket */
  bucket?: string | undefined;
  /** @default every key */
  key?: string | undefined;
  /** How many requests pass unharmed first. @default 0 */
  skip?: number | undefined;
  /** How many requests it hits. @default 1 */
  times?: number | undefined;
  /** Milliseconds before the request is looked at. @default 0 */
  delay?: number | undefined;
  /**
   * Answers with an error instead of doing anything. A status of 200 sends the error document as S3 sends one behind
   * an early 200. Defaults: status 503, code `SlowDown`, the message that S3 has for the code.
   */
  error?:
    | { status?: number | undefined; code?: string | undefined; message?: string | undefined }
    | undefined;
  /** Ends the connection without an answer: before anything is done, or after all of it was. */
  reset?: 'before' | 'after' | undefined;
  /** Ends the connection after so many bytes of the answer's body; a shorter one is not harmed. */
  truncate?: number | undefined;
}

/** What a fault is chosen by. */
export interface FaultTarget {
  operation: OperationName;
  bucket: string;
  key: string;
}

/** The faults of a server, in the order in which they were asked for. */
export class FaultList {
  readonly #faults: Set<{ fault: Fault; seen: number }> = new Set();

  /** @returns takes the fault away again */
  add(fault: Fault): () => void {
    checkFault(fault);
    const entry = { fault, seen: 0 };
    this.#faults.add(entry);
    return () => {
      this.#faults.delete(entry);
    };
  }

  clear(): void {
    this.#faults.clear();
  }

  /** The first fault that is for a request, which counts as one of its times. */
  take(target: FaultTarget): Fault | undefined {
    for (const entry of this.#faults) {
      const { operation, bucket, key, skip = 0, times = 1 } = entry.fault;
      const hits =
        (operation ?? target.operation) === target.operation &&
        (bucket ?? target.bucket) === target.bucket &&
        (key ?? target.key) === target.key;
      if (!hits) continue;
      entry.seen += 1;
      if (entry.seen <= skip) continue;
      if (entry.seen >= skip + times) this.#faults.delete(entry);
      return entry.fault;
    }
    return undefined;
  }
}

/** @throws {RangeError} a number that cannot be, or an operation that there is not */
function checkFault({ operation, skip = 0, times = 1, delay = 0, truncate = 0, error }: Fault): void {
  // It would hit no request, and a test would pass for the wrong reason.
  if (operation !== undefined && !operationNames(routes.keys()).has(operation)) {
    throw new RangeError(`fault.operation must be one of the server, not ${JSON.stringify(operation)}`);
  }
  for (const [name, value, least] of [
    ['skip', skip, 0],
    ['times', times, 1],
    ['delay', delay, 0],
    ['truncate', truncate, 0],
    ['error.status', error?.status ?? 503, 200],
  ] as const) {
    if (!(value >= least)) throw new RangeError(`fault.${name} must be ${least} or more, not ${value}`);
  }
}
