import type { S3Call } from '../connection.ts';
import { bodyLength } from '../http.ts';

// Bytes: it costs one way to the service and back.
const worthAsking = 1024 * 1024;

// Of more, none is remembered, and one question is asked too many.
const mostBuckets = 1_000;

/** The buckets that have taken something: a large body is sent to them without asking whether it is wanted. */
export class WritableBuckets {
  readonly #buckets: Set<string> = new Set();

  /** Whether the bucket might not be there, or elsewhere, or might not take what these keys send. */
  asksFirst({ content = false, bucket = '', body }: S3Call): boolean {
    return content && body !== undefined && bodyLength(body) >= worthAsking && !this.#buckets.has(bucket);
  }

  /** A call has succeeded. */
  hasTaken({ method, bucket }: S3Call): void {
    if (method === 'GET' || method === 'HEAD' || bucket === undefined) return;
    if (this.#buckets.size >= mostBuckets) this.#buckets.clear();
    this.#buckets.add(bucket);
  }
}
