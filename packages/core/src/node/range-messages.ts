import type { ChecksumAlgorithm } from '@s3kit/checksums';
import type { HeaderRecord, HttpRequest } from '../http.ts';

/** What a thread is asked to fetch, and where its bytes belong. */
export interface RangeTask {
  readonly id: number;
  readonly request: Pick<HttpRequest, 'method' | 'protocol' | 'hostname' | 'port' | 'target' | 'headers'>;
  /** An open file of this process. */
  readonly descriptor: number;
  /** Where the first byte belongs, and how many there may be. */
  readonly offset: number;
  readonly length: number;
  readonly algorithm: ChecksumAlgorithm | undefined;
  /** Whether somebody wants to be told of the bytes as they come. */
  readonly watched: boolean;
}

/** What is said to a thread: a task, or the number of one to be given up. */
export type ToThread = RangeTask | { readonly giveUp: number };

/** What a thread says of a task. After `written`, `answered` or `failed`, it does nothing more for it. */
export type FromThread = { readonly id: number } & (
  | { readonly kind: 'reached'; readonly stage: 'socket' | 'connection' }
  /** Bytes that have been written since it was last told. */
  | { readonly kind: 'progress'; readonly bytes: number }
  | {
      readonly kind: 'written';
      readonly head: ResponseHead;
      readonly bytes: number;
      readonly checksum: string | undefined;
    }
  /** No range came; S3 said something else. */
  | { readonly kind: 'answered'; readonly head: ResponseHead; readonly body: Uint8Array }
  | { readonly kind: 'failed'; readonly error: ThreadError }
);

/** The beginning of an answer. */
export interface ResponseHead {
  readonly status: number;
  readonly statusText: string;
  readonly headers: HeaderRecord;
}

/** An error on its way between threads, which keeps nothing but these. */
export interface ThreadError {
  readonly name: string;
  readonly message: string;
  readonly code: string | undefined;
  readonly hostname: string | undefined;
  readonly port: number | undefined;
  readonly staleConnection: boolean;
}
