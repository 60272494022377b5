import { redactUrl } from '@s3kit/retry';
import type { S3Answer, S3Call } from './connection.ts';
import { errorCode } from './errors.ts';
import { bodyLength, type HeaderRecord, type HttpRequest, type TransportResponse } from './http.ts';
import { tell } from './tell.ts';

/** One `send`, whatever attempts it takes: the same object in all its events. */
export interface ReportedCall {
  readonly method: string;
  readonly bucket: string | undefined;
  readonly key: string | undefined;
  /** The URL that is asked, without a signature or anything else that is secret. */
  readonly url: string;
  /** Bytes of the request's body. */
  readonly bytes: number;
}

/** What all events have. */
interface CallEvent {
  readonly call: ReportedCall;
  /** Which attempt of the call it is about: 1 is the first. */
  readonly attempt: number;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** An attempt begins. */
export interface RequestEvent extends CallEvent {
  /** What is sent, with asterisks for signatures, tokens and keys. */
  readonly headers: HeaderRecord;
}

/** How long an attempt has taken, in milliseconds; undefined where the transport does not tell. */
export interface AttemptTiming {
  /** Until there was a connection to be had: many requests share a few. */
  readonly queued: number | undefined;
  /** Until a new connection was made, TLS included, from when there was room for it; undefined also where one was used again. */
  readonly connect: number | undefined;
  /** Until the answer began. */
  readonly firstByte: number;
  /** Until the answer's body was read, or dropped. */
  readonly total: number;
}

/** An attempt was answered, whatever the status, and the answer was read, or dropped. An object is read by whoever asked for it, at leisure. */
export interface ResponseEvent extends CallEvent {
  readonly status: number;
  /** S3's ids, which its support asks for. */
  readonly requestId: string | undefined;
  readonly hostId: string | undefined;
  readonly timing: AttemptTiming;
  /** Bytes of the answer's body that have come. */
  readonly bytesReceived: number;
}

/** There is to be another attempt. */
export interface RetryEvent extends CallEvent {
  /** Milliseconds to wait before it; 0 where what was wrong could be mended. */
  readonly delay: number;
  /** What went wrong, in one line. */
  readonly problem: string;
  /** The status of the answer; undefined where there was none. */
  readonly status: number | undefined;
  /** S3's error code, or the network's. */
  readonly code: string | undefined;
}

/** A call came to nothing: S3 refused, the network failed, also while the answer was being read, or it was aborted. */
export interface ErrorEvent extends CallEvent {
  readonly message: string;
  readonly code: string | undefined;
  readonly status: number | undefined;
  readonly requestId: string | undefined;
}

/** A call is over, well or not: its answer has been read. */
export interface EndEvent extends CallEvent {
  /** Milliseconds, with all attempts, the waiting between them, and the reading of the answer. */
  readonly duration: number;
  readonly status: number | undefined;
  /** Of the error, where there was one. */
  readonly code: string | undefined;
}

/** What a connection tells. */
export interface S3Events {
  readonly request: RequestEvent;
  readonly response: ResponseEvent;
  readonly retry: RetryEvent;
  readonly error: ErrorEvent;
  readonly end: EndEvent;
}

/** Is told of events. An error thrown here is ignored: it is none of the call's. */
export type S3Listener<Name extends keyof S3Events> = (event: S3Events[Name]) => void;

/** What there is to tell of an event beside its call and time. */
type Details<Name extends keyof S3Events> = Omit<S3Events[Name], keyof CallEvent>;

const secretHeader = /^(proxy-)?authorization$|^cookie$|-token$|-customer-key$/;

/** Headers with asterisks for what is secret. */
function redactHeaders(headers: HeaderRecord): HeaderRecord {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, secretHeader.test(name) ? '***' : value]),
  );
}

/** The listeners of one connection. */
export type S3Listeners = Set<{
  readonly event: keyof S3Events;
  readonly listener: (event: never) => void;
}>;

/** Begins to tell of a call. */
export function reportOf(listeners: S3Listeners, call: S3Call, url: string, now: () => number): CallReport {
  const { method, bucket, key, body } = call;
  const bytes = body === undefined ? 0 : bodyLength(body);
  return new CallReport(listeners, { method, bucket, key, url: redactUrl(url), bytes }, now);
}

