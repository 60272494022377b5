import type { ChecksumAlgorithm } from '@s3kit/checksums';
import { errorCode } from './errors.ts';

/** Header names in lower case, each with its value. */
export type HeaderRecord = Readonly<Record<string, string>>;

/** A raw HTTP response, as it came, whatever its status. */
export interface HttpResponse {
  readonly status: number;
  readonly statusText: string;
  /** Names in lower case; repeated headers joined by ', '. */
  readonly headers: HeaderRecord;
  /** The body's text; empty when the body went to a file, or when there was none. */
  readonly body: string;
  readonly method: string;
  /** The URL that was asked, without any signature. */
  readonly url: string;
}

/** One HTTP request as a transport sends it: already signed, nothing to be added but framing. */
export interface HttpRequest {
  readonly method: string;
  readonly protocol: 'http:' | 'https:';
  readonly hostname: string;
  readonly port: number;
  /** Path and query exactly as they go on the wire. */
  readonly target: string;
  readonly headers: HeaderRecord;
  readonly body: RequestBody;
  /** True where the service should be asked, before the body goes out, whether it wants it. A transport may leave that out. */
  readonly expectContinue?: boolean | undefined;
  /** Is told of bytes of the body as they go out, where the transport can tell. */
  readonly onSent?: ((bytes: number) => void) | undefined;
  /** Where a body of 206 belongs, for a transport that can write it there by itself. */
  readonly into?: BodyDestination | undefined;
  /** True where each piece of the answer's body is needed only until the next is asked for: its memory may then be used again. */
  readonly borrows?: boolean | undefined;
  /** Is told when there is a connection to be had, and when a new one has been made, where the transport can tell. */
  readonly reached?: ((stage: 'socket' | 'connection') => void) | undefined;
}

/** A place in an open file of this process, for the bytes of one range. */
export interface BodyDestination {
  readonly descriptor: number;
  /** Where the first byte belongs. */
  readonly offset: number;
  /** Most bytes that belong there. */
  readonly length: number;
  /** Of the checksum that is wanted. */
  readonly algorithm: ChecksumAlgorithm | undefined;
  /** Is told of bytes as they are written, and of those that have to be written once more, as a negative number. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/** What a transport gives back: the head, and a body that must be read to its end or destroyed. */
export interface TransportResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: HeaderRecord;
  readonly body: AsyncIterable<Uint8Array>;
  /** What the transport has written into the request's `into`; then there is no body any more. */
  readonly written?: { readonly bytes: number; readonly checksum: string | undefined } | undefined;
  /** True where the transport has undone a Content-Encoding: the body is then not what S3 stores, and of another length. */
  readonly decoded?: boolean;
  /** True where the transport itself fails a body that ends before its announced length; then nobody else counts. @default false */
  readonly checked?: boolean;
  /** Drops what of the body has not been read, and its connection. */
  destroy(): void;
}

/**
 * One HTTP exchange. Rejects, or breaks off the body, where the network failed: with a `TransportError`, or an error of
 * the same `name` and fields, so that a transport need not depend on this package. Any other error is never retried.
 */
export type Transport = (request: HttpRequest, signal?: AbortSignal) => Promise<TransportResponse>;

/** Most connections at a time to one host, unless told otherwise. */
export const maximumConnections = 64;

/** A request's body. Both kinds can be read again, so a request can be sent again. */
export type RequestBody =
  | {
      readonly kind: 'bytes';
      readonly bytes: Uint8Array;
      readonly payloadHash?: undefined;
      /** To be called when all has arrived: the memory that holds it is then used for others. */
      readonly release?: (() => void) | undefined;
    }
  | {
      readonly kind: 'file';
      readonly file: ReadableFile;
      readonly offset: number;
      readonly length: number;
      /** What stands for it in the signature, where that is not computed from it. */
      readonly payloadHash?: string | undefined;
      readonly release?: (() => void) | undefined;
    };

/** A local file opened for reading; read by position, so that parts can be read side by side. */
export interface ReadableFile {
  readonly path: string;
  /** The bytes from `offset` on, `length` of them; rejects when the file ends before. */
  read(offset: number, length: number): AsyncIterable<Uint8Array>;
}

export const emptyBody: RequestBody = { kind: 'bytes', bytes: new Uint8Array() };

export function bytesBody(data: string | Uint8Array): RequestBody {
  return { kind: 'bytes', bytes: typeof data === 'string' ? new TextEncoder().encode(data) : data };
}

export function bodyLength(body: RequestBody): number {
  return body.kind === 'bytes' ? body.bytes.byteLength : body.length;
}

/** The network failed: no connection, a reset, a timeout, a body cut short. */
export class TransportError extends Error {
  override readonly name: string = 'TransportError';
  /** The system's code (`ECONNREFUSED`, `ECONNRESET`, `ENOTFOUND`), or `ETIMEDOUT`. */
  readonly code: string;
  readonly hostname: string;
  readonly port: number;
  /** True when a kept-alive connection turned out to be dead before any byte of an answer came. */
  readonly staleConnection: boolean;

  constructor(
    problem: string,
    fields: { code: string; hostname: string; port: number; staleConnection?: boolean | undefined },
    cause?: unknown,
  ) {
    super(`${problem} (${fields.hostname}:${fields.port})`, { cause });
    this.code = fields.code;
    this.hostname = fields.hostname;
    this.port = fields.port;
    this.staleConnection = fields.staleConnection ?? false;
  }
}

/** True for a `TransportError` of any copy of this package, or of a transport that makes its own: by `name` and `code`. */
export function isTransportError(value: unknown): value is TransportError {
  return value instanceof Error && value.name === 'TransportError' && errorCode(value) !== undefined;
}