/** Tells of one call. */
export class CallReport {
  readonly #listeners: S3Listeners;
  readonly #call: ReportedCall;
  readonly #now: () => number;
  readonly #started: number = performance.now();
  #attempt = 0;
  /** The answer that is being read. */
  #open: TransportResponse | undefined;
  /** Whether the call has been answered, and ends with the reading. */
  #answered = false;

  constructor(listeners: S3Listeners, call: ReportedCall, now: () => number) {
    this.#listeners = listeners;
    this.#call = call;
    this.#now = now;
  }

  #tell<Name extends keyof S3Events>(name: Name, details: Details<Name>): void {
    // The two together are what the name promises, which the compiler cannot add up.
    const told = {
      call: this.#call,
      attempt: this.#attempt,
      time: this.#now(),
      ...details,
    } as S3Events[Name];
    for (const { event, listener } of this.#listeners) {
      if (event !== name) continue;
      try {
        // One name has one kind of listener, which the compiler does not follow.
        tell(listener as S3Listener<Name>, told);
      } catch {
        // See S3Listener.
      }
    }
  }

  /** An attempt begins. */
  attempt(headers: HeaderRecord): AttemptReport {
    const started = performance.now();
    const elapsed = (): number => performance.now() - started;
    let queued: number | undefined;
    let connect: number | undefined;
    this.#attempt++;
    this.#tell('request', { headers: redactHeaders(headers) });
    return {
      reached(stage) {
        if (stage === 'socket') queued = elapsed();
        else connect = elapsed() - (queued ?? 0);
      },
      follow: (response) => {
        const firstByte = elapsed();
        const { status, headers, written } = response;
        let bytesReceived = written?.bytes ?? 0;
        /** Only once, and not after the end. */
        const close = (failure?: { readonly error: unknown }): void => {
          if (this.#open !== response) return;
          this.#open = undefined;
          if (failure === undefined) {
            this.#tell('response', {
              status,
              requestId: headers['x-amz-request-id'],
              hostId: headers['x-amz-id-2'],
              timing: { queued, connect, firstByte, total: elapsed() },
              bytesReceived,
            });
            if (this.#answered) this.#end(status);
          } else if (this.#answered) this.failed(failure.error); // or else the attempt fails, of which the call tells
        };
        async function* counted(): AsyncGenerator<Uint8Array> {
          try {
            for await (const chunk of response.body) {
              bytesReceived += chunk.byteLength;
              yield chunk;
            }
          } catch (error) {
            close({ error });
            throw error;
          } finally {
            close();
          }
        }
        this.#open = response;
        if (written) close();
        return {
          ...response,
          body: counted(),
          destroy() {
            response.destroy();
            close();
          },
        };
      },
    };
  }

  retry(details: Details<'retry'>): void {
    this.#tell('retry', { ...details, problem: redactUrl(details.problem) });
  }

  /** The call has its answer: it ends when that has been read. */
  answered({ response, error }: Pick<S3Answer, 'response' | 'error'>): void {
    const { status } = response;
    this.#answered = true;
    if (error !== undefined) {
      const { code, message, requestId } = error;
      this.#tell('error', { message: `${code}: ${message}`, code, status, requestId });
    }
    if (this.#open === undefined) this.#end(status, error?.code);
  }

  failed(error: unknown): void {
    const { message, name } = error instanceof Error ? error : new Error(String(error));
    const code = errorCode(error);
    this.#open = undefined;
    this.#tell('error', { message: redactUrl(message), code, status: undefined, requestId: undefined });
    this.#end(undefined, code ?? name);
  }

  #end(status: number | undefined, code?: string): void {
    this.#tell('end', { duration: performance.now() - this.#started, status, code });
  }
}

/** Follows one attempt. */
export interface AttemptReport {
  /** For the transport to tell. */
  readonly reached: NonNullable<HttpRequest['reached']>;
  /** The same answer, which is told of when it has been read or dropped. */
  follow(response: TransportResponse): TransportResponse;
}
